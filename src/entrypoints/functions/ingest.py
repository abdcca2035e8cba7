"""The Lambda function ``ingest``: settles images and accounts.

It is invoked with messages of an SQS queue: S3's notifications of incoming bytes, ``image.deleted`` events
of our bus, the schedule's messages, and its own. They may come late, more than once and in any order; see
:class:`domain.images.use_cases.settling.SettleImage`. A message that cannot be processed for now is
reported as failed, so that SQS delivers it again, alone.
"""

from functools import cache
from typing import Any
from urllib.parse import unquote_plus

from aws_lambda_powertools import Logger
from dependency_injector import providers

from adapters.eventbridge.event_bus import deleted_image_of_message
from adapters.s3.object_keys import image_of_incoming_key
from adapters.sqs.work_queue import asks_for_due_work, work_of_message
from domain.images.work import Work
from entrypoints.composition.image_adapters import ImageAdapters
from entrypoints.composition.ingest import IngestUseCases, ingest_use_cases
from entrypoints.composition.work_queue import QueueAdapters
from entrypoints.functions.cold_start import count_cold_start
from entrypoints.functions.initialisation import initialise
from entrypoints.functions.queue_batch import QueueMessage, process_batch, shorten_delay
from entrypoints.functions.time_limit import begin
from entrypoints.measurements import Measurement, Name, Unit
from entrypoints.measurements.embedded_metrics import embedded_metrics

_S3_READ_TIMEOUT_S = 300
"""S3 takes minutes to copy the largest images, and no client waits for this function."""

_logger = Logger(service="images-upload-api")


@cache
def _adapters() -> ImageAdapters:
    return ImageAdapters(s3_read_timeout_s=providers.Object(_S3_READ_TIMEOUT_S))


@cache
def _queue() -> QueueAdapters:
    # One deadline applies to everything that the function does.
    return QueueAdapters(deadline=_adapters().deadline)


@cache
def _use_cases() -> IngestUseCases:
    return ingest_use_cases(_adapters(), _queue())


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Process one batch of messages. Returns which of them failed."""
    begin(_adapters().deadline(), context)
    count_cold_start()
    settled: set[Work] = set()

    def process(message: dict[str, Any]) -> None:
        if asks_for_due_work(message):
            queued = _use_cases().queue_due_work()
            longest_due_s = queued.longest_due.total_seconds()
            _logger.info("Due work was queued", count=queued.count, longest_due_s=longest_due_s)
            embedded_metrics().add([Measurement(Name.OVERDUE, longest_due_s, Unit.SECONDS)])
        for work in _work_of(message):
            # Everything that the batch reports has already happened, so settling once is enough.
            if work not in settled:
                _settle(work)
                settled.add(work)

    return process_batch(event, process, _retry_early)


def _settle(work: Work) -> None:
    if work.ref:
        _use_cases().settle_image(work.ref)
        _logger.info("The image was settled", image_id=work.image_id)
    else:
        _use_cases().settle_account(work.owner_id)
        _logger.info("The deletion of an account was continued")


def _retry_early(message: QueueMessage) -> None:
    settings = _queue().settings()
    if settings.retry_early:
        shorten_delay(_queue().sqs_client(), settings.uploads_queue_url, message)


def _work_of(message: dict[str, Any]) -> list[Work]:
    """Return the work that the message requests; nothing for S3's test message."""
    own = work_of_message(message)
    deleted = deleted_image_of_message(message)
    if own or deleted:
        return [work for work in (own, deleted) if work]
    keys = [unquote_plus(told["s3"]["object"]["key"]) for told in message.get("Records", [])]
    refs = filter(None, map(image_of_incoming_key, keys))
    return [Work(ref.owner_id, ref.image_id) for ref in refs]


initialise(_use_cases)
