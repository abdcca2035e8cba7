"""Time-based one-time passwords as a second factor."""

from dataclasses import dataclass

from pydantic import SecretStr

from domain.accounts.audit import AuditEventName
from domain.accounts.audit_trail import AuditTrail
from domain.accounts.errors import AccessTokenRequired
from domain.accounts.model import RequestSource, TotpEnrolment
from domain.accounts.ports import IdentityProvider
from domain.accounts.recent_sign_in import require_recent_sign_in
from domain.accounts.rules import normalise_code
from domain.shared.caller import Caller
from domain.shared.clock import Clock


@dataclass(frozen=True, slots=True)
class StartTotpEnrolment:
    """Creates a secret for the caller's authenticator app.

    ``issuer`` is the issuer's name that authenticator apps show.
    """

    identity_provider: IdentityProvider
    clock: Clock
    issuer: str

    def __call__(self, caller: Caller) -> TotpEnrolment:
        """Create a new secret, which is inactive until it is verified.

        Raises AccessTokenRequired, SignInNotRecent or UserNotFound.
        """
        secret = self.identity_provider.start_totp_enrolment(_access_token(caller, self.clock))
        profile = self.identity_provider.get_profile(caller.username)
        return TotpEnrolment.of(secret, issuer=self.issuer, account=profile.email)


@dataclass(frozen=True, slots=True)
class VerifyTotp:
    """Turns TOTP on after the caller has shown that their app has the secret."""

    identity_provider: IdentityProvider
    audit: AuditTrail

    def __call__(self, caller: Caller, code: str, source: RequestSource) -> None:
        """Verify the code and turn TOTP on.

        Raises InvalidRequest, InvalidCode, AccessTokenRequired, SignInNotRecent or UserNotFound.
        """
        token = _access_token(caller, self.audit.clock)
        with self.audit.recorded(caller, source, success=AuditEventName.TOTP_ENABLED):
            self.identity_provider.verify_totp(token, normalise_code(code))


@dataclass(frozen=True, slots=True)
class DisableTotp:
    """Turns TOTP off."""

    identity_provider: IdentityProvider
    audit: AuditTrail

    def __call__(self, caller: Caller, source: RequestSource) -> None:
        """Turn TOTP off. Raises AccessTokenRequired, SignInNotRecent or UserNotFound."""
        token = _access_token(caller, self.audit.clock)
        with self.audit.recorded(caller, source, success=AuditEventName.TOTP_DISABLED):
            self.identity_provider.disable_totp(token)


def _access_token(caller: Caller, clock: Clock) -> SecretStr:
    """Return the access token of a caller who signed in recently."""
    if caller.access_token is None:
        raise AccessTokenRequired("This operation requires the access token; an ID token was sent.")
    require_recent_sign_in(caller, clock())
    return caller.access_token
