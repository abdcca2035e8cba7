"""User accounts and sign-in, in the terms of OAuth 2.0 and OpenID Connect."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Literal
from urllib.parse import quote

from pydantic import BaseModel, ConfigDict, Field, SecretStr


@dataclass(frozen=True, slots=True)
class DirectoryLimits:
    """How long, in characters, an e-mail address and a password may be for a directory to take them."""

    max_email_length: int
    max_password_length: int


@dataclass(frozen=True, slots=True)
class RequestSource:
    """Where a sign-in comes from, for the directory to judge its risk.

    ``server_name`` and ``path`` are those of the API's own address. ``device_data`` is what the directory's
    library has gathered of the client's device, encoded, if the client has sent it.
    """

    ip_address: str
    user_agent: str
    server_name: str
    path: str
    device_data: str | None = None


@dataclass(frozen=True, slots=True)
class Registration:
    """What a new user gives. ``email`` is normalised."""

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
    """A new account. ``code_delivery`` is absent where the account needs no confirmation."""

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
    """Changes to an account (RFC 7396): a field that is given is set, ``None`` removes it, others stay."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    given_name: str | None = None
    family_name: str | None = None

    @property
    def changes(self) -> dict[str, str | None]:
        """The given fields only, by name."""
        return self.model_dump(exclude_unset=True)


class Tokens(BaseModel):
    """The tokens of a sign-in (RFC 6749 §5.1); ``expires_in`` is in seconds.

    After a refresh ``refresh_token`` is absent unless the provider rotates refresh tokens.
    """

    model_config = ConfigDict(frozen=True)

    access_token: str = Field(repr=False)
    id_token: str = Field(repr=False)
    refresh_token: str | None = Field(default=None, repr=False)
    token_type: Literal["Bearer"] = "Bearer"
    expires_in: int


class ChallengeName(StrEnum):
    """A further step that a sign-in can require."""

    NEW_PASSWORD_REQUIRED = "NEW_PASSWORD_REQUIRED"
    SOFTWARE_TOKEN_MFA = "SOFTWARE_TOKEN_MFA"
    MFA_SETUP = "MFA_SETUP"
    """The directory requires a second factor and the user has none yet: enrol with the given secret."""


class Challenge(BaseModel):
    """A sign-in that needs one more step. ``session`` is opaque and short-lived.

    ``parameters`` of MFA_SETUP are those of a :class:`TotpEnrolment`; ``device_name`` may tell which
    authenticator app SOFTWARE_TOKEN_MFA means.
    """

    model_config = ConfigDict(frozen=True)

    challenge: ChallengeName
    session: str = Field(repr=False)
    parameters: dict[str, str] = Field(repr=False)


@dataclass(frozen=True, slots=True)
class ChallengeAnswer:
    """The answer to a :class:`Challenge`: a one-time code or a new password, as it requires."""

    email: str
    challenge: ChallengeName
    session: str
    code: str | None = None
    new_password: SecretStr | None = None


class TotpEnrolment(BaseModel):
    """A shared secret for time-based one-time passwords (RFC 6238), not in force before it is verified.

    ``secret`` is in base 32, for typing; ``otpauth_uri`` holds the same, for a QR code.
    """

    model_config = ConfigDict(frozen=True)

    secret: str = Field(repr=False)
    otpauth_uri: str = Field(repr=False)

    @classmethod
    def of(cls, secret: SecretStr, *, issuer: str, account: str) -> "TotpEnrolment":
        """The enrolment under the name that an authenticator app shows, ``issuer`` and ``account``.

        URI: https://github.com/google/google-authenticator/wiki/Key-Uri-Format. The algorithm (SHA-1),
        six digits and 30 seconds are what Cognito uses, and what apps take where the URI is silent.
        """
        text = secret.get_secret_value()
        name, by = quote(account, safe=""), quote(issuer, safe="")
        uri = f"otpauth://totp/{by}:{name}?secret={text}&issuer={by}&algorithm=SHA1&digits=6&period=30"
        return cls(secret=text, otpauth_uri=uri)
