"""The Lambda function ``render``: makes the renditions of ready images.

It is invoked with messages of an SQS queue: ``image.ready`` events of our bus, and our own messages, which
request missing renditions. They may come late, more than once and in any order; see
:class:`domain.images.use_cases.rendering.RenderImage`.
"""

from functools import cache
from typing import Any

from aws_lambda_powertools import Logger
from dependency_injector import providers

from adapters.eventbridge.event_bus import ready_image_of_message
from adapters.sqs.render_queue import image_of_render_message
from domain.images.use_cases.rendering import RenderImage
from entrypoints.composition.render import RenderAdapters, render_image
from entrypoints.composition.render_queue import RenderQueueAdapters
from entrypoints.functions.cold_start import count_cold_start
from entrypoints.functions.initialisation import initialise
from entrypoints.functions.queue_batch import QueueMessage, process_batch, shorten_delay
from entrypoints.functions.time_limit import begin

_S3_READ_TIMEOUT_S = 30
"""No client waits for this function, but it has only two minutes for everything that it does."""

_logger = Logger(service="images-upload-api")


@cache
def _adapters() -> RenderAdapters:
    return RenderAdapters(s3_read_timeout_s=providers.Object(_S3_READ_TIMEOUT_S))


@cache
def _queue() -> RenderQueueAdapters:
    # One deadline applies to everything that the function does.
    return RenderQueueAdapters(deadline=_adapters().deadline)


@cache
def _use_case() -> RenderImage:
    return render_image(_adapters())


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Process one batch of messages. Returns which of them failed."""
    begin(_adapters().deadline(), context)
    count_cold_start()
    return process_batch(event, _process, _retry_early)


def _process(message: dict[str, Any]) -> None:
    ref = ready_image_of_message(message) or image_of_render_message(message)
    if ref:
        _use_case()(ref)
        _logger.info("The image was rendered", image_id=ref.image_id)


def _retry_early(message: QueueMessage) -> None:
    settings = _queue().settings()
    if settings.retry_early:
        shorten_delay(_queue().sqs_client(), settings.render_queue_url, message)


initialise(_use_case)
