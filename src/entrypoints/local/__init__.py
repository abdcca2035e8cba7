"""The whole API on one machine: an embedded AWS emulator and a gateway before the Lambda handlers."""
