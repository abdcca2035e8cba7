"""The sources of a summary's values, and how each is read."""

import math
import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from pydantic import JsonValue

from domain.metadata.model import Tags

Blocks = Mapping[str, Tags]
"""The metadata blocks of one image: ``exif``, ``gps``, ``iptc``, ``xmp`` and ``png``."""

Read = Callable[[Blocks], "JsonValue | None"]


class ValueType(StrEnum):
    """The type of a value."""

    BOOLEAN = "boolean"
    INTEGER = "integer"
    NUMBER = "number"
    TEXT = "text"
    TEXTS = "list of texts"
    TIME = "time"
    """An ISO 8601 text of any precision from a year on; see :data:`TIME_PATTERN`."""


@dataclass(frozen=True, slots=True)
class ValueDomain:
    """The values that a source can have: their type and, for numbers, their bounds."""

    type: ValueType
    above: float = -math.inf
    at_least: float = -math.inf
    at_most: float = math.inf


@dataclass(frozen=True, slots=True)
class Source:
    """A tag, or several tags together, from which a field's value can be read."""

    tags: tuple[str, ...]
    """Tags such as ``exif.DateTimeOriginal``; the first has the value, the others qualify it."""
    read: Read
    values: ValueDomain

    @property
    def is_iptc(self) -> bool:
        """Whether it is in the IPTC block."""
        return self.tags[0].startswith("iptc.")

    @property
    def is_xmp(self) -> bool:
        """Whether it is in the XMP block."""
        return self.tags[0].startswith("xmp.")


def _tag(blocks: Blocks, path: str) -> JsonValue | None:
    block, _, name = path.partition(".")
    return blocks[block].get(name)


def _is_opaque(value: JsonValue | None) -> bool:
    """Tell whether the value is only a size and a hash, in place of opaque bytes."""
    return isinstance(value, dict) and value.keys() == {"size_bytes", "sha256"}


def _number(value: JsonValue | None) -> float | int | None:
    """Read a finite number, the first in a list, or a text such as XMP's ``1/200`` and ``2.8``."""
    if isinstance(value, list):
        return next((number for item in value if (number := _number(item)) is not None), None)
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return value if math.isfinite(value) else None
    if isinstance(value, str) and (match := _NUMBER.fullmatch(value.strip())):
        numerator, denominator = float(match[1]), float(match[2] or 1)
        return _tidy(numerator / denominator) if denominator else None
    return None


_NUMBER = re.compile(
    r"([+-]?(?:[0-9]{1,15}(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,2})?)(?:/([0-9]{1,15}(?:\.[0-9]*)?))?",
    re.ASCII,
)


def _tidy(number: float) -> float | int:
    """Convert a whole number to an integer and round others to 10 significant digits, as in a rational."""
    return int(number) if number.is_integer() else float(f"{number:.10g}")


def _text(value: JsonValue | None) -> str | None:
    """Return the first text that is not blank, without surrounding white space and control characters.

    In a list, this is the first text; in a language alternative, that of the default language, else any.
    """
    if isinstance(value, str):
        return _CONTROLS.sub("", value.replace("\r\n", "\n").replace("\r", "\n")).strip() or None
    if isinstance(value, dict) and not _is_opaque(value):
        candidates: Iterable[JsonValue] = (value.get("x-default"), *value.values())
    else:
        candidates = value if isinstance(value, list) else ()
    return next((text for item in candidates if isinstance(item, str) and (text := _text(item))), None)


_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


def text_of(path: str) -> Source:
    """Make a source of a text, ignoring placeholders that cameras write."""

    def read(blocks: Blocks) -> JsonValue | None:
        text = _text(_tag(blocks, path))
        return text if text and not _PLACEHOLDER.fullmatch(text) else None

    return Source((path,), read, ValueDomain(ValueType.TEXT))


_PLACEHOLDER = re.compile(
    r"""
      [\s\W_0]*                                   # punctuation, zeros or nothing
    | \(?(?:null|none|unknown|undefined|n/?a|default|untitled)\)?
    | (?-i:(?:[A-Z]+\s+)+DIGITAL\s+CAMERA)        # OLYMPUS DIGITAL CAMERA
    | digital\s+(?:still\s+)?camera
    | (?:sony\s+)?dsc | dcf?\s?1\.0 | samsung | benq | pentax | jpeg | picture | image | photo
    | exif[\s_-]jpeg(?:[\s_-]picture)? | jfif\s+comment | user\s+comments? | ascii
    | (?:lead\ technologies|created\ by\ imlib|created\ with\ gimp|intel\(r\)\ jpeg\ library).*
    | (?:dsc|img|dscn|dscf|p|pict)_?[0-9]{3,8}(?:\.jpe?g)?
    | charset\s*=\s*(?:ascii|unicode|jis|undefined)
    """,
    re.IGNORECASE | re.VERBOSE,
)


