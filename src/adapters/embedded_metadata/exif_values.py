"""Turns the bytes of one EXIF tag into a typed value, by its field type and by the standard.

A tag whose field type is not the standard's is read if its bytes are unambiguous: text in any byte
type, a number in digits, or a single byte. Other bytes are opaque: their value is not guessed.
"""

import hashlib
import math
import re
import struct

from pydantic import JsonValue

from adapters.embedded_metadata.budget import Budget
from adapters.embedded_metadata.exif_types import LETTERS, NUMBERS, SIGNED, STANDARD_TYPES, TEXTS
from adapters.embedded_metadata.layout import Warnings
from adapters.embedded_metadata.text import decode_text, limit_text, longest_text_bytes
from adapters.embedded_metadata.tiff_structure import (
    ASCII,
    BYTE,
    DOUBLE,
    FLOAT,
    INTEGER_TYPES,
    LONG,
    RATIONAL,
    SBYTE,
    SHORT,
    SRATIONAL,
    UNDEFINED,
    UTF8,
    Entry,
    TiffStructure,
)

_CODED_TEXTS = frozenset({"UserComment", "GPSProcessingMethod", "GPSAreaInformation"})
_PLAIN_TEXTS = frozenset({"ExifVersion", "FlashpixVersion", "InteroperabilityVersion"})
_WINDOWS_TEXTS = frozenset({"XPTitle", "XPComment", "XPAuthor", "XPKeywords", "XPSubject"})
_SINGLE_BYTES = frozenset({"FileSource", "SceneType"})
_CFA_PATTERN = "CFAPattern"
_COPYRIGHT = "Copyright"
_MAKER_NOTE = "MakerNote"
_LISTS = frozenset(
    {"BitsPerSample", "YCbCrSubSampling", "TransferFunction", "SubjectArea", "SubjectLocation"}
    | {"StripOffsets", "StripByteCounts", "SourceImageNumberOfCompositeImage"}
)
"""Tags with several integers, each of which may fit into a byte."""

_TEXT_TYPES = frozenset({ASCII, UTF8})
_BYTE_TYPES = frozenset({BYTE, SBYTE, UNDEFINED})
_SIGN_BITS = {RATIONAL: 31, LONG: 31, SHORT: 15}

_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_SEPARATORS = re.compile(r"[\s,;:°'\"′″]+")  # noqa: RUF001 - the signs of minutes and seconds
_MAX_NUMERALS = 16
_NUMERAL = re.compile(r"([+-]?[0-9]{1,15}(?:\.[0-9]{0,15})?)(?:/([0-9]{1,15}))?", re.ASCII)
_FIRST_PRINTABLE = 0x20
_LONGEST_NUMBER = 8
_HEAD_BYTES = 64
"""How many bytes of a possible number or character code are always read, however short texts are kept."""
_MAX_NUMERALS_LENGTH = 500
_COST_OF_SHORTENING = 3
"""The additional cost of a floating-point number, in elements, because several forms of it are tried."""


