"""Counts the first invocation of a process."""

from functools import cache

from entrypoints.measurements import Measurement, Name
from entrypoints.measurements.embedded_metrics import embedded_metrics


@cache
def count_cold_start() -> None:
    """Count a cold start on the first call. Must be called at the beginning of each invocation."""
    embedded_metrics().add([Measurement(Name.COLD_STARTS)])
