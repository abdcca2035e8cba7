"""The composition root: adapters made from settings, use cases composed from adapters."""
