"""Where the values of a summary come from, and how each source is read."""

import math
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from pydantic import JsonValue

from domain.metadata.model import Tags

Blocks = Mapping[str, Tags]
"""The metadata of one image by block: ``exif``, ``gps``, ``iptc`` and ``xmp``."""

Read = Callable[[Blocks], "JsonValue | None"]


@dataclass(frozen=True, slots=True)
class Source:
    """One place where a field's value may be."""

    tags: tuple[str, ...]
    """Such as ``exif.DateTimeOriginal``; the first is the value, others qualify it."""
    read: Read


def _tag(blocks: Blocks, path: str) -> JsonValue | None:
    block, _, name = path.partition(".")
    return blocks[block].get(name)


def _first(value: JsonValue | None) -> JsonValue | None:
    """The first item of a list, the default language of a language alternative, or the value."""
    if isinstance(value, list):
        return value[0] if value else None
    if isinstance(value, dict):
        return value.get("x-default", next(iter(value.values()), None))
    return value


def _number(value: JsonValue | None) -> float | int | None:
    """A finite number, also of XMP's text forms ``1/200`` and ``2.8``."""
    value = _first(value)
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return value if math.isfinite(value) else None
    if isinstance(value, str) and (match := _NUMBER.fullmatch(value.strip())):
        numerator, denominator = float(match[1]), float(match[2] or 1)
        return _tidy(numerator / denominator) if denominator else None
    return None


_NUMBER = re.compile(r"([+-]?[0-9]{1,15}(?:\.[0-9]{0,15})?)(?:/([0-9]{1,15}))?", re.ASCII)


def _tidy(number: float) -> float | int:
    """A whole number as an integer; others to 10 significant digits, as far as a rational carries."""
    return int(number) if number.is_integer() else float(f"{number:.10g}")


def _text(value: JsonValue | None) -> str | None:
    """A text without surrounding white space and control characters, unless nothing is left."""
    value = _first(value)
    if not isinstance(value, str):
        return None
    return _CONTROLS.sub("", value.replace("\r\n", "\n").replace("\r", "\n")).strip() or None


_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


def _text_of(path: str) -> Source:
    def read(blocks: Blocks) -> JsonValue | None:
        text = _text(_tag(blocks, path))
        return text if text and not _PLACEHOLDER.fullmatch(text) else None

    return Source((path,), read)


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


def _name_of(path: str) -> Source:
    """A name such as a camera model: any text but mere punctuation."""

    def read(blocks: Blocks) -> JsonValue | None:
        text = _text(_tag(blocks, path))
        return text if text and re.search(r"\w", text) else None

    return Source((path,), read)


def _texts_of(path: str, separator: str | None = None) -> Source:
    """A list of distinct texts; a single text may be several around a separator."""

    def read(blocks: Blocks) -> JsonValue | None:
        value = _tag(blocks, path)
        if isinstance(value, str) and separator:
            items: Iterable[JsonValue] = value.split(separator)
        else:
            items = value if isinstance(value, list) else [value]
        texts = dict.fromkeys(text for item in items if (text := _text(item)))
        return list(texts) or None

    return Source((path,), read)


def _number_of(
    path: str,
    *,
    above: float = -math.inf,
    at_most: float = math.inf,
    convert: Callable[[float], float] | None = None,
) -> Source:
    """A number greater than ``above`` and not beyond ``at_most``, both after the conversion."""

    def read(blocks: Blocks) -> JsonValue | None:
        number = _number(_tag(blocks, path))
        if number is None:
            return None
        if convert is not None:
            if abs(number) > _MAX_APEX:
                return None
            number = _tidy(convert(number))
        return number if above < number <= at_most else None

    return Source((path,), read)


_MAX_APEX = 64


def _apex_time(value: float) -> float:
    """Seconds of an APEX time value (EXIF 3.0 annex C): 2^-Tv."""
    return float(f"{2**-value:.6g}")


def _apex_aperture(value: float) -> float:
    """F-number of an APEX aperture value (EXIF 3.0 annex C): √2^Av."""
    return round(2 ** (value / 2), 2)


def _integer_of(path: str, *, above: int, at_most: int) -> Source:
    def read(blocks: Blocks) -> JsonValue | None:
        number = _number(_tag(blocks, path))
        return (
            int(number)
            if number is not None and number == int(number) and above < number <= at_most
            else None
        )

    return Source((path,), read)


def _flash_of(path: str) -> Source:
    """EXIF Flash, whose bit 0 says that it fired, or XMP's structure with ``exif:Fired``."""

    def read(blocks: Blocks) -> JsonValue | None:
        value = _tag(blocks, path)
        if isinstance(value, dict):
            fired = value.get("exif:Fired")
            return {"true": True, "false": False}.get(fired.lower()) if isinstance(fired, str) else None
        number = _number(value)
        return bool(int(number) & 1) if number is not None else None

    return Source((path,), read)


def _coordinate_of(path: str, reference: str, limit: int) -> Source:
    """Signed decimal degrees of EXIF's degrees, minutes and seconds with a reference letter."""

    def read(blocks: Blocks) -> JsonValue | None:
        parts = _tag(blocks, path)
        letter = _text(_tag(blocks, reference))
        if not isinstance(parts, list) or not letter:
            return None
        numbers = [_number(part) for part in parts[:3]]
        degrees = 0.0
        for number, unit in zip(numbers, (1, 60, 3600), strict=False):
            if number is None:
                # Receivers write 0/0 for a part that they fold into the one before it.
                if unit == 1:
                    return None
                continue
            degrees += number / unit
        return _signed_degrees(degrees, letter, limit)

    return Source((path, reference), read)


