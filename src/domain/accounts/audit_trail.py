"""Records what happens to accounts through this API."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from domain.accounts.audit import AuditEvent, AuditEventName, address_digest
from domain.accounts.errors import WeakPassword
from domain.accounts.model import RequestSource
from domain.accounts.ports import AuditLog
from domain.shared.caller import Caller
from domain.shared.clock import Clock
from domain.shared.errors import DomainError, InvalidRequest, ServiceUnavailable


@dataclass(frozen=True, slots=True)
class AuditTrail:
    """Adds the time and the source to each event."""

    log: AuditLog
    clock: Clock

    def record(
        self, name: AuditEventName, who: Caller | str, source: RequestSource, reason: str | None = None
    ) -> None:
        """Record an event of a caller's account, or of the account with an e-mail address."""
        self.log.record(
            AuditEvent(
                name,
                self.clock(),
                user_id=who.user_id if isinstance(who, Caller) else None,
                account=None if isinstance(who, Caller) else address_digest(who),
                source_ip=source.ip_address,
                reason=reason,
            )
        )

    @contextmanager
    def recorded(
        self,
        who: Caller | str,
        source: RequestSource,
        *,
        success: AuditEventName | None = None,
        failure: AuditEventName | None = None,
    ) -> Iterator[None]:
        """Record the outcome of the ``with`` block: ``success``, or ``failure`` with the error's code.

        An invalid request, a weak new password and an unavailable service are not recorded: they are not
        failed attempts to prove an identity.
        """
        try:
            yield
        except (InvalidRequest, ServiceUnavailable, WeakPassword):
            raise
        except DomainError as error:
            if failure is not None:
                self.record(failure, who, source, error.code)
            raise
        if success is not None:
            self.record(success, who, source)
