"""A run of hours in minutes: real camera code, encoder, spool and HTTP, time that runs faster, and faults by chance."""
