"""Reads WebP (RFC 9649): canvas, frames, completeness, and the ``EXIF``, ``XMP `` and ``ICCP`` chunks."""

from adapters.embedded_metadata.budget import Budget
from adapters.embedded_metadata.byte_source import BlockSource, ByteSource, OutOfBounds
from adapters.embedded_metadata.layout import Excerpt, Layout, Warnings, malformed, truncated

_HEADER_LENGTH = 12
_VP8_START_CODE = b"\x9d\x01\x2a"
_VP8L_SIGNATURE = 0x2F
_METADATA = frozenset({b"EXIF", b"XMP ", b"ICCP"})
_IMAGE_DATA = frozenset({b"VP8 ", b"VP8L", b"ANMF"})
_PICTURE = frozenset({b"VP8X", b"VP8 ", b"VP8L", b"ALPH", b"ANIM"})
_EXIF_PREFIX = b"Exif\0\0"


def read_webp(source: ByteSource, budget: Budget, warnings: Warnings) -> Layout:
    """Read the structure and blocks of a WebP. Raises UnreadableImage if it ends before its RIFF does."""
    layout = Layout(bit_depth=8, frames=0)
    try:
        has_image_data = _walk(source, budget, warnings, layout)
    except OutOfBounds:
        raise truncated("WebP") from None
    if layout.width is None or not has_image_data:
        raise malformed("WebP", "it has no image data")
    layout.frames = max(layout.frames, 1)
    return layout


def _walk(source: ByteSource, budget: Budget, warnings: Warnings, layout: Layout) -> bool:
    """Read all chunks. Returns whether there is a picture among them."""
    end = int.from_bytes(source.read(4, 4), "little") + 8
    if end > source.size:
        raise OutOfBounds
    excerpt = Excerpt(budget.limits)
    offset, has_image_data = _HEADER_LENGTH, False
    for _ in range(budget.limits.max_structures):
        if offset + 8 > end:
            layout.excerpt = _with_riff_header(excerpt.pieces())
            return has_image_data
        header = source.read(offset, 8)
        kind, size = header[:4], int.from_bytes(header[4:], "little")
        data = offset + 8
        following = data + size + (size & 1)
        if data + size > source.size:
            raise OutOfBounds
        if kind in _METADATA:
            if _is_admitted(kind, size, layout, budget, warnings):
                _read_metadata(kind, source.read(data, size), layout)
        elif kind == b"ANMF":
            layout.frames += 1
        elif layout.width is None:
            _read_dimensions(kind, source.read(data, min(size, 10)), layout)
        has_image_data |= kind in _IMAGE_DATA
        if kind in _PICTURE or (kind == b"ANMF" and layout.frames == 1):
            excerpt.keep(offset, min(following, source.size))
        else:
            # Later frames count as blocks, but their size does not count: a few large ones are no problem.
            excerpt.omit(0 if kind == b"ANMF" else size)
        offset = following
    raise malformed("WebP", f"it has more than {budget.limits.max_structures} chunks")


def _with_riff_header(pieces: list[bytes | range] | None) -> list[bytes | range] | None:
    if pieces is None:
        return None
    size = 4 + sum(len(piece) for piece in pieces)
    return [b"RIFF" + size.to_bytes(4, "little") + b"WEBP", *pieces]


def _is_admitted(kind: bytes, size: int, layout: Layout, budget: Budget, warnings: Warnings) -> bool:
    """Tell whether a metadata chunk should be read: whether it is small enough, and no second profile."""
    limit = budget.limits.max_block_bytes
    if size > limit:
        warnings.add(f"WebP: a chunk of more than {limit} bytes was left out.")
        return False
    return not (kind == b"ICCP" and layout.icc) and budget.admit_block(size)


def _read_metadata(kind: bytes, data: bytes, layout: Layout) -> None:
    if kind == b"EXIF":
        layout.exif.append(BlockSource(data.removeprefix(_EXIF_PREFIX)))
    elif kind == b"XMP ":
        layout.xmp.append(data)
    else:
        layout.icc = data


def _read_dimensions(kind: bytes, data: bytes, layout: Layout) -> None:
    if kind == b"VP8X" and len(data) == 10:  # flags and two 24-bit sides less one
        layout.width = int.from_bytes(data[4:7], "little") + 1
        layout.height = int.from_bytes(data[7:10], "little") + 1
    elif kind == b"VP8 " and data[3:6] == _VP8_START_CODE and len(data) == 10:
        layout.width = int.from_bytes(data[6:8], "little") & 0x3FFF
        layout.height = int.from_bytes(data[8:10], "little") & 0x3FFF
    elif kind == b"VP8L" and len(data) >= 5 and data[0] == _VP8L_SIGNATURE:
        bits = int.from_bytes(data[1:5], "little")
        layout.width = (bits & 0x3FFF) + 1
        layout.height = (bits >> 14 & 0x3FFF) + 1
