"""What accounts need from the outside world."""

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
    """A directory of users that issues and renews their tokens.

    E-mail addresses and passwords are normalised, and within the directory's ``limits``.
    """

    @property
    def limits(self) -> DirectoryLimits:
        """How long what it keeps may be."""
        ...

    def register(self, registration: Registration) -> RegisteredUser:
        """Create an unconfirmed account and send its confirmation code.

        Raises UserAlreadyExists, WeakPassword, RegistrationNotAllowed or InvalidRequest.
        """
        ...

    def confirm(self, email: str, code: str) -> None:
        """Confirm an account with the code that was sent to it.

        Raises InvalidCode (also for an unknown or an already confirmed account), ExpiredCode, or
        UserAlreadyExists if another account has confirmed this address meanwhile.
        """
        ...

    def resend_confirmation_code(self, email: str) -> None:
        """Send a new code if there is an unconfirmed account; otherwise do nothing, silently."""
        ...

    def authenticate(self, email: str, password: SecretStr, source: RequestSource) -> Tokens | Challenge:
        """Sign in. A challenge MFA_SETUP has a new ``secret``, in base 32, among its parameters.

        Raises InvalidCredentials (the same, after a like time, for an unknown or a disabled user),
        UserNotConfirmed, PasswordResetRequired, or TooManyRequests during a lockout.
        """
        ...

    def answer_challenge(self, answer: ChallengeAnswer, source: RequestSource) -> Tokens | Challenge:
        """Go on with a sign-in. Raises ChallengeFailed or, of a new password, WeakPassword.

        A session is good once, and for the user and the challenge that it was issued for.
        """
        ...

    def refresh(self, refresh_token: SecretStr) -> Tokens:
        """New access and ID tokens. Raises InvalidRefreshToken."""
        ...

    def revoke(self, refresh_token: SecretStr) -> None:
        """End the sign-in that this token renews; a token that isn't valid is no error (RFC 7009)."""
        ...

    def sign_out_everywhere(self, username: str) -> None:
        """End all sign-ins of this user, named by username or e-mail address, if there is one.

        Access and ID tokens that were issued stay good for whoever verifies them by signature alone.
        """
        ...

    def send_reset_code(self, email: str) -> None:
        """Send a code for a new password if there is a confirmed account; else do nothing, silently."""
        ...

    def reset_password(self, email: str, code: str, new_password: SecretStr) -> None:
        """Set a new password with the code that was sent.

        Raises InvalidCode, the same for an expired code and an unknown account, or WeakPassword.
        """
        ...

    def verify_password(self, username: str, password: SecretStr, source: RequestSource) -> None:
        """Return if this is the user's password; no sign-in remains. Raises InvalidCredentials."""
        ...

    def set_password(self, username: str, password: SecretStr) -> None:
        """Replace the user's password. Raises WeakPassword or UserNotFound."""
        ...

    def get_profile(self, username: str) -> UserProfile:
        """The account with this username (see :class:`Caller`). Raises UserNotFound."""
        ...

    def update_profile(self, username: str, patch: ProfilePatch) -> None:
        """Change an account. Raises UserNotFound."""
        ...

    def delete_user(self, username: str) -> None:
        """Remove an account and end its sign-ins. That it doesn't exist is no error."""
        ...

    def start_totp_enrolment(self, access_token: SecretStr) -> SecretStr:
        """A new secret for one-time passwords, in base 32. The one in force stays so until verified.

        Raises AccessTokenRequired if the token is no longer good for this, UserNotFound if its user is
        gone, PasswordResetRequired, or PermissionDenied if the directory does not let users choose, as
        do the two that follow.
        """
        ...

    def verify_totp(self, access_token: SecretStr, code: str) -> None:
        """Put the new secret in force if ``code`` proves that the user has it. Raises InvalidCode."""
        ...

    def disable_totp(self, access_token: SecretStr) -> None:
        """Turn one-time passwords off."""
        ...


class AuditLog(Protocol):
    """Keeps a record of events that matter to security."""

    def record(self, event: AuditEvent) -> None:
        """Write the event down."""
        ...


class PersonalData(Protocol):
    """All that is stored for a person besides the account."""

    def delete_all(self, owner_id: str) -> None:
        """Remove all that is stored for the user with this id."""
        ...
