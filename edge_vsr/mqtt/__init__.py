"""Status and stills to an MQTT broker, and the few commands that are allowed from it."""
