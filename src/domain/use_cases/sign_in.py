"""Signing in, and keeping a sign-in alive."""

from pydantic import SecretStr

from domain.accounts import Challenge, Tokens, checked_password, normalise_email
from domain.errors import InvalidRefreshToken
from domain.ports import IdentityProvider

_MAX_TOKEN_LENGTH = 4096


class Authenticate:
    """Exchanges an e-mail address and a password for tokens, or for a challenge to answer first."""

    def __init__(self, identity_provider: IdentityProvider) -> None:
        self._identity_provider = identity_provider

    def __call__(self, email: str, password: SecretStr) -> Tokens | Challenge:
        """Sign in.

        Raises InvalidRequest, InvalidCredentials (the same for an unknown user), UserNotConfirmed,
        PasswordResetRequired or TooManyRequests.
        """
        return self._identity_provider.authenticate(normalise_email(email), checked_password(password))


class RefreshTokens:
    """Exchanges a refresh token for new access and ID tokens."""

    def __init__(self, identity_provider: IdentityProvider) -> None:
        self._identity_provider = identity_provider

    def __call__(self, refresh_token: SecretStr) -> Tokens:
        """Refresh. Raises InvalidRefreshToken."""
        if not is_token(refresh_token):
            raise InvalidRefreshToken("The refresh token is malformed.")
        return self._identity_provider.refresh(refresh_token)


def is_token(token: SecretStr) -> bool:
    """Whether ``token`` can be one at all: 1 to 4096 printable ASCII characters without spaces."""
    value = token.get_secret_value()
    return (
        0 < len(value) <= _MAX_TOKEN_LENGTH and value.isascii() and value.isprintable() and " " not in value
    )
