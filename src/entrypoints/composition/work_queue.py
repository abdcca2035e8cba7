"""Composes the queue of work, which the function that receives from it also sends to."""

from typing import TYPE_CHECKING

from dependency_injector import containers, providers

from adapters.request_deadline import RequestDeadline
from adapters.sqs.work_queue import SqsWorkQueue
from domain.images.ports import WorkQueue
from entrypoints.composition import aws_clients
from entrypoints.composition.environment import EnvironmentSettings

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient


class QueueSettings(EnvironmentSettings):
    """The settings of the queue."""

    uploads_queue_url: str
    retry_early: bool = True
    """Whether failed messages are retried before the queue's visibility timeout ends."""


def _work_queue(client: "SQSClient", settings: QueueSettings) -> WorkQueue:
    return SqsWorkQueue(client, settings.uploads_queue_url)


class QueueAdapters(containers.DeclarativeContainer):
    """The queue of work and its client."""

    settings = providers.Singleton(QueueSettings.from_environment)
    deadline = providers.Singleton(RequestDeadline)
    sqs_client = providers.Singleton(aws_clients.sqs_client, deadline)
    work_queue = providers.Singleton(_work_queue, sqs_client, settings)