def comment_of(path: str) -> Source:
    """Make a source of a text in words, ignoring settings, identifiers and leftover memory."""

    def read(blocks: Blocks) -> JsonValue | None:
        value = _tag(blocks, path)
        text = _text(value)
        if not text or (isinstance(value, str) and _BINARY.search(value)):
            return None
        return None if _PLACEHOLDER.fullmatch(text) or not _is_in_words(text) else text

    return Source((path,), read, ValueDomain(ValueType.TEXT))


_BINARY = re.compile(r"[\x00-\x08\x0e-\x1f\x7f-\x9f\ufffd]")
_MACHINE_MADE = re.compile(
    r"""
      \{.*\} | \[\s*["{\[0-9].*\] | <.*>                            # JSON, XML
    | (?: [\w.\ -]{1,40} [:=] [^;|]* (?: [;|]\s* | \Z ) ){3,}         # settings: a: 1; b: 2; c: 3
    | [A-Za-z0-9+/=_-]{20,}                                            # an identifier, hexadecimal, base 64
    | (?:oplus|oppo|vivo|mi|hw)_\S*
    | AppleMark\b.*
    | (\S)\1{2,}
    """,
    re.DOTALL | re.VERBOSE,
)
_NO_CHARACTERS = frozenset({"Cn", "Co", "Cs"})
"""Unassigned and private code points, and surrogates."""
_MOST_INSPECTED = 1000
_LEAST_SHARE_OF_LETTERS = 0.6


def _is_in_words(text: str) -> bool:
    """Tell whether a text is mostly letters and not machine-made."""
    start = text[:_MOST_INSPECTED]
    if _MACHINE_MADE.fullmatch(start) or any(
        unicodedata.category(sign) in _NO_CHARACTERS for sign in start
    ):
        return False
    words = sum(sign.isalnum() or sign.isspace() or unicodedata.category(sign)[0] == "M" for sign in start)
    return any(map(str.isalpha, start)) and words >= _LEAST_SHARE_OF_LETTERS * len(start)


def name_of(path: str) -> Source:
    """Make a source of a name such as a camera model: any text with a letter or digit."""

    def read(blocks: Blocks) -> JsonValue | None:
        text = _text(_tag(blocks, path))
        return text if text and re.search(r"\w", text) else None

    return Source((path,), read, ValueDomain(ValueType.TEXT))


def texts_of(path: str, separator: str | None = None) -> Source:
    """Make a source of a list of distinct texts; a single text is split at the separator."""

    def read(blocks: Blocks) -> JsonValue | None:
        value = _tag(blocks, path)
        if isinstance(value, str) and separator:
            items: Iterable[JsonValue] = value.split(separator)
        else:
            items = value if isinstance(value, list) else [value]
        texts = dict.fromkeys(text for item in items if (text := _text(item)))
        return list(texts) or None

    return Source((path,), read, ValueDomain(ValueType.TEXTS))


def number_of(
    path: str,
    *,
    above: float = -math.inf,
    at_most: float = math.inf,
    convert: Callable[[float], float] | None = None,
) -> Source:
    """Make a source of a number in the range (``above``, ``at_most``], after the conversion."""

    def read(blocks: Blocks) -> JsonValue | None:
        number = _number(_tag(blocks, path))
        if number is None:
            return None
        if convert is not None:
            if abs(number) > _MAX_APEX:
                return None
            number = _tidy(convert(number))
        return number if above < number <= at_most else None

    return Source((path,), read, ValueDomain(ValueType.NUMBER, above=above, at_most=at_most))


_MAX_APEX = 64


def apex_time(value: float) -> float:
    """Convert an APEX time value to seconds (EXIF 3.0 annex C): 2^-Tv."""
    return float(f"{2**-value:.6g}")


def apex_aperture(value: float) -> float:
    """Convert an APEX aperture value to an F-number (EXIF 3.0 annex C): √2^Av."""
    return round(2 ** (value / 2), 2)


