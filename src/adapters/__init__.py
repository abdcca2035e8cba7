"""Adapters: implementations of the domain's ports on AWS services and ImageMagick."""
