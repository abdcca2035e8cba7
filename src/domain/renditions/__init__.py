"""Renditions, smaller versions of an image that are safe to show to others: model, errors and port."""
