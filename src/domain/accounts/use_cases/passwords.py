"""Changing a password, and resetting a forgotten one."""

from dataclasses import dataclass

from pydantic import SecretStr

from domain.accounts.audit import AuditEventName
from domain.accounts.audit_trail import AuditTrail
from domain.accounts.email_address import normalise_email
from domain.accounts.model import RequestSource
from domain.accounts.ports import IdentityProvider
from domain.accounts.rules import new_password, normalise_code, normalise_password
from domain.shared.caller import Caller


@dataclass(frozen=True, slots=True)
class RequestPasswordReset:
    """Sends a reset code without revealing whether there is such an account."""

    identity_provider: IdentityProvider
    audit: AuditTrail

    def __call__(self, email: str, source: RequestSource) -> None:
        """Send a reset code. Raises InvalidRequest if ``email`` is not a valid address."""
        address = normalise_email(email, self.identity_provider.limits)
        with self.audit.recorded(address, source, success=AuditEventName.PASSWORD_RESET_REQUESTED):
            self.identity_provider.send_reset_code(address)


@dataclass(frozen=True, slots=True)
class ResetPassword:
    """Sets a new password with a reset code."""

    identity_provider: IdentityProvider
    audit: AuditTrail

    def __call__(self, email: str, code: str, password: SecretStr, source: RequestSource) -> None:
        """Set the password and sign out on all devices, in case someone else knew the old password.

        Raises InvalidRequest, InvalidCode (also for an unknown account) or WeakPassword.
        """
        limits = self.identity_provider.limits
        address, given = normalise_email(email, limits), normalise_code(code)
        chosen = new_password(password, limits)
        with self.audit.recorded(
            address,
            source,
            success=AuditEventName.PASSWORD_RESET,
            failure=AuditEventName.PASSWORD_RESET_FAILED,
        ):
            self.identity_provider.reset_password(address, given, chosen)
        self.identity_provider.sign_out_everywhere(address)


@dataclass(frozen=True, slots=True)
class ChangePassword:
    """Replaces the caller's password if they know the current one."""

    identity_provider: IdentityProvider
    audit: AuditTrail

    def __call__(
        self, caller: Caller, current_password: SecretStr, password: SecretStr, source: RequestSource
    ) -> None:
        """Change the password; the caller stays signed in.

        Raises InvalidRequest, InvalidCredentials or WeakPassword.
        """
        limits = self.identity_provider.limits
        current = normalise_password(current_password, limits, "current_password")
        chosen = new_password(password, limits)
        with self.audit.recorded(
            caller,
            source,
            success=AuditEventName.PASSWORD_CHANGED,
            failure=AuditEventName.PASSWORD_CHANGE_FAILED,
        ):
            self.identity_provider.verify_password(caller.username, current, source)
            self.identity_provider.set_password(caller.username, chosen)
