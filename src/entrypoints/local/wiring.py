"""Connects the functions on this machine to the gateway and to their other event sources.

``invoke`` runs a function, in the server's worker processes or in a test's own process.
"""

import asyncio
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit

from starlette.applications import Starlette

from entrypoints.http.service_routes import read_description
from entrypoints.http.web_page import ROUTES
from entrypoints.local.authorizer import JwtAuthorizer
from entrypoints.local.emulator import CREDENTIALS, Emulator
from entrypoints.local.event_printer import EventPrinter
from entrypoints.local.gateway import Invoke, create_gateway
from entrypoints.local.polling import QueuePoller
from entrypoints.local.provisioning import VISIBILITY_TIMEOUT_S, Resources
from entrypoints.local.repeated_notifications import RepeatedNotifications
from entrypoints.local.schedule import Schedule
from entrypoints.local.streaming import StreamFiles, StreamPoller
from entrypoints.local.webhook import Webhook

STREAM_POSITION_FILE = "stream-position"
_OF_IMAGES = ("LOCATION", "RENDITIONS")
"""Settings that other programs, such as ``make rebuild-records``, also need."""
UNPUBLISHED_CHANGES_FILE = "unpublished-changes.jsonl"


class Runner(Protocol):
    """A task that runs alongside the gateway."""

    async def run(self, stopped: asyncio.Event) -> None:
        """Run until ``stopped`` is set."""


def function_environment(endpoint_url: str, resources: Resources) -> dict[str, str]:
    """Return the variables that Terraform sets in AWS, and those that select the emulator."""
    return {
        **CREDENTIALS,
        **{name: value for name, value in os.environ.items() if name.startswith("AWS_ENDPOINT_URL_")},
        **{name: os.environ[name] for name in _OF_IMAGES if name in os.environ},
        "AWS_ENDPOINT_URL": endpoint_url,
        "USER_POOL_ID": resources.user_pool_id,
        "USER_POOL_CLIENT_ID": resources.user_pool_client_id,
        "IMAGES_BUCKET": resources.images_bucket,
        "RECORDS_TABLE": resources.records_table,
        "EVENT_BUS": resources.event_bus,
        "UPLOADS_QUEUE_URL": resources.queue_url,
        "RENDER_QUEUE_URL": resources.render_queue_url,
        "RETRY_EARLY": "false",
        "DUE_RETRY_S": str(VISIBILITY_TIMEOUT_S),
        "STORAGE_ORIGIN": _origin(_storage_url(endpoint_url)),
    }


def authorizer(emulator: Emulator, resources: Resources) -> JwtAuthorizer:
    """Create the authorizer for tokens of the user pool's clients."""
    return JwtAuthorizer(
        resources.issuer,
        f"{emulator.endpoint_url}/{resources.user_pool_id}/.well-known/jwks.json",
        frozenset({resources.user_pool_client_id, resources.public_client_id}),
    )


def gateway(
    emulator: Emulator,
    tokens: JwtAuthorizer,
    invoke: Invoke,
    after_response: Callable[[str], None] = lambda _: None,
) -> Starlette:
    """Create the gateway. It calls ``after_response`` with the name of each function that has responded."""
    return create_gateway(
        json.loads(read_description()),
        tokens,
        invoke,
        other_routes=dict.fromkeys(ROUTES, "web"),
        after_response=after_response,
        is_healthy=emulator.is_alive,
    )


def runners(
    emulator: Emulator,
    resources: Resources,
    invoke: Invoke,
    state_dir: Path,
    say: Callable[[str], None],
    webhook: Webhook | None = None,
) -> tuple[Runner, ...]:
    """Create the tasks that run alongside the gateway: the pollers of the other event sources.

    ``say`` prints the events that the functions publish; they are also posted to ``webhook``, if given.
    """
    queues = emulator.client("sqs")
    return (
        QueuePoller(queues, resources.queue_url, resources.queue_arn, invoke, "ingest"),
        QueuePoller(queues, resources.render_queue_url, resources.render_queue_arn, invoke, "render"),
        StreamPoller(
            emulator.client("dynamodbstreams"),
            resources.records_stream_arn,
            StreamFiles(state_dir / STREAM_POSITION_FILE, state_dir / UNPUBLISHED_CHANGES_FILE),
            invoke,
        ),
        Schedule(queues, resources.queue_url),
        RepeatedNotifications(emulator.client("s3"), resources.images_bucket, queues, resources.queue_url),
        EventPrinter(queues, resources.printed_queue_url, say, webhook),
    )


def _storage_url(endpoint_url: str) -> str:
    """Return the endpoint in presigned URLs."""
    names = ("S3_PUBLIC_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3")
    return next(filter(None, map(os.environ.get, names)), endpoint_url)


def _origin(url: str) -> str:
    """Return the scheme, host and port of a URL (RFC 6454)."""
    split = urlsplit(url)
    return f"{split.scheme}://{split.netloc}"
