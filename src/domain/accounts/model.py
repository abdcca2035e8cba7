"""User accounts and sign-in, in the terms of OAuth 2.0 and OpenID Connect."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Literal
from urllib.parse import quote

from pydantic import BaseModel, ConfigDict, Field, SecretStr


@dataclass(frozen=True, slots=True)
class DirectoryLimits:
    """The longest values, in characters, that a directory accepts.

    ``max_token_length`` also applies to the sessions of sign-in challenges.
    """

    max_email_length: int
    max_password_length: int
    max_token_length: int


@dataclass(frozen=True, slots=True)
class RequestSource:
    """Where a request comes from, for the directory's risk assessment and the audit log.

    ``server_name`` and ``path`` are those of the API. ``device_data`` is the encoded device fingerprint
    that the directory's client library has collected, if the client sent one.
    """

    ip_address: str
    user_agent: str
    server_name: str
    path: str
    device_data: str | None = None


@dataclass(frozen=True, slots=True)
class Registration:
    """The data of a new user. ``email`` is normalised."""

    email: str
    password: SecretStr
    given_name: str | None = None
    family_name: str | None = None


class CodeDelivery(BaseModel):
    """How a one-time code was sent; ``destination`` is masked, such as ``a***@e***``."""

    model_config = ConfigDict(frozen=True)

    medium: str
    destination: str


class RegisteredUser(BaseModel):
    """A new account. ``code_delivery`` is absent if the account needs no confirmation."""

    model_config = ConfigDict(frozen=True)

    user_id: str
    email: str
    status: Literal["unconfirmed", "confirmed"]
    code_delivery: CodeDelivery | None = None


class UserProfile(BaseModel):
    """An account as its owner sees it."""

    model_config = ConfigDict(frozen=True)

    user_id: str
    email: str
    email_verified: bool
    given_name: str | None = None
    family_name: str | None = None
    created_at: datetime
    mfa_enabled: bool


class ProfilePatch(BaseModel):
    """Changes to an account (RFC 7396): a given field is set, ``None`` removes it, others are unchanged."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    given_name: str | None = None
    family_name: str | None = None

    @property
    def changes(self) -> dict[str, str | None]:
        """Only the given fields, by name."""
        return self.model_dump(exclude_unset=True)


class Tokens(BaseModel):
    """The tokens of a sign-in (RFC 6749 §5.1); ``expires_in`` is in seconds.

    After a refresh, ``refresh_token`` is absent unless the provider rotates refresh tokens.
    """

    model_config = ConfigDict(frozen=True)

    access_token: str = Field(repr=False)
    id_token: str = Field(repr=False)
    refresh_token: str | None = Field(default=None, repr=False)
    token_type: Literal["Bearer"] = "Bearer"
    expires_in: int


class ChallengeName(StrEnum):
    """An additional step that a sign-in can require."""

    NEW_PASSWORD_REQUIRED = "NEW_PASSWORD_REQUIRED"
    SOFTWARE_TOKEN_MFA = "SOFTWARE_TOKEN_MFA"
    MFA_SETUP = "MFA_SETUP"
    """A second factor is mandatory and the user has none yet: they must enrol with the given secret."""


class Challenge(BaseModel):
    """A sign-in that needs one more step. ``session`` is opaque and short-lived.

    For MFA_SETUP, ``parameters`` are the fields of a :class:`TotpEnrolment`. For SOFTWARE_TOKEN_MFA,
    ``device_name`` may name the authenticator app.
    """

    model_config = ConfigDict(frozen=True)

    challenge: ChallengeName
    session: str = Field(repr=False)
    parameters: dict[str, str] = Field(repr=False)


@dataclass(frozen=True, slots=True)
class ChallengeAnswer:
    """The answer to a :class:`Challenge`: a one-time code or a new password, whichever it requires."""

    email: str
    challenge: ChallengeName
    session: str
    code: str | None = None
    new_password: SecretStr | None = None


class TotpEnrolment(BaseModel):
    """A shared secret for time-based one-time passwords (RFC 6238), inactive until it is verified.

    ``secret`` is in base 32, for typing; ``otpauth_uri`` contains the same secret, for a QR code.
    """

    model_config = ConfigDict(frozen=True)

    secret: str = Field(repr=False)
    otpauth_uri: str = Field(repr=False)

    @classmethod
    def of(cls, secret: SecretStr, *, issuer: str, account: str) -> "TotpEnrolment":
        """Build the enrolment. Authenticator apps show ``issuer`` and ``account`` as its name.

        URI format: https://github.com/google/google-authenticator/wiki/Key-Uri-Format. SHA-1, six digits
        and 30 seconds are the defaults of authenticator apps.
        """
        text = secret.get_secret_value()
        name, by = quote(account, safe=""), quote(issuer, safe="")
        uri = f"otpauth://totp/{by}:{name}?secret={text}&issuer={by}&algorithm=SHA1&digits=6&period=30"
        return cls(secret=text, otpauth_uri=uri)
