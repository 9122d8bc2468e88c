"""From a network's float original to INT8: with the recipe's frames, or on a box with what its own camera sees."""
