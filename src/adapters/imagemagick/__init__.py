"""The metadata extractor: ImageMagick's ``identify`` joined with the embedded metadata reader."""
