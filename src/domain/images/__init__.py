"""Images: uploaded, read, kept and deleted."""