def _xmp_coordinate_of(path: str, limit: int) -> Source:
    """Signed decimal degrees of XMP's ``DDD,MM,SSk`` or ``DDD,MM.mmk`` (XMP part 2, GPSCoordinate)."""

    def read(blocks: Blocks) -> JsonValue | None:
        match = _XMP_COORDINATE.fullmatch(_text(_tag(blocks, path)) or "")
        if not match:
            return None
        degrees = float(match[1]) + float(match[2]) / 60 + float(match[3] or 0) / 3600
        return _signed_degrees(degrees, match[4], limit)

    return Source((path,), read)


_XMP_COORDINATE = re.compile(
    r"([0-9]{1,3}),([0-9]{1,2}(?:\.[0-9]{1,15})?)(?:,([0-9]{1,2}(?:\.[0-9]{1,15})?))?([NSEW])", re.ASCII
)


def _signed_degrees(degrees: float, letter: str, limit: int) -> float | None:
    signs = {"N": 1, "S": -1} if limit == _MAX_LATITUDE else {"E": 1, "W": -1}
    sign = signs.get(letter[0].upper())
    if sign is None or not 0 <= degrees <= limit:
        return None
    # Ten decimals are a hundredth of a millimetre; beyond them there is only rounding noise.
    return round(sign * degrees, 10) + 0.0


_MAX_LATITUDE = 90
_MAX_LONGITUDE = 180


def _altitude_of(path: str, reference: str) -> Source:
    """Metres, negative below the reference (references 1 and 3 of EXIF 3.0)."""

    def read(blocks: Blocks) -> JsonValue | None:
        metres = _number(_tag(blocks, path))
        if metres is None:
            return None
        if metres > 0 and _number(_tag(blocks, reference)) in {1, 3}:
            metres = -metres
        return metres if _MIN_ALTITUDE_M <= metres <= _MAX_ALTITUDE_M else None

    return Source((path, reference), read)


_MIN_ALTITUDE_M = -12_000
"""Just below the deepest ocean floor."""
_MAX_ALTITUDE_M = 1_000_000
"""Well above the orbits from which people take photographs."""


def _exif_time_of(path: str, subsecond: str, offset: str) -> Source:
    def read(blocks: Blocks) -> JsonValue | None:
        match = _EXIF_TIME.fullmatch(_text(_tag(blocks, path)) or "")
        if not match:
            return None
        fraction = _text(_tag(blocks, subsecond)) or ""
        zone = _text(_tag(blocks, offset)) or match["zone"] or ""
        return _timestamp(match, match["fraction"] or fraction, zone)

    return Source((path, subsecond, offset), read)


def _xmp_time_of(path: str) -> Source:
    def read(blocks: Blocks) -> JsonValue | None:
        match = _EXIF_TIME.fullmatch(_text(_tag(blocks, path)) or "")
        return _timestamp(match, match["fraction"] or "", match["zone"] or "") if match else None

    return Source((path,), read)


def _iptc_time_of(date_path: str, time_path: str) -> Source:
    """A date ``CCYYMMDD`` with, where there is one, a time ``HHMMSS±HHMM`` (IPTC-IIM 2:55 and 2:60)."""

    def read(blocks: Blocks) -> JsonValue | None:
        day = _IPTC_DATE.fullmatch(_text(_tag(blocks, date_path)) or "")
        if not day:
            return None
        time = _IPTC_TIME.fullmatch(_text(_tag(blocks, time_path)) or "")
        text = "{}-{}-{}".format(*day.groups())
        if time:
            text += "T{}:{}:{}{}".format(*time.groups(default=""))
        match = _EXIF_TIME.fullmatch(text)
        return _timestamp(match, "", match["zone"] or "") if match else None

    return Source((date_path, time_path), read)


_IPTC_DATE = re.compile(r"([0-9]{4})[-:]?([0-9]{2})[-:]?([0-9]{2})", re.ASCII)
_IPTC_TIME = re.compile(r"([0-9]{2}):?([0-9]{2}):?([0-9]{2})([+-][0-9]{2}:?[0-9]{2})?", re.ASCII)
_EXIF_TIME = re.compile(
    r"""
    (?P<year>[0-9]{4})[-:/.](?P<month>[0-9]{1,2})[-:/.](?P<day>[0-9]{1,2})
    (?:(?:\s+|T)(?P<hour>[0-9]{1,2}):(?P<minute>[0-9]{2})(?::(?P<second>[0-9]{2})(?:[.,](?P<fraction>[0-9]+))?)?
       \s*(?P<zone>Z|[+-][0-9]{2}:?[0-9]{2})?)?
    """,
    re.ASCII | re.VERBOSE,
)
_ZONE = re.compile(r"(Z)|([+-])([0-9]{2}):?([0-9]{2})", re.ASCII)
_FIRST_YEAR = 1826
"""The year of the oldest photograph; what is earlier is an unset clock."""


def _timestamp(match: re.Match[str], fraction: str, zone: str) -> str | None:
    """ISO 8601 to the precision that the file has: a day, or a second or part of one, with its zone."""
    try:
        day = date(int(match["year"]), int(match["month"]), int(match["day"]))
        if day.year < _FIRST_YEAR:
            return None
        if match["hour"] is None:
            return day.isoformat()
        moment = datetime(  # noqa: DTZ001 - an assumed zone would be an invention
            day.year,
            day.month,
            day.day,
            int(match["hour"]),
            int(match["minute"]),
            int(match["second"] or 0),
        )
    except ValueError:
        return None
    digits = fraction.strip()[:9] if re.fullmatch(r"[0-9]+", fraction.strip(), re.ASCII) else ""
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
