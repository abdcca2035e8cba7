"""The rule for e-mail addresses.

It has its own module so that the directory's triggers, which start many times a day, import nothing else.
"""

import re
import unicodedata
from typing import TYPE_CHECKING

from domain.shared.errors import FieldError, InvalidRequest

if TYPE_CHECKING:
    from domain.accounts.model import DirectoryLimits

MAX_EMAIL_LENGTH = 254
"""RFC 5321 §4.5.3.1.3 with erratum 1690 of RFC 3696. A directory may accept less."""

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


def normalise_email(email: str, limits: "DirectoryLimits | None" = None) -> str:
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
        message = f"must be an e-mail address of at most {limit} characters"
        raise InvalidRequest(f"email {message}.", errors=[FieldError("email", message)])
    return address


def _is_local_part(local: str) -> bool:
    atoms = local.split(".")
    return (
        len(local) <= _MAX_LOCAL_PART_LENGTH
        and all(atoms)
        and all(_is_atom_character(character) for atom in atoms for character in atom)
    )


def _is_atom_character(character: str) -> bool:
    """Tell whether this is ASCII that RFC 5322 allows, or another visible letter, mark or digit."""
    if character.isascii():
        return character in _ATEXT
    return unicodedata.category(character)[0] in "LMN" and not _INVISIBLE.match(character)
