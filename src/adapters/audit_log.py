"""Writes the audit log as JSON lines, which CloudWatch Logs stores and Logs Insights queries by field."""

import json
from typing import TextIO

from domain.accounts.audit import AuditEvent

_ANY_LEVEL = "FATAL"


class JsonLinesAuditLog:
    """Implements :class:`domain.accounts.ports.AuditLog` on a text stream.

    Each event is one JSON object on one line: ``audit`` is its name, ``timestamp`` its time (RFC 3339), and
    the event's other fields follow if they are set. The ``level`` is one that is never filtered: Lambda
    treats a line without a level or a time as INFO and may drop it.

    https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-log-level.html
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def record(self, event: AuditEvent) -> None:
        line = {
            "audit": event.name.value,
            "level": _ANY_LEVEL,
            "timestamp": event.at.isoformat(timespec="milliseconds"),
            "user_id": event.user_id,
            "account": event.account,
            "client_id": event.client_id,
            "trigger": event.trigger,
            "source_ip": event.source_ip,
            "reason": event.reason,
        }
        line = {name: value for name, value in line.items() if value is not None}
        self._stream.write(json.dumps(line) + "\n")
        self._stream.flush()
