"""Signing in, refreshing tokens and signing out."""

from dataclasses import dataclass

from pydantic import SecretStr

from domain.accounts.audit import AuditEventName
from domain.accounts.audit_trail import AuditTrail
from domain.accounts.email_address import normalise_email
from domain.accounts.errors import ChallengeFailed, InvalidRefreshToken
from domain.accounts.model import (
    Challenge,
    ChallengeAnswer,
    ChallengeName,
    DirectoryLimits,
    RequestSource,
    Tokens,
    TotpEnrolment,
)
from domain.accounts.ports import IdentityProvider
from domain.accounts.rules import new_password as checked_new_password
from domain.accounts.rules import normalise_code, normalise_password
from domain.shared.caller import Caller
from domain.shared.errors import FieldError, InvalidRequest

_ANSWERS = {
    ChallengeName.NEW_PASSWORD_REQUIRED: "new_password",
    ChallengeName.SOFTWARE_TOKEN_MFA: "code",
    ChallengeName.MFA_SETUP: "code",
}
_SETTLED = {
    ChallengeName.NEW_PASSWORD_REQUIRED: AuditEventName.PASSWORD_CHANGED,
    ChallengeName.MFA_SETUP: AuditEventName.TOTP_ENABLED,
}
"""What has changed in the account after a challenge is passed."""


@dataclass(frozen=True, slots=True)
class Authenticate:
    """Exchanges an e-mail address and a password for tokens, or for a challenge to answer first.

    ``totp_issuer`` is the issuer's name that authenticator apps show.
    """

    identity_provider: IdentityProvider
    audit: AuditTrail
    totp_issuer: str

    def __call__(self, email: str, password: SecretStr, source: RequestSource) -> Tokens | Challenge:
        """Sign in.

        Raises InvalidRequest, InvalidCredentials (the same for an unknown user), UserNotConfirmed,
        PasswordResetRequired or TooManyRequests.
        """
        limits = self.identity_provider.limits
        address, given = normalise_email(email, limits), normalise_password(password, limits)
        with self.audit.recorded(address, source, failure=AuditEventName.SIGN_IN_FAILED):
            outcome = self.identity_provider.authenticate(address, given, source)
        return _with_enrolment(outcome, address, self.totp_issuer)


@dataclass(frozen=True, slots=True)
class AnswerChallenge:
    """Continues a sign-in that required one more step.

    ``totp_issuer`` is the issuer's name that authenticator apps show.
    """

    identity_provider: IdentityProvider
    audit: AuditTrail
    totp_issuer: str

    def __call__(
        self,
        email: str,
        challenge: ChallengeName,
        session: str,
        source: RequestSource,
        *,
        code: str | None = None,
        new_password: SecretStr | None = None,
    ) -> Tokens | Challenge:
        """Answer with a new password or a code, exactly as ``challenge`` requires.

        Raises InvalidRequest, ChallengeFailed or WeakPassword.
        """
        given = {"code": code, "new_password": new_password}
        errors = [
            FieldError(
                field,
                f"is {'required' if field == _ANSWERS[challenge] else 'not allowed'} to answer {challenge}",
            )
            for field, value in given.items()
            if (value is not None) != (field == _ANSWERS[challenge])
        ]
        if errors:
            raise InvalidRequest(
                "; ".join(f"{error.field} {error.message}" for error in errors) + ".", errors=errors
            )
        limits = self.identity_provider.limits
        answer = ChallengeAnswer(
            email=normalise_email(email, limits),
            challenge=challenge,
            session=session,
            code=None if code is None else normalise_code(code),
            new_password=None if new_password is None else checked_new_password(new_password, limits),
        )
        with self.audit.recorded(
            answer.email, source, success=_SETTLED.get(challenge), failure=AuditEventName.SIGN_IN_FAILED
        ):
            if not _is_token(session, limits):
                raise ChallengeFailed("The session is not valid; sign in again.")
            outcome = self.identity_provider.answer_challenge(answer, source)
        return _with_enrolment(outcome, answer.email, self.totp_issuer)


@dataclass(frozen=True, slots=True)
class RefreshTokens:
    """Exchanges a refresh token for new access and ID tokens."""

    identity_provider: IdentityProvider

    def __call__(self, refresh_token: SecretStr) -> Tokens:
        """Refresh the tokens. Raises InvalidRefreshToken."""
        if not _is_token(refresh_token.get_secret_value(), self.identity_provider.limits):
            raise InvalidRefreshToken("The refresh token is malformed.")
        return self.identity_provider.refresh(refresh_token)


@dataclass(frozen=True, slots=True)
class RevokeRefreshToken:
    """Revokes one refresh token."""

    identity_provider: IdentityProvider

    def __call__(self, refresh_token: SecretStr) -> None:
        """Revoke the token; an invalid one is not an error (RFC 7009 §2.2)."""
        if _is_token(refresh_token.get_secret_value(), self.identity_provider.limits):
            self.identity_provider.revoke(refresh_token)


@dataclass(frozen=True, slots=True)
class SignOutEverywhere:
    """Revokes all refresh tokens of the caller."""

    identity_provider: IdentityProvider

    def __call__(self, caller: Caller) -> None:
        """Sign out on all devices."""
        self.identity_provider.sign_out_everywhere(caller.username)


def _with_enrolment(outcome: Tokens | Challenge, email: str, issuer: str) -> Tokens | Challenge:
    """Replace the secret of an MFA_SETUP challenge with the fields of a TOTP enrolment."""
    if isinstance(outcome, Tokens) or outcome.challenge is not ChallengeName.MFA_SETUP:
        return outcome
    secret = SecretStr(outcome.parameters["secret"])
    enrolment = TotpEnrolment.of(secret, issuer=issuer, account=email)
    return outcome.model_copy(update={"parameters": enrolment.model_dump()})


def _is_token(text: str, limits: DirectoryLimits) -> bool:
    """Tell whether ``text`` can be a token or session: printable ASCII without spaces, within the limit."""
    is_short = 0 < len(text) <= limits.max_token_length
    return is_short and text.isascii() and text.isprintable() and " " not in text
