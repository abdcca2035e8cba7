"""Writes measurements as log lines, from which CloudWatch extracts metrics.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
"""

import os
from collections.abc import Iterable
from datetime import UTC, datetime
from functools import cache

from aws_lambda_powertools import single_metric
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.shared.constants import METRICS_NAMESPACE_ENV

from entrypoints.measurements import Measurement, Measurements

_ANY_LEVEL = "FATAL"
"""A level that is never filtered: Lambda treats a line without a level as INFO and may drop it.

https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-log-level.html
"""


class EmbeddedMetrics:
    """Implements :class:`entrypoints.measurements.Measurements` with standard output.

    Powertools' environment variables set the metrics' namespace and, as ``service``, the function.
    """

    def __init__(self) -> None:
        self._namespace = os.environ.get(METRICS_NAMESPACE_ENV, "images-upload-api")

    def add(self, measurements: Iterable[Measurement]) -> None:
        """Write a line for each measurement."""
        for measurement in measurements:
            unit = MetricUnit(measurement.unit)
            with single_metric(
                measurement.name, unit=unit, value=measurement.value, namespace=self._namespace
            ) as metric:
                for name, value in measurement.dimensions.items():
                    metric.add_dimension(name, value)
                metric.add_metadata("level", _ANY_LEVEL)
                metric.add_metadata("timestamp", datetime.now(UTC).isoformat(timespec="milliseconds"))


@cache
def embedded_metrics() -> Measurements:
    """Return the measurements of this process."""
    return EmbeddedMetrics()
