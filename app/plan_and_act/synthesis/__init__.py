"""Training data: queries, trajectories, rewards, grounded plans, expansion, replans, reasoning (paper, section 4)."""