def integer_of(path: str, *, above: int, at_most: int, but: int | None = None) -> Source:
    """Make a source of a whole number in (``above``, ``at_most``]; the value ``but`` means none."""

    def read(blocks: Blocks) -> JsonValue | None:
        number = _number(_tag(blocks, path))
        if number is None or number != int(number) or number == but:
            return None
        return int(number) if above < number <= at_most else None

    return Source((path,), read, ValueDomain(ValueType.INTEGER, above=above, at_most=at_most))


def flash_of(path: str) -> Source:
    """Make a source of EXIF Flash, whose bit 0 means fired, or XMP's structure with ``exif:Fired``."""

    def read(blocks: Blocks) -> JsonValue | None:
        value = _tag(blocks, path)
        if isinstance(value, dict):
            fired = value.get("exif:Fired")
            return {"true": True, "false": False}.get(fired.lower()) if isinstance(fired, str) else None
        number = _number(value)
        return bool(int(number) & 1) if number is not None else None

    return Source((path,), read, ValueDomain(ValueType.BOOLEAN))


def coordinate_of(path: str, reference: str, limit: int) -> Source:
    """Make a source of signed decimal degrees from EXIF's degrees, minutes, seconds and letter."""

    def read(blocks: Blocks) -> JsonValue | None:
        value = _tag(blocks, path)
        numbers = [_number(item) for item in (value[:3] if isinstance(value, list) else [value])]
        # Receivers write 0/0 for minutes or seconds that are included in the preceding number.
        if not numbers or numbers[0] is None:
            return None
        minutes, seconds = ([*numbers[1:], None, None])[:2]
        return _signed_degrees(numbers[0], minutes or 0, seconds or 0, _letter(blocks, reference), limit)

    return Source((path, reference), read, _degrees_within(limit))


def xmp_coordinate_of(path: str, reference: str, limit: int) -> Source:
    """Make a source of signed decimal degrees from XMP's ``DDD,MM,SSk`` or ``DDD,MM.mmk``.

    Those are the formats of GPSCoordinate (XMP part 2). Also accepts signed decimals, and the letter before
    the number or in another property.
    """

    def read(blocks: Blocks) -> JsonValue | None:
        text = _text(_tag(blocks, path)) or ""
        match = _XMP_COORDINATE.fullmatch(text) if len(text) <= _MOST_OF_A_COORDINATE else None
        if not match:
            return None
        degrees, minutes, seconds = (
            _number(digits or "0") for digits in match.group("degrees", "minutes", "seconds")
        )
        if degrees is None or minutes is None or seconds is None:
            return None
        letter = match["before"] or match["after"] or _letter(blocks, reference)
        if not letter and match["minutes"] is None and match["sign"] != "-":
            # A number with a sign has no letter; without a sign it is positive.
            letter = "N" if limit == MAX_LATITUDE else "E"
        degrees = -degrees if match["sign"] == "-" else degrees
        return _signed_degrees(degrees, minutes, seconds, letter, limit)

    return Source((path, reference), read, _degrees_within(limit))


_MOST_OF_A_COORDINATE = 200
_XMP_COORDINATE = re.compile(
    r"""
    (?P<before>[NSEW])? \s* (?P<sign>[+-])? (?P<degrees>[0-9]{1,3}(?:\.[0-9]*)?|[0-9]+/[0-9]+)
    (?: [\s,;:°º]+ (?P<minutes>[0-9]{1,2}(?:\.[0-9]*)?|[0-9]+/[0-9]+)
        (?: [\s,;:'\u2032]+ (?P<seconds>[0-9]{1,2}(?:\.[0-9]*)?|[0-9]+/[0-9]+) )? )?
    [\s,;:°º'\u2032"\u2033]* (?P<after>[NSEW])?
    """,
    re.ASCII | re.IGNORECASE | re.VERBOSE,
)


def _letter(blocks: Blocks, reference: str) -> str | None:
    return (_text(_tag(blocks, reference)) or "")[:1] or None


