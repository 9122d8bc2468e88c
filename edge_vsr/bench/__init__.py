"""What this box can do: the networks, the floor below them, and the whole pipeline, measured."""
