"""The ports of the accounts wing."""

from typing import Protocol

from pydantic import SecretStr

from domain.accounts.audit import AuditEvent
from domain.accounts.model import (
    Challenge,
    ChallengeAnswer,
    DirectoryLimits,
    ProfilePatch,
    RegisteredUser,
    Registration,
    RequestSource,
    Tokens,
    UserProfile,
)


class IdentityProvider(Protocol):
    """A directory of users that issues and refreshes their tokens.

    Callers pass e-mail addresses and passwords normalised and within ``limits``.
    """

    @property
    def limits(self) -> DirectoryLimits:
        """The longest values that the directory accepts."""
        ...

    def register(self, registration: Registration) -> RegisteredUser:
        """Create an unconfirmed account and send its confirmation code.

        Raises UserAlreadyExists, WeakPassword, RegistrationNotAllowed or InvalidRequest.
        """
        ...

    def confirm(self, email: str, code: str) -> None:
        """Confirm an account with the code that was sent to it.

        Raises InvalidCode (also for an unknown or already confirmed account), ExpiredCode, or
        UserAlreadyExists if another account has confirmed this address in the meantime.
        """
        ...

    def resend_confirmation_code(self, email: str) -> None:
        """Send a new code if there is an unconfirmed account; otherwise silently do nothing."""
        ...

    def authenticate(self, email: str, password: SecretStr, source: RequestSource) -> Tokens | Challenge:
        """Sign in. The parameters of an MFA_SETUP challenge include a new ``secret`` in base 32.

        Raises InvalidCredentials (the same, after a similar time, for an unknown or disabled user),
        UserNotConfirmed, PasswordResetRequired, or TooManyRequests during a lockout.
        """
        ...

    def answer_challenge(self, answer: ChallengeAnswer, source: RequestSource) -> Tokens | Challenge:
        """Continue a sign-in. Raises ChallengeFailed or, for a new password, WeakPassword.

        A session is valid once, for the user and the challenge that it was issued for.
        """
        ...

    def refresh(self, refresh_token: SecretStr) -> Tokens:
        """Issue new access and ID tokens. Raises InvalidRefreshToken."""
        ...

    def revoke(self, refresh_token: SecretStr) -> None:
        """Revoke this refresh token; an invalid token is not an error (RFC 7009)."""
        ...

    def sign_out_everywhere(self, username: str) -> None:
        """Revoke all refresh tokens of this user, named by username or e-mail address, if they exist.

        Access and ID tokens already issued remain valid wherever only their signature is verified.
        """
        ...

    def send_reset_code(self, email: str) -> None:
        """Send a code for a new password if there is a confirmed account; else silently do nothing."""
        ...

    def reset_password(self, email: str, code: str, new_password: SecretStr) -> None:
        """Set a new password with the code from :meth:`send_reset_code`.

        Raises InvalidCode, the same for an expired code and an unknown account, or WeakPassword.
        """
        ...

    def verify_password(self, username: str, password: SecretStr, source: RequestSource) -> None:
        """Return if this is the user's password, leaving no sign-in. Raises InvalidCredentials."""
        ...

    def set_password(self, username: str, password: SecretStr) -> None:
        """Replace the user's password. Raises WeakPassword or UserNotFound."""
        ...

    def get_profile(self, username: str) -> UserProfile:
        """Read the account with this username (see :class:`Caller`). Raises UserNotFound."""
        ...

    def update_profile(self, username: str, patch: ProfilePatch) -> None:
        """Change an account. Raises UserNotFound."""
        ...

    def delete_user(self, username: str) -> None:
        """Delete an account and revoke its refresh tokens. A missing account is not an error."""
        ...

    def start_totp_enrolment(self, access_token: SecretStr) -> SecretStr:
        """Create a new secret for one-time passwords, in base 32. The old one works until verification.

        This method and the next two raise AccessTokenRequired if the token is no longer accepted,
        UserNotFound if its user is gone, PasswordResetRequired, or PermissionDenied if the directory
        does not let users choose a second factor.
        """
        ...

    def verify_totp(self, access_token: SecretStr, code: str) -> None:
        """Activate the new secret if ``code`` proves that the user has it. Raises InvalidCode."""
        ...

    def disable_totp(self, access_token: SecretStr) -> None:
        """Turn TOTP off."""
        ...


class AuditLog(Protocol):
    """Records security-relevant events."""

    def record(self, event: AuditEvent) -> None:
        """Record the event."""
        ...


class PersonalData(Protocol):
    """All data stored for a user besides the account."""

    def begin_deletion(self, owner_id: str) -> None:
        """Refuse new data for the user with this id, and begin to remove all existing data.

        Returns before the data is removed. The removal continues after any failure. Calls are idempotent.
        """
        ...
