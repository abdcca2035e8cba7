"""Adapters: implementations of the domain's ports on Cognito, S3 and ImageMagick."""
