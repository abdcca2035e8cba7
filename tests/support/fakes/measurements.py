"""Measurements in memory."""

from collections.abc import Iterable

from entrypoints.measurements import Measurement


class InMemoryMeasurements:
    """Implements :class:`entrypoints.measurements.Measurements`."""

    def __init__(self) -> None:
        self.added: list[Measurement] = []

    def add(self, measurements: Iterable[Measurement]) -> None:
        self.added += measurements
