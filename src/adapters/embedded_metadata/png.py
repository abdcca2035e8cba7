"""Reads PNG (W3C, third edition): image header, completeness, and the metadata in chunks.

``eXIf`` holds EXIF, ``iTXt`` with the keyword ``XML:com.adobe.xmp`` XMP, and ``iCCP`` the ICC profile.
Before those existed, ImageMagick and exiftool wrote "raw profiles": hexadecimal text in text chunks
with the keyword ``Raw profile type …``. Chunks after the image data count as well.
"""

import binascii
import re
import struct
import zlib

from adapters.embedded_metadata.budget import Budget, BudgetSpent
from adapters.embedded_metadata.byte_source import BlockSource, ByteSource, OutOfBounds
from adapters.embedded_metadata.layout import Excerpt, Layout, Warnings, malformed, truncated
from adapters.embedded_metadata.photoshop import read_image_resources

_SIGNATURE_LENGTH = 8
_CHUNK_HEADER = struct.Struct(">I4s")
_CHUNK_OVERHEAD = 12
"""Bytes of a chunk besides its data: length, type and checksum."""
_XMP_KEYWORD = b"XML:com.adobe.xmp"
_CREATION_TIME_KEYWORD = b"Creation Time"
_KEYWORDS = frozenset({_XMP_KEYWORD, _CREATION_TIME_KEYWORD})
_RAW_PROFILE = re.compile(rb"Raw profile type (\w{1,16})")
_RAW_PROFILE_START = re.compile(rb"\s*[^\n]*\n\s*([0-9]{1,10})\s")
_HEXADECIMAL = re.compile(rb"[0-9A-Fa-f\s]*")
_LITTLE = 16
"""Bytes by which the stated length of a raw profile may harmlessly differ from the real one."""
_EXIF_PREFIX = b"Exif\0\0"
_XMP_PREFIX = b"http://ns.adobe.com/xap/1.0/\0"
_MAX_KEYWORD = 79
_WHITE_SPACE = b" \t\r\n\v\f"
_BLOCKS = frozenset({b"eXIf", b"iCCP"})
_WANTED = frozenset({b"eXIf", b"iTXt", b"tEXt", b"zTXt", b"iCCP"})
_PICTURE = frozenset({b"IHDR", b"PLTE", b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"bKGD", b"sBIT"})
_COMPRESSED = frozenset({b"iTXt", b"zTXt", b"iCCP"})
_GREY_COLOR_TYPES = frozenset({0, 4})
_COMPRESSION_WEIGHT = 16
_COST_OF_BLOCK = 8
"""Elements that every block costs, however small it is."""


class _TooLarge(Exception):
    """A compressed block inflates beyond the limit."""


def read_png(source: ByteSource, budget: Budget, warnings: Warnings) -> Layout:
    """Read the structure and blocks of a PNG. Raises UnreadableImage if it ends before its IEND chunk."""
    layout = Layout()
    try:
        _walk(source, budget, warnings, layout)
    except OutOfBounds:
        raise truncated("PNG") from None
    return layout


def _walk(source: ByteSource, budget: Budget, warnings: Warnings, layout: Layout) -> None:
    header = source.read(_SIGNATURE_LENGTH, 18)
    if header[:8] != b"\0\0\0\x0dIHDR":
        raise malformed("PNG", "it does not start with its image header")
    layout.width = int.from_bytes(header[8:12], "big")
    layout.height = int.from_bytes(header[12:16], "big")
    layout.bit_depth = header[16]
    layout.is_grey = header[17] in _GREY_COLOR_TYPES
    offset, has_image_data, frames = _SIGNATURE_LENGTH, False, 0
    excerpt = Excerpt(budget.limits)
    excerpt.keep(0, offset)
    chunks = 0
    while chunks < budget.limits.max_structures:
        length, kind = _CHUNK_HEADER.unpack(source.read(offset, _CHUNK_HEADER.size))
        if kind == b"IDAT":
            has_image_data, start = True, offset
            offset, looks = _skip_image_data(source, offset, budget.limits.max_structures - chunks)
            chunks += looks
            excerpt.keep(start, offset)
            continue
        if kind == b"IEND":
            if not has_image_data:
                raise malformed("PNG", "it has no image data")
            excerpt.keep(offset, offset + length + _CHUNK_OVERHEAD)
            layout.excerpt = excerpt.pieces()
            layout.frames = max(frames, 1)
            return
        if kind in _WANTED:
            limit = budget.limits.max_block_bytes
            if length > limit:
                warnings.add(f"PNG: a chunk of more than {limit} bytes was left out.")
            elif _is_wanted(kind, source, offset + 8, length) and budget.admit_block(length):
                _read_chunk(kind, source.read(offset + 8, length), layout, budget, warnings)
        if kind in _PICTURE:
            excerpt.keep(offset, offset + length + _CHUNK_OVERHEAD)
        else:
            excerpt.omit(length * _COMPRESSION_WEIGHT if kind in _COMPRESSED else length)
        # An animation's acTL chunk only claims how many frames there are; each has an fcTL chunk.
        frames += kind == b"fcTL"
        offset += length + _CHUNK_OVERHEAD
        chunks += 1
    raise malformed("PNG", f"it has more than {budget.limits.max_structures} chunks")


