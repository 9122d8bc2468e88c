"""A camera, an encoder, a spool and a link, all of numbers, with the real policy and time that is a number too."""
