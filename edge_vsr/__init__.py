"""Camera to uplink with super-resolution, for small boxes at the end of thin links."""

__version__ = "0.1.0"
