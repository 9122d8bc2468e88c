"""What a picture's file says of it beside its samples, and how that goes along to another file."""
