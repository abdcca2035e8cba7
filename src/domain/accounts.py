"""User accounts and sign-in, in the terms of OAuth 2.0 and OpenID Connect."""

import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from domain.errors import FieldError, InvalidRequest

MAX_EMAIL_LENGTH = 128
"""What a user directory keeps as a name (Cognito's UsernameType); RFC 5321 §4.5.3.1.3 allows 254."""

MAX_PASSWORD_LENGTH = 256
"""Cognito's PasswordType. The lower bound and the kinds of characters are the directory's own policy."""

MAX_NAME_LENGTH = 256
MAX_CODE_LENGTH = 64

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_EMAIL = re.compile(r"[^\s@\"(),:;<>\[\\\]\x00-\x1f\x7f]{1,64}@[a-z0-9-]+(\.[a-z0-9-]+)+")


def normalise_email(email: str) -> str:
    """The one spelling under which an account is kept: trimmed, NFC, lower case.

    Raises :class:`InvalidRequest` naming the field ``email`` if it is not an address
    (``local@domain``, at most 64 and 128 characters; RFC 5321 without quoted local parts).
    """
    address = unicodedata.normalize("NFC", email.strip()).lower()
    if len(address) > MAX_EMAIL_LENGTH or not _EMAIL.fullmatch(address):
        raise _invalid("email", f"must be an e-mail address of at most {MAX_EMAIL_LENGTH} characters")
    return address


def checked_password(password: SecretStr, field: str = "password") -> SecretStr:
    """``password`` if a directory can take it as one; whether it is strong is the directory's to say.

    Raises :class:`InvalidRequest` naming ``field`` if it is empty, longer than
    :data:`MAX_PASSWORD_LENGTH`, has a control character, or starts or ends with white space.
    """
    value = password.get_secret_value()
    if not value or len(value) > MAX_PASSWORD_LENGTH:
        raise _invalid(field, f"must have 1 to {MAX_PASSWORD_LENGTH} characters")
    if value != value.strip() or _CONTROL.search(value):
        raise _invalid(field, "must not start or end with white space or contain control characters")
    return password


def normalise_name(name: str, field: str) -> str:
    """A given or family name, trimmed and in NFC.

    Raises :class:`InvalidRequest` naming ``field`` if it is blank, longer than
    :data:`MAX_NAME_LENGTH` or has a control character.
    """
    value = unicodedata.normalize("NFC", name.strip())
    if not value or len(value) > MAX_NAME_LENGTH or _CONTROL.search(value):
        raise _invalid(
            field, f"must have 1 to {MAX_NAME_LENGTH} characters, none of them a control character"
        )
    return value


def normalise_code(code: str, field: str = "code") -> str:
    """A one-time code without the white space that copying or grouping put into it.

    Raises :class:`InvalidRequest` naming ``field`` if nothing is left, or more than
    :data:`MAX_CODE_LENGTH` characters.
    """
    value = "".join(code.split())
    if not value or len(value) > MAX_CODE_LENGTH or not value.isprintable():
        raise _invalid(field, f"must have 1 to {MAX_CODE_LENGTH} characters")
    return value


def _invalid(field: str, message: str) -> InvalidRequest:
    return InvalidRequest(f"{field} {message}.", errors=[FieldError(field, message)])


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


@dataclass(frozen=True, slots=True)
class Caller:
    """The user on whose behalf a request is made, as a verified token names them.

    ``user_id`` is the token's ``sub``; ``username`` is the directory's own name for the account,
    which differs from it for federated users. ``groups`` and ``permissions`` come from claims.
    ``access_token`` is the token itself if it was an access token, for what only its holder may do.
    """

    user_id: str
    username: str
    token_use: Literal["access", "id"] = "access"
    groups: frozenset[str] = frozenset()
    permissions: frozenset[str] = frozenset()
    access_token: SecretStr | None = None


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
        name, by = _percent_encoded(account), _percent_encoded(issuer)
        uri = f"otpauth://totp/{by}:{name}?secret={text}&issuer={by}&algorithm=SHA1&digits=6&period=30"
        return cls(secret=text, otpauth_uri=uri)


_UNRESERVED = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
"""Characters that a URI component holds as they are (RFC 3986 §2.3)."""


def _percent_encoded(text: str) -> str:
    return "".join(chr(byte) if byte in _UNRESERVED else f"%{byte:02X}" for byte in text.encode())
