"""From what was sent to the super-resolved picture: single pictures, folders of them, and video files."""
