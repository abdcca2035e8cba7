"""The audit log as JSON lines, which CloudWatch Logs keeps and Logs Insights queries by field."""

import json
from typing import TextIO

from domain.accounts.audit import AuditEvent


class JsonLinesAuditLog:
    """Implements :class:`domain.accounts.ports.AuditLog` on a text stream.

    One line for each event, an object: ``audit`` is the event's name, ``at`` its time (RFC 3339), then
    ``user_id``, ``client_id`` and ``trigger``.
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def record(self, event: AuditEvent) -> None:
        line = {
            "audit": event.name.value,
            "at": event.at.isoformat(timespec="milliseconds"),
            "user_id": event.user_id,
            "client_id": event.client_id,
            "trigger": event.trigger,
        }
        self._stream.write(json.dumps(line) + "\n")
        self._stream.flush()
