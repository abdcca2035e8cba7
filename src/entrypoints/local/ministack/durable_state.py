"""Makes the emulator save each change before it confirms the change.

MiniStack saves the state of its services only when it is stopped. It would lose confirmed changes if it was
killed, or if the disk was full.
"""

import json
from contextvars import ContextVar
from dataclasses import dataclass, field

from entrypoints.local.asgi import AsgiApp, Message, Receive, Send, answer, header
from entrypoints.local.ministack.state_files import StateFiles

BUSES, OBJECTS, QUEUES, TABLES = "eventbridge", "s3", "sqs", "dynamodb"

_SERVICES = {
    "AWSCognitoIdentityProviderService": "cognito",
    "AmazonSQS": QUEUES,
    "AWSEvents": BUSES,
    "DynamoDB_20120810": TABLES,
}
_READING = (
    "AdminGet", "AdminList", "BatchGet", "Describe", "Get", "List", "Query", "Scan", "TransactGet",
)  # fmt: skip
_AT_LEAST_ONCE = frozenset(
    {"ReceiveMessage", "DeleteMessage", "DeleteMessageBatch", "ChangeMessageVisibility"}
)
"""Operations on queues that need not be saved, because a message may be delivered again."""
_QUEUE_CHANGES = frozenset({"PutEvents"})
"""Operations that only change the queues of subscribers."""
_OF_ITEMS = frozenset({"PutItem", "UpdateItem", "DeleteItem", "BatchWriteItem", "TransactWriteItems"})
_FAILURES = {
    "cognito": "InternalErrorException",
    BUSES: "InternalException",
    QUEUES: "InternalFailure",
    TABLES: "InternalServerError",
}


@dataclass(frozen=True, slots=True)
class Change:
    """A request that may change the state of a service."""

    service: str
    body_bytes: int
    operation: str = ""
    is_of_bucket: bool = False
    """Whether it concerns a bucket rather than an object, which has its own file."""


@dataclass(slots=True)
class Traces:
    """What a request has done so far, recorded by replaced functions of the emulator."""

    table_changes: list[str] = field(default_factory=list)
    """Entries for the tables' journal, as JSON."""
    queues_changed: bool = False
    object_lost: bool = False
    """Whether an object could not be written."""


current_traces: ContextVar[Traces | None] = ContextVar("current_traces", default=None)
"""The traces of the current request."""


class DurableState:
    """An ASGI middleware for the emulator, which holds back responses until the changes are saved."""

    def __init__(self, emulator: AsgiApp, files: StateFiles) -> None:
        self._emulator = emulator
        self._files = files

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Pass on all requests, but refuse changes if there is no space to save them."""
        change = _change(scope)
        if change is None:
            await self._emulator(scope, receive, send)
        elif not await self._files.can_keep(change.service, change.body_bytes):
            await _refuse(send, change.service)
        else:
            await self._forward(change, scope, receive, send)

    async def _forward(self, change: Change, scope: Message, receive: Receive, send: Send) -> None:
        held: list[Message] = []

        async def hold(message: Message) -> None:
            held.append(message)

        traces = Traces()
        before = current_traces.set(traces)
        try:
            await self._emulator(scope, receive, hold)
        finally:
            current_traces.reset(before)
        has_succeeded = bool(held) and held[0]["status"] < 400
        try:
            if traces.table_changes:
                await self._files.keep_entry(f"[{','.join(traces.table_changes)}]")
            if has_succeeded:
                await self._keep(change, traces)
        except OSError:
            await _refuse(send, change.service)
            return
        for message in held:
            await send(message)

    async def _keep(self, change: Change, traces: Traces) -> None:
        if traces.object_lost:
            raise OSError("An object could not be written.")
        if traces.queues_changed or change.operation in _QUEUE_CHANGES:
            await self._files.keep(QUEUES)
        if change.operation in _QUEUE_CHANGES:
            return
        if change.service == TABLES and change.operation in _OF_ITEMS:
            return  # the changes are in the journal
        if change.service != OBJECTS or change.is_of_bucket:
            await self._files.keep(change.service)


def _change(scope: Message) -> Change | None:
    if scope["type"] != "http":
        return None
    body_bytes = int(header(scope, b"content-length") or 0)
    prefix, _, operation = header(scope, b"x-amz-target").partition(".")
    if service := _SERVICES.get(prefix):
        is_kept = not operation.startswith(_READING) and operation not in _AT_LEAST_ONCE
        return Change(service, body_bytes, operation) if is_kept else None
    if prefix or scope["method"] not in {"PUT", "POST", "DELETE"} or not _is_of_storage(scope):
        return None
    return Change(OBJECTS, body_bytes, is_of_bucket="/" not in scope["path"].strip("/"))


def _is_of_storage(scope: Message) -> bool:
    """Tell whether the request is signed for S3, in a header or the URL, or is a form."""
    signed = header(scope, b"authorization") + scope["query_string"].decode("latin-1").replace("%2F", "/")
    return "/s3/aws4_request" in signed or (
        header(scope, b"content-type").startswith("multipart/form-data")
        and not scope["path"].startswith("/_")
        and ".execute-api." not in header(scope, b"host")
    )


async def _refuse(send: Send, service: str) -> None:
    if service == OBJECTS:
        body = "<Error><Code>ServiceUnavailable</Code><Message>There is no space.</Message></Error>"
        await answer(send, 503, "application/xml", body.encode())
        return
    error = {"__type": _FAILURES[service], "message": "The state cannot be saved."}
    await answer(send, 500, "application/x-amz-json-1.1", json.dumps(error).encode())
