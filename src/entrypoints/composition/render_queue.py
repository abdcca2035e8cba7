"""Composes the queue of images to render."""

from typing import TYPE_CHECKING

from dependency_injector import containers, providers

from adapters.request_deadline import RequestDeadline
from adapters.sqs.render_queue import SqsRenderQueue
from domain.images.ports import RenderQueue
from entrypoints.composition import aws_clients
from entrypoints.composition.environment import EnvironmentSettings

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient


class RenderQueueSettings(EnvironmentSettings):
    """The settings of the queue."""

    render_queue_url: str
    retry_early: bool = True
    """Whether failed messages are retried before the queue's visibility timeout ends."""


def _render_queue(client: "SQSClient", settings: RenderQueueSettings) -> RenderQueue:
    return SqsRenderQueue(client, settings.render_queue_url)


class RenderQueueAdapters(containers.DeclarativeContainer):
    """The queue and its client."""

    settings = providers.Singleton(RenderQueueSettings.from_environment)
    deadline = providers.Singleton(RequestDeadline)
    sqs_client = providers.Singleton(aws_clients.sqs_client, deadline)
    render_queue = providers.Singleton(_render_queue, sqs_client, settings)
