"""The Lambda function ``events``: publishes the changes in the records' stream.

It is invoked with batches of the table's stream, in order for each item. It publishes each event to the bus
at least once and in that order. It reports what cannot be published for now as failed, and Lambda starts
again at that record. After the last attempt, Lambda writes the record to the bucket for failures.
"""

from collections.abc import Iterator
from functools import cache
from typing import Any

from aws_lambda_powertools import Logger

from adapters.dynamodb.changes import change_of
from adapters.request_deadline import RequestDeadline
from domain.images.events import AccountChange, Event, EventPublisher, ImageChange
from domain.shared.errors import ServiceUnavailable
from entrypoints.composition.events import event_publisher
from entrypoints.composition.system_clock import utc_now
from entrypoints.functions.cold_start import count_cold_start
from entrypoints.functions.initialisation import initialise
from entrypoints.functions.time_limit import begin
from entrypoints.measurements.changes import measured
from entrypoints.measurements.embedded_metrics import embedded_metrics

_logger = Logger(service="images-upload-api")


@cache
def _deadline() -> RequestDeadline:
    return RequestDeadline()


@cache
def _publisher() -> EventPublisher:
    return event_publisher(_deadline())


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Publish the events of one batch. Returns the record at which Lambda must start again, if any.

    https://docs.aws.amazon.com/lambda/latest/dg/services-ddb-batchfailurereporting.html
    """
    begin(_deadline(), context)
    count_cold_start()
    numbered = list(_events_of(event["Records"]))
    try:
        count = _publisher().publish([told for _, told, _ in numbered])
    except ServiceUnavailable:
        _logger.warning("No event could be published", exc_info=True)
        count = 0
    for _, told, change in numbered[:count]:
        _logger.info("Published", event_type=told.type, event_id=told.event_id, image_id=told.image_id)
        if isinstance(change, ImageChange):
            embedded_metrics().add(measured(change, utc_now()))
    if count == len(numbered):
        return {"batchItemFailures": []}
    sequence_number, failed, _ = numbered[count]
    _logger.warning("The event will be published later", event_type=failed.type, event_id=failed.event_id)
    return {"batchItemFailures": [{"itemIdentifier": sequence_number}]}


def _events_of(
    stream_records: list[dict[str, Any]],
) -> Iterator[tuple[str, Event, ImageChange | AccountChange]]:
    """Yield the events that the stream's records cause, each with its record's number and change."""
    for stream_record in stream_records:
        change = change_of(stream_record)
        told = change.event() if change else None
        if change and told:
            yield stream_record["dynamodb"]["SequenceNumber"], told, change


initialise(_publisher)
