"""What the graph API adds: the operator's page, health, metrics, and a server of our own."""
