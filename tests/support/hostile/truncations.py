"""Whole photos cut short at every structure and a little into it."""

from collections.abc import Iterator

from tests.support.hostile.case import UNREADABLE, UNSUPPORTED, HostileFile, either, refused
from tests.support.image_factory import photo

CUT = (
    "jpeg-complete.jpg",
    "png-complete.png",
    "png-after-pixels.png",
    "gif-animated.gif",
    "webp-complete.webp",
    "tiff-little-endian.tif",
    "bigtiff-big-endian.tif",
    "heic-complete.heic",
    "avif-complete.avif",
)


def truncations() -> Iterator[HostileFile]:
    """All truncated photos. None may be accepted with a changed value.

    A JPEG without its end has lost pixels, whatever decoders make of it, and is refused; so is
    anything cut within its signature.
    """
    for name in CUT:
        whole = photo(name)
        stem, extension = name.split(".")
        everything = {
            block: getattr(whole.expected, block) for block in ("exif", "gps", "iptc", "xmp", "icc")
        }
        for at in sorted(_cuts(whole.content, whole.format)):
            cut_name = f"truncated-{stem}-{at:05}.{extension}"

            def make(content: bytes = whole.content, at: int = at) -> bytes:
                return content[:at]

            if at < 12:
                yield refused(cut_name, make, UNREADABLE, UNSUPPORTED)
            elif whole.format == "jpeg":
                yield refused(cut_name, make, UNREADABLE)
            else:
                yield either(cut_name, make, UNREADABLE, UNSUPPORTED, subset_of=everything)


def _cuts(content: bytes, image_format: str) -> set[int]:
    boundaries = {
        "jpeg": _jpeg,
        "png": _png,
        "gif": _gif,
        "webp": _webp,
        "tiff": _tiff,
        "heic": _isobmff,
        "avif": _isobmff,
    }[image_format]
    cuts = {1, 4, len(content) - 1, len(content) - 2}
    for at in boundaries(content):
        cuts |= {at, at + 5}
    return {at for at in cuts if 0 < at < len(content)}


def _jpeg(content: bytes) -> Iterator[int]:
    at = 2
    while content[at + 1] != 0xDA:
        yield at
        at += 2 + int.from_bytes(content[at + 2 : at + 4], "big")
    yield at
    yield at + 2 + int.from_bytes(content[at + 2 : at + 4], "big")
    yield (at + len(content)) // 2


def _png(content: bytes) -> Iterator[int]:
    at = 8
    while at < len(content):
        yield at
        size = int.from_bytes(content[at : at + 4], "big")
        yield at + 8 + size // 2
        at += 12 + size


def _gif(content: bytes) -> Iterator[int]:
    yield 6
    yield 13
    at = 13 + 3 * 128
    while content[at] != 0x3B:
        yield at
        if content[at] == 0x21:
            at += 2
        else:
            at += 11
        while content[at]:
            at += 1 + content[at]
        at += 1


def _webp(content: bytes) -> Iterator[int]:
    at = 12
    while at < len(content):
        yield at
        size = int.from_bytes(content[at + 4 : at + 8], "little")
        yield at + 8 + size // 2
        at += 8 + size + size % 2


def _tiff(content: bytes) -> Iterator[int]:
    yield 8
    yield 16
    # The directories and values lie one behind the other; a stride that is no multiple of a
    # field's size meets every part of them.
    yield from range(20, len(content), 1997)


def _isobmff(content: bytes) -> Iterator[int]:
    yield from _boxes(content, 0, len(content))


def _boxes(content: bytes, at: int, end: int) -> Iterator[int]:
    while at + 8 <= end:
        yield at
        size, kind = int.from_bytes(content[at : at + 4], "big"), content[at + 4 : at + 8]
        if kind == b"meta":
            yield from _boxes(content, at + 12, at + size)
        elif kind in (b"iprp", b"ipco"):
            yield from _boxes(content, at + 8, at + size)
        else:
            yield at + size // 2
        at += size
