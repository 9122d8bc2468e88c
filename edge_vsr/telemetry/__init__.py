"""What a run tells of itself to those who watch over it."""
