"""What a support engineer would ask a box: one module a kind of check, each returning findings."""
