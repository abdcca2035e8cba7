"""Rules for e-mail addresses, passwords, names and codes."""

import re
import unicodedata

from pydantic import SecretStr

from domain.accounts.common_passwords import is_common
from domain.accounts.errors import WeakPassword
from domain.accounts.model import DirectoryLimits
from domain.shared.errors import FieldError, InvalidRequest

MAX_EMAIL_LENGTH = 254
"""RFC 5321 §4.5.3.1.3 with erratum 1690 of RFC 3696. A directory may accept less."""

MAX_NAME_LENGTH = 256
MAX_CODE_LENGTH = 64

_MAX_LOCAL_PART_LENGTH = 64
_ATEXT = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789!#$%&'*+-/=?^_`{|}~")
"""ASCII characters of an unquoted local part besides dots (RFC 5322 §3.2.3)."""

_LABEL = r"(?!-)[a-z0-9-]{1,63}(?<!-)"
_DOMAIN = re.compile(rf"({_LABEL}\.)+(?![0-9]+\Z){_LABEL}")
"""At least two labels (RFC 1123 §2.1); the last is not a number, as in an IPv4 address."""

_INVISIBLE = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]"
)
"""Invisible letters and marks (Unicode's Default_Ignorable_Code_Point, and the blank Braille pattern)."""

_UNWRITABLE_CATEGORIES = frozenset({"Cc", "Cs", "Co", "Cn", "Zl", "Zp"})
_DIRECTING = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff")
"""Marks that change the writing direction, and the byte order mark."""


def normalise_email(email: str, limits: DirectoryLimits | None = None) -> str:
    """Normalise an address to the spelling that identifies an account: trimmed, NFC, lower case.

    Raises :class:`InvalidRequest` naming the field ``email`` if it is not a valid address, or too long for
    the directory. A valid address is ``local@domain``. The local part has up to 64 visible characters of
    any script, and no dot at either end or next to another (RFC 5321 and RFC 6531, without quoted local
    parts).
    """
    limit = MAX_EMAIL_LENGTH if limits is None else limits.max_email_length
    composed = unicodedata.normalize("NFC", email.strip()).lower()
    address = unicodedata.normalize("NFC", composed)
    local, _, domain = address.rpartition("@")
    if len(address) > limit or not _is_local_part(local) or not _DOMAIN.fullmatch(domain):
        raise _invalid("email", f"must be an e-mail address of at most {limit} characters")
    return address


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
    is_shown = _is_writable(value) and _DIRECTING.isdisjoint(value)
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


def _is_local_part(local: str) -> bool:
    atoms = local.split(".")
    return (
        len(local) <= _MAX_LOCAL_PART_LENGTH
        and all(atoms)
        and all(_is_atom_character(character) for atom in atoms for character in atom)
    )


def _is_atom_character(character: str) -> bool:
    """Whether this is ASCII that RFC 5322 allows, or another visible letter, mark or digit."""
    if character.isascii():
        return character in _ATEXT
    return unicodedata.category(character)[0] in "LMN" and not _INVISIBLE.match(character)


def _is_writable(text: str) -> bool:
    """Whether no character is a control, a line separator, unassigned, private or an unpaired surrogate."""
    return _UNWRITABLE_CATEGORIES.isdisjoint(map(unicodedata.category, text))


def _invalid(field: str, message: str) -> InvalidRequest:
    return InvalidRequest(f"{field} {message}.", errors=[FieldError(field, message)])
