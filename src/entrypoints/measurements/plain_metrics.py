"""Writes the log lines of :mod:`entrypoints.measurements.embedded_metrics` without Powertools.

It is for functions that users wait for at every sign-in: importing Powertools would double their cold
start.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
"""

import json
import os
import sys
from collections.abc import Iterable
from datetime import UTC, datetime

from entrypoints.measurements import Measurement

_ANY_LEVEL = "FATAL"
"""A level that is never filtered."""


class PlainMetrics:
    """Implements :class:`entrypoints.measurements.Measurements` with standard output."""

    def add(self, measurements: Iterable[Measurement]) -> None:
        """Write a line for each measurement."""
        for measurement in measurements:
            sys.stdout.write(json.dumps(_line(measurement, datetime.now(UTC))) + "\n")
            sys.stdout.flush()


def _line(measurement: Measurement, at: datetime) -> dict[str, object]:
    service = os.environ.get("POWERTOOLS_SERVICE_NAME")
    dimensions = {**measurement.dimensions, **({"service": service} if service else {})}
    described = {
        "Namespace": os.environ.get("POWERTOOLS_METRICS_NAMESPACE", "images-upload-api"),
        "Dimensions": [list(dimensions)],
        "Metrics": [{"Name": measurement.name.value, "Unit": measurement.unit.value}],
    }
    return {
        "_aws": {"Timestamp": int(at.timestamp() * 1000), "CloudWatchMetrics": [described]},
        **dimensions,
        "level": _ANY_LEVEL,
        "timestamp": at.isoformat(timespec="milliseconds"),
        measurement.name.value: [measurement.value],
    }
