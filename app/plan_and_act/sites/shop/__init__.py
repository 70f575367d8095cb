"""Fennimore, an online shop for things of the house, with its back office."""
