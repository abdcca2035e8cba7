"""Use cases that the directory triggers: before a sign-up, after a sign-in, before issuing tokens.

The directory waits for them at every sign-in, so they import no model or port that they do not need.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from domain.accounts.audit import AuditEvent, AuditEventName
from domain.accounts.email_address import normalise_email
from domain.accounts.permissions import PermissionGrants
from domain.accounts.registration_policy import RegistrationPolicy
from domain.shared.clock import Clock

if TYPE_CHECKING:
    from domain.accounts.ports import AuditLog


@dataclass(frozen=True, slots=True)
class AdmitRegistration:
    """Decides whether a new account may be created, however the user signs up."""

    policy: RegistrationPolicy

    def __call__(self, email: str) -> None:
        """Return if this address may register. Raises RegistrationNotAllowed or InvalidRequest."""
        self.policy.check(normalise_email(email))


@dataclass(frozen=True, slots=True)
class RecordSignIn:
    """Records sign-ins in the audit log."""

    audit_log: "AuditLog"
    clock: Clock

    def __call__(self, user_id: str, client_id: str, trigger: str) -> None:
        """Record that a user has signed in."""
        self.audit_log.record(
            AuditEvent(
                AuditEventName.USER_SIGNED_IN,
                self.clock(),
                user_id=user_id,
                client_id=client_id,
                trigger=trigger,
            )
        )


@dataclass(frozen=True, slots=True)
class AddPermissionClaims:
    """Determines the permission claims of a user's new tokens."""

    grants: PermissionGrants

    def __call__(self, groups: Iterable[str]) -> dict[str, str]:
        """Return the claims to add for a user in ``groups``.

        ``permissions`` is a sorted, space-separated string, like ``scope`` (RFC 8693 §4.2), because not
        every consumer of a token accepts claims of another type.
        """
        return {"permissions": " ".join(sorted(self.grants.held_in(groups)))}