def _signed_degrees(
    degrees: float, minutes: float, seconds: float, letter: str | None, limit: int
) -> float | None:
    """Combine degrees, minutes, seconds and letter; a negative number may lack the letter."""
    positive, negative = ("N", "S") if limit == MAX_LATITUDE else ("E", "W")
    side = letter.upper() if letter else negative if degrees < 0 else None
    size = abs(degrees) + minutes / 60 + seconds / 3600
    is_contradiction = side == positive and degrees < 0
    if side not in {positive, negative} or is_contradiction or min(minutes, seconds) < 0 or size > limit:
        return None
    # Ten decimals are a hundredth of a millimetre; more would only be rounding noise.
    return round(-size if side == negative else size, 10) + 0.0


def _degrees_within(limit: int) -> ValueDomain:
    return ValueDomain(ValueType.NUMBER, at_least=-limit, at_most=limit)


MAX_LATITUDE = 90
MAX_LONGITUDE = 180


def altitude_of(path: str, reference: str) -> Source:
    """Make a source of metres, negative below the reference level (references 1 and 3 of EXIF 3.0)."""

    def read(blocks: Blocks) -> JsonValue | None:
        metres = _number(_tag(blocks, path))
        if metres is None:
            return None
        if metres > 0 and _number(_tag(blocks, reference)) in {1, 3}:
            metres = -metres
        return metres if _MIN_ALTITUDE_M <= metres <= _MAX_ALTITUDE_M else None

    return Source((path, reference), read, _ALTITUDES)


_MIN_ALTITUDE_M = -12_000
"""Just below the deepest ocean floor."""
_MAX_ALTITUDE_M = 1_000_000
"""Well above the orbits from which people take photographs."""
_ALTITUDES = ValueDomain(ValueType.NUMBER, at_least=_MIN_ALTITUDE_M, at_most=_MAX_ALTITUDE_M)


def exif_time_of(path: str, subsecond: str, offset: str) -> Source:
    """Make a source of an EXIF time and the tags with its fraction of a second and its offset from UTC."""

    def read(blocks: Blocks) -> JsonValue | None:
        match = _matched_time(_tag(blocks, path))
        if not match:
            return None
        fraction = _text(_tag(blocks, subsecond)) or ""
        zone = _text(_tag(blocks, offset)) or match["zone"] or ""
        return _timestamp(match, match["fraction"] or fraction, zone)

    return Source((path, subsecond, offset), read, ValueDomain(ValueType.TIME))


def xmp_time_of(path: str) -> Source:
    """Make a source of an XMP time, a profile of ISO 8601."""

    def read(blocks: Blocks) -> JsonValue | None:
        match = _matched_time(_tag(blocks, path))
        return _timestamp(match, match["fraction"] or "", match["zone"] or "") if match else None

    return Source((path,), read, ValueDomain(ValueType.TIME))


def png_time_of(path: str) -> Source:
    """Make a source of a PNG's Creation Time: RFC 1123, as the standard suggests, ``asctime`` or EXIF."""

    def read(blocks: Blocks) -> JsonValue | None:
        text = _text(_tag(blocks, path)) or ""
        if len(text) > _MOST_OF_A_TIME:
            return None
        named = _INTERNET_TIME.fullmatch(text) or _C_TIME.fullmatch(text)
        if not named:
            match = _matched_time(text)
            return _timestamp(match, match["fraction"] or "", match["zone"] or "") if match else None
        month = _MONTHS.index(named["month"].lower()) + 1
        zone = named.groupdict().get("zone") or ""
        written = f"{named['year']}-{month}-{named['day']}T{named['time']}"
        match = _matched_time(written)
        return _timestamp(match, "", "Z" if zone.isalpha() else zone) if match else None

    return Source((path,), read, ValueDomain(ValueType.TIME))


_MOST_OF_A_TIME = 100
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = f"(?P<month>{'|'.join(_MONTHS)})[a-z]{{0,6}}"
_CLOCK = r"(?P<time>[0-9]{1,2}:[0-9]{2}(?::[0-9]{2})?)"
_INTERNET_TIME = re.compile(
    rf"(?:[a-z]{{3,9}},?\s+)?(?P<day>[0-9]{{1,2}})[\s-]+{_MONTH}[\s-]+(?P<year>[0-9]{{4}})\s+{_CLOCK}"
    r"(?:\s+(?:(?P<zone>GMT|UTC|UT|Z|[+-][0-9]{2}:?[0-9]{2})|[a-z]{1,5}))?",
    re.ASCII | re.IGNORECASE,
)
_C_TIME = re.compile(
    rf"[a-z]{{3,9}}\s+{_MONTH}\s+(?P<day>[0-9]{{1,2}})\s+{_CLOCK}\s+(?P<year>[0-9]{{4}})",
    re.ASCII | re.IGNORECASE,
)


