"""Time-based one-time passwords as a second factor."""

from pydantic import SecretStr

from domain.accounts.errors import AccessTokenRequired
from domain.accounts.model import TotpEnrolment
from domain.accounts.ports import IdentityProvider
from domain.accounts.rules import normalise_code
from domain.shared.caller import Caller


class StartTotpEnrolment:
    """Gives the caller a secret for their authenticator app."""

    def __init__(self, identity_provider: IdentityProvider, *, issuer: str) -> None:
        """``issuer`` is the name under which authenticator apps file the account."""
        self._identity_provider = identity_provider
        self._issuer = issuer

    def __call__(self, caller: Caller) -> TotpEnrolment:
        """A new secret, not in force before it is verified. Raises AccessTokenRequired or UserNotFound."""
        secret = self._identity_provider.start_totp_enrolment(_access_token(caller))
        profile = self._identity_provider.get_profile(caller.username)
        return TotpEnrolment.of(secret, issuer=self._issuer, account=profile.email)


class VerifyTotp:
    """Turns the second factor on once the caller has shown that their app knows the secret."""

    def __init__(self, identity_provider: IdentityProvider) -> None:
        self._identity_provider = identity_provider

    def __call__(self, caller: Caller, code: str) -> None:
        """Verify. Raises InvalidRequest, InvalidCode, AccessTokenRequired or UserNotFound."""
        self._identity_provider.verify_totp(_access_token(caller), normalise_code(code))


class DisableTotp:
    """Turns the second factor off."""

    def __init__(self, identity_provider: IdentityProvider) -> None:
        self._identity_provider = identity_provider

    def __call__(self, caller: Caller) -> None:
        """Disable. Raises AccessTokenRequired or UserNotFound."""
        self._identity_provider.disable_totp(_access_token(caller))


def _access_token(caller: Caller) -> SecretStr:
    if caller.access_token is None:
        raise AccessTokenRequired("This operation needs the access token; an ID token was sent.")
    return caller.access_token
