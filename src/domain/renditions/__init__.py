"""Smaller pictures of an image that are safe to show to others: their model, errors and port."""
