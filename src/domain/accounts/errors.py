"""Errors of accounts and sign-in."""

from domain.shared.errors import DomainError


class WeakPassword(DomainError):
    """The password does not satisfy the password policy, which the detail states."""

    code = "weak-password"
    title = "The password does not satisfy the password policy"


class UserAlreadyExists(DomainError):
    """An account with this e-mail address exists."""

    code = "user-exists"
    title = "An account with this e-mail address exists"


class RegistrationNotAllowed(DomainError):
    """The registration policy refuses this e-mail address, or registration is closed."""

    code = "registration-not-allowed"
    title = "Registration is not allowed"


class UserNotFound(DomainError):
    """The account that a valid token names no longer exists."""

    code = "user-not-found"
    title = "The account does not exist"


class UserNotConfirmed(DomainError):
    """The credentials are right, but the e-mail address has not been confirmed."""

    code = "user-not-confirmed"
    title = "The account is not confirmed"


class InvalidCredentials(DomainError):
    """The e-mail address or the password is wrong; the error never says which."""

    code = "invalid-credentials"
    title = "The e-mail address or the password is wrong"


class PasswordResetRequired(DomainError):
    """The credentials are right, but an administrator requires a new password before the next sign-in."""

    code = "password-reset-required"
    title = "A new password is required"


class InvalidCode(DomainError):
    """A confirmation, reset or one-time code does not match."""

    code = "invalid-code"
    title = "The code is wrong"


class ExpiredCode(DomainError):
    """A confirmation or reset code is no longer valid; the user can request a new one."""

    code = "expired-code"
    title = "The code has expired"


class ChallengeFailed(DomainError):
    """The answer to a sign-in challenge, or its session, is wrong or has expired."""

    code = "challenge-failed"
    title = "The challenge was not passed"


class InvalidRefreshToken(DomainError):
    """The refresh token is malformed, expired, revoked, or belongs to another client."""

    code = "invalid-refresh-token"
    title = "The refresh token is not valid"


class AccessTokenRequired(DomainError):
    """The operation needs the caller's access token; an ID token was sent."""

    code = "access-token-required"
    title = "An access token is required"


class SignInNotRecent(DomainError):
    """The operation needs a recent sign-in; the token is from an older one."""

    code = "sign-in-not-recent"
    title = "The sign-in is not recent enough"


class TokenNotAccepted(DomainError):
    """The token is neither an access token nor an ID token."""

    code = "unauthorized"
    title = "The token is not valid here"
