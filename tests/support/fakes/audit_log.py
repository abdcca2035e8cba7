"""An audit log in memory."""

from domain.accounts.audit import AuditEvent


class InMemoryAuditLog:
    """Keeps events in order."""

    def __init__(self) -> None:
        self.events: list[AuditEvent] = []

    def record(self, event: AuditEvent) -> None:
        self.events.append(event)
