"""Image ids: 26 URL-safe characters that sort from the newest image to the oldest.

An id is a ULID (https://github.com/ulid/spec) in lower case whose 48-bit millisecond part is
subtracted from its maximum, so an ascending listing of storage keys is newest first.
"""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
_VALUES = {character: value for value, character in enumerate(_ALPHABET)}
_LATEST_MS = (1 << 48) - 1
_RANDOM_BITS = 80
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_PATTERN = re.compile(r"[0-7][0-9a-hjkmnp-tv-z]{25}", re.ASCII)

RandomBytes = Callable[[int], bytes]
"""Returns the given number of unpredictable bytes, such as :func:`secrets.token_bytes`."""


def new_image_id(now: datetime, random_bytes: RandomBytes) -> str:
    """Make a new id for an image created at ``now``, an aware time of which the milliseconds are kept."""
    milliseconds = (now - _EPOCH) // timedelta(milliseconds=1)
    number = (_LATEST_MS - milliseconds) << _RANDOM_BITS | int.from_bytes(
        random_bytes(_RANDOM_BITS // 8), "big"
    )
    return "".join(_ALPHABET[number >> shift & 31] for shift in range(125, -1, -5))


def is_image_id(text: str) -> bool:
    """Tell whether ``text`` is a well-formed image id."""
    if not _PATTERN.fullmatch(text):
        return False
    try:
        created_at(text)
    except OverflowError:
        return False
    return True


def created_at(image_id: str) -> datetime:
    """Return when the image with this well-formed id was created (UTC, to the millisecond)."""
    number = 0
    for character in image_id:
        number = number << 5 | _VALUES[character]
    return _EPOCH + timedelta(milliseconds=_LATEST_MS - (number >> _RANDOM_BITS))