class ValueDecoder:
    """Decodes the values of one TIFF structure's entries."""

    def __init__(self, structure: TiffStructure, budget: Budget, warnings: Warnings) -> None:
        self._structure = structure
        self._budget = budget
        self._warnings = warnings
        limits = budget.limits
        self._most_bytes = max(longest_text_bytes(limits), _LONGEST_NUMBER * limits.max_values, _HEAD_BYTES)
        """How many bytes of a value are read, unless it is opaque."""

    def value(self, name: str, entry: Entry) -> JsonValue | None:
        """Return the typed value of a tag, or ``None`` if it has none.

        Numbers stay numbers, rationals become decimals of ten significant digits (``None`` in a list if
        the denominator is zero), and several values a list. Bytes without a published meaning become
        ``{"size_bytes": …, "sha256": …}``. Raises OutOfBounds or BudgetSpent.
        """
        if name == _MAKER_NOTE:
            return self._opaque(entry)
        data = self._structure.start_of(entry, self._most_bytes)
        text = self._text(name, entry.field_type, data)
        if text is not None:
            return limit_text(text, f"EXIF: {name}", self._budget, self._warnings)
        if entry.field_type in _TEXT_TYPES:
            return _number_in_text(name, data)
        return self._number(name, entry, data)

    def _text(self, name: str, field_type: int, data: bytes) -> str | None:
        """Return the value as text, or ``None`` if it is not a text."""
        order = self._structure.order
        if name in _WINDOWS_TEXTS:
            return _decode_windows_text(data, field_type, order)
        is_bytes = field_type in _TEXT_TYPES or field_type in _BYTE_TYPES
        if name in _CODED_TEXTS and is_bytes:
            return _decode_coded_text(data, order)
        if name in _PLAIN_TEXTS and is_bytes:
            return decode_text(data.rstrip(b"\0"))
        if field_type in _TEXT_TYPES:
            return None if name in NUMBERS else _decode_ascii(name, data)
        if name in TEXTS and is_bytes:
            text = _decode_ascii(name, data)
            return None if _CONTROLS.search(text) else text
        if name in LETTERS and field_type in INTEGER_TYPES:
            letter = data.strip(b"\0").decode("ascii", "replace")
            return letter if len(letter) == 1 and letter.isalnum() else None
        return None

    def _number(self, name: str, entry: Entry, data: bytes) -> JsonValue | None:
        """Return the value as a number or a list of numbers; bytes without a known meaning are opaque."""
        if name in _SINGLE_BYTES and entry.field_type in _BYTE_TYPES and data:
            # Some cameras write four bytes, of which one counts.
            return data[0]
        if name == _CFA_PATTERN and entry.field_type == UNDEFINED:
            is_whole = entry.size == len(data) and entry.size <= self._budget.limits.max_values
            return (is_whole and _decode_cfa_pattern(data)) or self._opaque(entry)
        standard = STANDARD_TYPES.get(name, frozenset())
        is_single_byte = name in NUMBERS and entry.value_count == 1
        if entry.field_type == UNDEFINED and not (
            is_single_byte or name == "ComponentsConfiguration" or BYTE in standard
        ):
            return self._opaque(entry)
        is_split = entry.field_type in _BYTE_TYPES and entry.value_count > 1 and BYTE not in standard
        if is_split and name in NUMBERS - _LISTS:
            # These are the bytes of a larger number, in an unknown order.
            return self._opaque(entry)
        if entry.value_count > self._budget.limits.max_values:
            return self._opaque(entry)
        values = self._numbers(name, entry, data)
        return values[0] if len(values) == 1 else values or None

    def _numbers(self, name: str, entry: Entry, data: bytes) -> list[JsonValue]:
        numbers = self._structure.numbers(entry, data)
        if name in SIGNED and (bits := _SIGN_BITS.get(entry.field_type)):
            # Writers without signed types write the bits of a negative number as an unsigned one.
            numbers = [number - 2 ** (bits + 1) if number >= 2**bits else number for number in numbers]
        if entry.field_type in {RATIONAL, SRATIONAL}:
            pairs = zip(numbers[::2], numbers[1::2], strict=True)
            return [_decimal(numerator, denominator) for numerator, denominator in pairs]
        if entry.field_type in {FLOAT, DOUBLE}:
            self._budget.charge_elements(_COST_OF_SHORTENING * len(numbers))
            shorten = _shortest_float if entry.field_type == FLOAT else float
            return [shorten(number) if math.isfinite(number) else None for number in numbers]
        return list(numbers)

    def _opaque(self, entry: Entry) -> dict[str, JsonValue]:
        digest = hashlib.sha256()
        for piece in self._structure.pieces(entry):
            digest.update(piece)
        return {"size_bytes": entry.size, "sha256": digest.hexdigest()}


def is_usable(name: str, value: JsonValue) -> bool:
    """Tell whether a value is useful: no empty text, list of ``None``, or bytes in place of a number."""
    if isinstance(value, dict):
        return UNDEFINED in STANDARD_TYPES.get(name, {UNDEFINED})
    return any(item is not None for item in value) if isinstance(value, list) else value != ""


