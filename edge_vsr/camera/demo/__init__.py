"""What the demo camera shows: a small town, drawn once, and what moves in it."""
