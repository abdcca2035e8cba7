"""Rules for passwords, names and codes."""

import unicodedata

from pydantic import SecretStr

from domain.accounts.common_passwords import is_common
from domain.accounts.errors import WeakPassword
from domain.accounts.model import DirectoryLimits
from domain.shared.errors import FieldError, InvalidRequest

MAX_NAME_LENGTH = 256
MAX_CODE_LENGTH = 64

_UNWRITABLE_CATEGORIES = frozenset({"Cc", "Cs", "Co", "Cn", "Zl", "Zp"})
_DIRECTION_MARKS = frozenset(
    "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff"
)
"""Marks that change the writing direction, and the byte order mark."""


def normalise_password(password: SecretStr, limits: DirectoryLimits, field: str = "password") -> SecretStr:
    """Normalise a password to NFKC (NIST SP 800-63B §3.1.1.2), so that all keyboards give the same one.

    Raises :class:`InvalidRequest` naming ``field`` if it is empty, too long for the directory, contains a
    control character, or starts or ends with white space.
    """
    written = password.get_secret_value()
    value = unicodedata.normalize("NFKC", written)
    if not value or len(value) > limits.max_password_length:
        raise _invalid(field, f"must have 1 to {limits.max_password_length} characters")
    if value != value.strip() or not _is_writable(value):
        raise _invalid(field, "must not start or end with white space or contain control characters")
    return SecretStr(value)


def new_password(password: SecretStr, limits: DirectoryLimits, field: str = "new_password") -> SecretStr:
    """Normalise a new password and refuse a common one; the directory checks its strength.

    Raises the same errors as :func:`normalise_password`, or WeakPassword.
    """
    normalised = normalise_password(password, limits, field)
    if is_common(normalised.get_secret_value()):
        raise WeakPassword("This password is one of the first that attackers try; choose another one.")
    return normalised


def normalise_name(name: str, field: str) -> str:
    """Normalise a given or family name: trimmed, in NFC.

    Raises :class:`InvalidRequest` naming ``field`` if it is blank, longer than
    :data:`MAX_NAME_LENGTH`, or contains a control character.
    """
    value = unicodedata.normalize("NFC", name.strip())
    is_shown = _is_writable(value) and _DIRECTION_MARKS.isdisjoint(value)
    if not value or len(value) > MAX_NAME_LENGTH or not is_shown:
        raise _invalid(
            field, f"must have 1 to {MAX_NAME_LENGTH} characters, none of them a control character"
        )
    return value


def normalise_code(code: str, field: str = "code") -> str:
    """Remove all white space from a one-time code, such as that between groups of digits.

    Raises :class:`InvalidRequest` naming ``field`` if the rest is empty, longer than
    :data:`MAX_CODE_LENGTH`, or contains a control character.
    """
    value = "".join(code.split())
    if not value or len(value) > MAX_CODE_LENGTH or not value.isprintable():
        raise _invalid(field, f"must have 1 to {MAX_CODE_LENGTH} characters")
    return value


def _is_writable(text: str) -> bool:
    """Tell whether no character is a control, line separator, unassigned, private or unpaired surrogate."""
    return _UNWRITABLE_CATEGORIES.isdisjoint(map(unicodedata.category, text))


def _invalid(field: str, message: str) -> InvalidRequest:
    return InvalidRequest(f"{field} {message}.", errors=[FieldError(field, message)])
