"""An image's metadata: the document and its summary."""
