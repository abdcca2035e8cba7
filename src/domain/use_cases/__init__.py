"""The use cases: one callable class each, built on ports."""
