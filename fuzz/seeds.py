"""The starting inputs for fuzzing: our photos and hostile files, and the blocks in them."""

from collections.abc import Iterator

from tests.support.hostile import hostile_files
from tests.support.hostile.exif_abuse import BLOCKS
from tests.support.hostile.xmp_abuse import PACKETS
from tests.support.image_factory import icc, iptc, photos, xmp
from tests.support.image_factory.catalogue import complete, iim, iptc_rows
from tests.support.image_factory.tiff_structure import tiff_structure

from fuzz.targets import FILE_TARGETS

MAX_SEED_BYTES = 20_000
"""Small inputs keep the fuzzer fast."""

_LARGE = ("chunks", "extended-xmp", "frames", "inflation", "tiff-strips", "truncated")
"""Hostile files that are large, or that the fuzzer soon generates itself."""
_EXTENSIONS = {"jpg": "jpeg", "tif": "tiff"}


def seeds(name: str) -> Iterator[bytes]:
    """Return the starting inputs of the target with this name."""
    found = _file_seeds(name) if name in FILE_TARGETS or name == "sniff" else _block_seeds(name)
    return (seed for seed in found if 0 < len(seed) <= MAX_SEED_BYTES)


def _file_seeds(name: str) -> Iterator[bytes]:
    for photo in photos():
        if name in {photo.format, "sniff"}:
            yield photo.content
    for file in hostile_files():
        extension = file.name.rpartition(".")[2]
        if name == "sniff":
            wanted = file.name.startswith(("body", "kind"))
        else:
            wanted = _EXTENSIONS.get(extension, extension) == name and not file.name.startswith(_LARGE)
        if wanted:
            yield file.make()


def _block_seeds(name: str) -> Iterator[bytes]:
    blocks, _ = complete("jpeg")
    if name == "exif":
        yield from BLOCKS.values()
        if blocks.exif is not None:
            yield tiff_structure(blocks.exif, "<")
            yield tiff_structure(blocks.exif, ">")
            yield tiff_structure(blocks.exif, "<", big=True)
    elif name in {"iptc", "photoshop"}:
        for block in (iim(iptc_rows("utf-8"), utf8=True), iim(iptc_rows("latin-1"), utf8=False)):
            yield block if name == "iptc" else iptc.image_resources(block)
    elif name == "xmp":
        yield from PACKETS.values()
        yield blocks.xmp or b""
        yield xmp.packet([], 'xmp:Rating="2"')
    elif name == "icc":
        yield icc.profile("Seed")
        yield icc.profile("Seed", version=2)
        yield icc.profile("Grey", color_space=b"GRAY")
