"""The whole API on one machine: an embedded AWS emulator, and a gateway in front of the Lambda handlers."""
