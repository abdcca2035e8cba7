"""Entrypoints: the composition root, the Lambda handlers and the local server."""
