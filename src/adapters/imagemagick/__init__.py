"""The metadata extractor and the renderer, which run ImageMagick's ``identify`` and ``convert``."""
