"""What the directory asks at its own turning points: before a sign-up, after a sign-in, before tokens."""

from collections.abc import Iterable

from domain.accounts.audit import AuditEvent, AuditEventName
from domain.accounts.permissions import PermissionGrants
from domain.accounts.ports import AuditLog
from domain.accounts.registration_policy import RegistrationPolicy
from domain.accounts.rules import normalise_email
from domain.shared.clock import Clock


class AdmitRegistration:
    """Decides whether a new account may be created, however it comes about."""

    def __init__(self, policy: RegistrationPolicy) -> None:
        self._policy = policy

    def __call__(self, email: str) -> None:
        """Return if this address may register. Raises RegistrationNotAllowed or InvalidRequest."""
        self._policy.check(normalise_email(email))


class RecordSignIn:
    """Keeps an audit trail of sign-ins."""

    def __init__(self, audit_log: AuditLog, clock: Clock) -> None:
        self._audit_log = audit_log
        self._clock = clock

    def __call__(self, user_id: str, client_id: str, trigger: str) -> None:
        """Record that a user has signed in."""
        self._audit_log.record(
            AuditEvent(AuditEventName.USER_SIGNED_IN, self._clock(), user_id, client_id, trigger)
        )


class ClaimPermissions:
    """Tells what a user's new tokens shall say of their permissions."""

    def __init__(self, grants: PermissionGrants) -> None:
        self._grants = grants

    def __call__(self, groups: Iterable[str]) -> dict[str, str]:
        """The claims to add for a user in ``groups``.

        ``permissions`` is one string, sorted and separated by spaces as ``scope`` is (RFC 8693 §4.2),
        because gateways and older token versions pass no other type on.
        """
        return {"permissions": " ".join(sorted(self._grants.held_in(groups)))}
