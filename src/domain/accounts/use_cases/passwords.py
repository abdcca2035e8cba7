"""Changing a password, and getting back in after forgetting it."""

from pydantic import SecretStr

from domain.accounts.ports import IdentityProvider
from domain.accounts.rules import checked_password, normalise_code, normalise_email
from domain.shared.caller import Caller


class RequestPasswordReset:
    """Sends a reset code, and never tells whether there is such an account."""

    def __init__(self, identity_provider: IdentityProvider) -> None:
        self._identity_provider = identity_provider

    def __call__(self, email: str) -> None:
        """Ask for a reset code. Raises InvalidRequest if ``email`` is not an address."""
        self._identity_provider.send_reset_code(normalise_email(email))


class ResetPassword:
    """Sets a new password with a code that was sent."""

    def __init__(self, identity_provider: IdentityProvider) -> None:
        self._identity_provider = identity_provider

    def __call__(self, email: str, code: str, new_password: SecretStr) -> None:
        """Reset, and end all sign-ins, which may be those of whoever knew the old password.

        Raises InvalidRequest, InvalidCode (also for an unknown account) or WeakPassword.
        """
        address = normalise_email(email)
        self._identity_provider.reset_password(
            address, normalise_code(code), checked_password(new_password, "new_password")
        )
        self._identity_provider.sign_out_everywhere(address)


class ChangePassword:
    """Replaces the caller's password if they know the current one."""

    def __init__(self, identity_provider: IdentityProvider) -> None:
        self._identity_provider = identity_provider

    def __call__(self, caller: Caller, current_password: SecretStr, new_password: SecretStr) -> None:
        """Change. Raises InvalidRequest, InvalidCredentials or WeakPassword; the caller stays signed in."""
        current = checked_password(current_password, "current_password")
        new = checked_password(new_password, "new_password")
        self._identity_provider.verify_password(caller.username, current)
        self._identity_provider.set_password(caller.username, new)