def _skip_image_data(source: ByteSource, offset: int, limit: int) -> tuple[int, int]:
    """Return the offset after the IDAT chunks that start at ``offset``, and how many headers were read.

    In most files, most chunks are IDAT chunks. All but the last have one size, and no others may come
    between them (section 5.6). So if a chunk of the same size starts at a multiple of that size further
    on, everything up to it is IDAT as well. The search looks twice as far ahead while that succeeds, and
    half as far when it fails. It stops once it has read more than ``limit`` headers.
    """
    looks, ahead = 0, 1
    header = source.peek(offset, _CHUNK_HEADER.size)
    length, kind = _CHUNK_HEADER.unpack(header)
    while kind == b"IDAT" and looks <= limit:
        target = offset + ahead * (length + _CHUNK_OVERHEAD)
        if ahead > 1 and target + _CHUNK_HEADER.size > source.size:
            ahead //= 2
            continue
        found = source.peek(target, _CHUNK_HEADER.size)
        looks += 1
        is_alike = found == header
        if is_alike or ahead == 1:
            offset, header = target, found
            length, kind = _CHUNK_HEADER.unpack(header)
        ahead = ahead * 2 if is_alike else max(ahead // 2, 1)
    return offset, looks


def _is_wanted(kind: bytes, source: ByteSource, offset: int, length: int) -> bool:
    """Tell whether a chunk is a metadata block; for a text chunk, its keyword decides."""
    if kind in _BLOCKS:
        return True
    keyword, _, _ = source.read(offset, min(length, _MAX_KEYWORD + 1)).partition(b"\0")
    return keyword in _KEYWORDS or bool(_RAW_PROFILE.fullmatch(keyword))


def _read_chunk(kind: bytes, data: bytes, layout: Layout, budget: Budget, warnings: Warnings) -> None:
    try:
        budget.charge_elements(_COST_OF_BLOCK)
        if kind == b"eXIf":
            layout.exif.append(BlockSource(data.removeprefix(_EXIF_PREFIX)))
        elif kind == b"iCCP":
            _, _, compressed = data.partition(b"\0")
            layout.icc = layout.icc or _inflate(compressed[1:], budget)
        else:
            _read_text(kind, data, layout, budget, warnings)
    except _TooLarge:
        limit = budget.limits.max_inflated_bytes
        warnings.add(f"PNG: a block that inflates beyond {limit} bytes was left out.")
    except BudgetSpent:
        # Keep what was found so far.
        pass
    except (zlib.error, ValueError):
        warnings.add("PNG: a damaged text or profile chunk was left out.")


def _read_text(kind: bytes, data: bytes, layout: Layout, budget: Budget, warnings: Warnings) -> None:
    keyword, _, rest = data[: _MAX_KEYWORD + 1].partition(b"\0")
    rest = data[len(keyword) + 1 :]
    profile = _RAW_PROFILE.fullmatch(keyword)
    if kind == b"zTXt":
        text = _inflate(rest[1:], budget)
    elif kind == b"iTXt":
        compressed = rest[:1] == b"\1"
        _, _, rest = rest[2:].partition(b"\0")
        _, _, text = rest.partition(b"\0")
        text = _inflate(text, budget) if compressed else text
    else:
        text = rest
    if profile:
        budget.charge_decoding(len(text))
        _read_raw_profile(profile[1].lower(), _from_hexadecimal(text, warnings), layout, budget, warnings)
    elif keyword == _XMP_KEYWORD:
        layout.xmp.append(text)
    else:
        layout.creation_time = layout.creation_time or text.strip(b"\0 ")


def _from_hexadecimal(text: bytes, warnings: Warnings) -> bytes:
    r"""Decode a raw profile: ``\nNAME\nLENGTH\n`` and lines of hexadecimal digits.

    Bytes after the stated length are ignored, unless they are the end of the profile: some writers do
    not count a header. Raises ValueError if there is no length.
    """
    start = _RAW_PROFILE_START.match(text)
    if not start:
        raise ValueError
    length, end = int(start[1]), _HEXADECIMAL.match(text, start.end())
    found = end[0].translate(None, _WHITE_SPACE) if end else b""
    there = len(found) // 2
    if length and not there:
        raise ValueError
    if there + _LITTLE < length:
        warnings.add("PNG: a raw profile is cut short.")
    is_whole = end is not None and not text[end.end() :].strip(b"\0") and len(found) % 2 == 0
    if not (is_whole and there <= length + _LITTLE):
        there = min(there, length)
    return binascii.unhexlify(found[: 2 * there])


def _read_raw_profile(
    kind: bytes, profile: bytes, layout: Layout, budget: Budget, warnings: Warnings
) -> None:
    if kind in {b"exif", b"app1"} and profile.startswith(_XMP_PREFIX):
        layout.xmp.append(profile[len(_XMP_PREFIX) :])
    elif kind in {b"exif", b"app1"}:
        layout.exif.append(BlockSource(profile.removeprefix(_EXIF_PREFIX)))
    elif kind in {b"iptc", b"8bim"}:
        if profile.startswith(b"\x1c"):
            layout.iptc = layout.iptc or profile
        else:
            _, _, resources = profile.partition(b"Photoshop 3.0\0")
            read_image_resources(resources or profile, layout, budget, warnings)
    elif kind == b"xmp":
        layout.xmp.append(profile)
    elif kind in {b"icc", b"icm"}:
        layout.icc = layout.icc or profile


def _inflate(compressed: bytes, budget: Budget) -> bytes:
    """Inflate a block. Raises :class:`_TooLarge` or BudgetSpent if the result is too large."""
    limit = budget.limits.max_inflated_bytes
    most = min(limit, budget.block_bytes)
    inflater = zlib.decompressobj()
    inflated = inflater.decompress(compressed, most + 1)
    budget.charge_block(min(len(inflated), most))
    if len(inflated) <= most:
        return inflated
    if most < limit:
        budget.charge_block(1)
    raise _TooLarge
