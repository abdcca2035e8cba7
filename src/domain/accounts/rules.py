"""What e-mail addresses, passwords, names and codes have to look like."""

import re
import unicodedata

from pydantic import SecretStr

from domain.shared.errors import FieldError, InvalidRequest

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