def iptc_time_of(date_path: str, time_path: str) -> Source:
    """Make a source of a date ``CCYYMMDD`` and an optional time ``HHMMSS±HHMM`` (IPTC-IIM 2:55, 2:60)."""

    def read(blocks: Blocks) -> JsonValue | None:
        day = _IPTC_DATE.fullmatch(_text(_tag(blocks, date_path)) or "")
        if not day:
            return None
        time = _IPTC_TIME.fullmatch(_text(_tag(blocks, time_path)) or "")
        text = "{}-{}-{}".format(*day.groups(default="00"))
        if time:
            text += "T{}:{}:{}{}".format(*time.groups(default=""))
        match = _EXIF_TIME.fullmatch(text)
        return _timestamp(match, "", match["zone"] or "") if match else None

    return Source((date_path, time_path), read, ValueDomain(ValueType.TIME))


def _matched_time(value: JsonValue | None) -> re.Match[str] | None:
    """Match a time as in EXIF or XMP; unknown fields are zeros or blanks, or missing at the end."""
    return _EXIF_TIME.fullmatch((_text(value) or "").rstrip(" :-/."))


_IPTC_DATE = re.compile(r"([0-9]{4})(?:[-:]?([0-9]{2})(?:[-:]?([0-9]{2}))?)?", re.ASCII)
_IPTC_TIME = re.compile(r"([0-9]{2}):?([0-9]{2}):?([0-9]{2})([+-][0-9]{2}:?[0-9]{2})?", re.ASCII)
_EXIF_TIME = re.compile(
    r"""
    (?P<year>[0-9]{4})(?:[-:/.](?P<month>[0-9]{1,2})(?:[-:/.](?P<day>[0-9]{1,2})
    (?:(?:\s+|T)(?P<hour>[0-9]{1,2}):(?P<minute>[0-9]{2})(?::(?P<second>[0-9]{2})(?:[.,](?P<fraction>[0-9]+))?)?
       \s*(?P<zone>Z|[+-][0-9]{2}:?[0-9]{2})?)?)?)?
    """,
    re.ASCII | re.VERBOSE,
)
_TIME_OF_DAY = r"T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,9})?(Z|[+-][0-9]{2}:[0-9]{2})?"
TIME_PATTERN = rf"^[0-9]{{4}}(-[0-9]{{2}}(-[0-9]{{2}}({_TIME_OF_DAY})?)?)?$"
"""All times in a summary: ISO 8601, as precise as the file, from a year to a fraction of a second."""
_ZONE = re.compile(r"(Z)|([+-])([0-9]{2}):?([0-9]{2})", re.ASCII)
_MONTHS_OF_A_YEAR = 12
_FIRST_YEAR = 1826
"""The year of the oldest photograph; an earlier year means that the clock was not set."""


def _timestamp(match: re.Match[str], fraction: str, zone: str) -> str | None:
    """Format as ISO 8601 with the precision of the file, from a year to fractional seconds with a zone."""
    year, month, number = (int(match[unit] or 0) for unit in ("year", "month", "day"))
    if year < _FIRST_YEAR or month > _MONTHS_OF_A_YEAR:
        return None
    if not month or not number:
        return f"{year:04}-{month:02}" if month else f"{year:04}"
    try:
        day = date(year, month, number)
        if match["hour"] is None:
            return day.isoformat()
        moment = datetime(  # noqa: DTZ001 - a zone must not be assumed
            day.year,
            day.month,
            day.day,
            int(match["hour"]),
            int(match["minute"]),
            int(match["second"] or 0),
        )
    except ValueError:
        return None
    digits = fraction.strip()[:9] if re.fullmatch(r"[0-9]+", fraction.strip()) else ""
    return moment.isoformat() + (f".{digits}" if digits.strip("0") else "") + _zone(zone)


def _zone(text: str) -> str:
    match = _ZONE.fullmatch(text.strip())
    if not match:
        return ""
    if match[1]:
        return "Z"
    hours, minutes = int(match[3]), int(match[4])
    # The widest offsets in use are -12:00 and +14:00.
    return f"{match[2]}{match[3]}:{match[4]}" if minutes < 60 and hours * 60 + minutes <= 14 * 60 else ""