def _decimal(numerator: float, denominator: float) -> JsonValue:
    if not denominator:
        return None
    if numerator % denominator == 0:
        return int(numerator // denominator)
    return float(f"{numerator / denominator:.10g}")


def _shortest_float(number: float) -> float:
    """Return the shortest decimal for the same 32-bit number: 2.8 rather than 2.799999952316284."""
    packed = struct.pack("<f", number)
    for digits in (6, 7, 8):
        shorter = float(f"{number:.{digits}g}")
        if struct.pack("<f", shorter) == packed:
            return shorter
    return float(f"{number:.9g}")


def _number_in_text(name: str, data: bytes) -> JsonValue | None:
    """Parse numbers in a text, such as ``1/250`` or ``48, 51, 29.5``; return other text as it is."""
    raw = data.rstrip(b"\0")
    if len(raw) <= 1 and data and raw < bytes([_FIRST_PRINTABLE]):
        # The number itself as a byte; a lone NUL is zero for byte tags.
        return raw[0] if raw else 0 if BYTE in STANDARD_TYPES[name] else None
    text = _decode_ascii(name, data)
    if len(text) > _MAX_NUMERALS_LENGTH:
        return text
    numerals = [_NUMERAL.fullmatch(word) for word in _SEPARATORS.split(text.strip("\"'°′″ ")) if word]  # noqa: RUF001
    if not 0 < len(numerals) <= _MAX_NUMERALS or None in numerals:
        return text or None
    values = [_decimal(float(match[1]), float(match[2] or 1)) for match in numerals if match]
    return values[0] if len(values) == 1 else values


def _decode_ascii(name: str, data: bytes) -> str:
    """Decode text up to its NUL. Copyright has two texts, photographer and editor (EXIF 3.0 §4.6.5.7)."""
    if name == _COPYRIGHT:
        notices = [decode_text(notice).strip() for notice in data.rstrip(b"\0").split(b"\0", 2)[:2]]
        return "\n".join(notice for notice in notices if notice)
    if _is_utf16(data):
        return _decode_utf16(data, "<")
    return decode_text(data.partition(b"\0")[0]).rstrip()


def _is_utf16(data: bytes) -> bool:
    """Tell whether these are at least two Latin letters in UTF-16, where every other byte is zero."""
    text = data.rstrip(b"\0")
    return len(text) > 2 and (
        (not any(text[1::2]) and all(text[::2])) or (not any(text[::2]) and all(text[1::2]))
    )


def _decode_utf16(data: bytes, order: str) -> str:
    """Decode UTF-16 up to its NUL, in the byte order that its mark or zeros show, else in ``order``."""
    whole = data[: len(data) // 2 * 2]
    if whole.startswith((b"\xff\xfe", b"\xfe\xff")):
        return whole.decode("utf-16", "replace").partition("\0")[0].rstrip()
    low_zeros, high_zeros = whole[1::2].count(0), whole[::2].count(0)
    is_little = order == "<" if low_zeros == high_zeros else low_zeros > high_zeros
    text = whole.decode("utf-16-le" if is_little else "utf-16-be", "replace")
    return text.partition("\0")[0].rstrip()


def _decode_windows_text(data: bytes, field_type: int, order: str) -> str:
    """Decode little-endian UTF-16, or 16-bit numbers in the block's order; single-byte text as it is."""
    text = data.rstrip(b"\0")
    is_plain = field_type in _TEXT_TYPES or len(text) % 2 == 1
    if is_plain and b"\0" not in text and not text.startswith((b"\xff\xfe", b"\xfe\xff")):
        return decode_text(text).rstrip()
    return _decode_utf16(data, order if field_type == SHORT else "<")


def _decode_coded_text(data: bytes, order: str) -> str:
    """Decode text after its 8-byte code (EXIF 3.0 §4.6.6.4.2): ASCII, JIS, Unicode or undefined."""
    code, text = data[:8].rstrip(b"\0 ").upper(), data[8:]
    if code == b"UNICODE":
        return _decode_unicode(text, order)
    if code == b"JIS":
        try:
            return text.rstrip(b"\0 ").decode("iso2022_jp")
        except UnicodeDecodeError:
            return decode_text(text.rstrip(b"\0 "))
    if code not in {b"ASCII", b""}:
        # There is no character code: the text starts immediately.
        text = data
    if _is_utf16(text):
        return _decode_utf16(text, order)
    return decode_text(text.partition(b"\0")[0]).rstrip()


def _decode_unicode(text: bytes, order: str) -> str:
    """Decode UTF-16 in the byte order that the text shows, or ASCII if it has no other characters.

    EXIF does not define the order: writers use the block's, their machine's, or UTF-8 instead.
    """
    if text.isascii() and b"\0" not in text.rstrip(b"\0"):
        return text.rstrip(b"\0 ").decode()
    return _decode_utf16(text, order)


def _decode_cfa_pattern(data: bytes) -> list[JsonValue] | None:
    """Return a pattern's columns, rows and colours; the two numbers come in either byte order."""
    for order in ("<", ">"):
        if len(data) >= 4:
            columns, rows = struct.unpack(order + "HH", data[:4])
            if columns * rows == len(data) - 4:
                return [columns, rows, *data[4:]]
    return None
