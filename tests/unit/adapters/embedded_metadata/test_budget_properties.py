"""Whatever the bytes of a file are, reading stays within the budget and gives the same result each time."""

import io
import sys
import tracemalloc
from collections.abc import Callable
from dataclasses import dataclass
from types import FrameType

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adapters.embedded_metadata.budget import Budget, json_bytes
from adapters.embedded_metadata.byte_source import BlockSource
from adapters.embedded_metadata.exif import decode_exif
from adapters.embedded_metadata.icc import decode_icc
from adapters.embedded_metadata.iptc import decode_iptc
from adapters.embedded_metadata.layout import Layout, Warnings
from adapters.embedded_metadata.limits import ReaderLimits
from adapters.embedded_metadata.photoshop import read_image_resources
from adapters.embedded_metadata.reader import EmbeddedMetadata, EmbeddedMetadataReader
from adapters.embedded_metadata.xmp import decode_xmp
from domain.metadata.errors import UnreadableImage
from domain.metadata.model import Tags
from domain.shared.image_format import ImageFormat
from tests.support.hostile.costly_blocks import BLOCKS, Kind
from tests.support.hostile.costly_files import FILE_FORMATS

LIMITS = ReaderLimits(
    max_block_bytes=40_000,
    max_inflated_bytes=40_000,
    max_metadata_bytes=100_000,
    max_decoding_bytes=200_000,
    max_elements=2_500,
    max_xml_nodes=50_000,
    max_text_length=5_000,
    max_document_bytes=6_000,
)
MAX_BYTES = 2 * (LIMITS.max_metadata_bytes + LIMITS.max_decoding_bytes) + 500 * LIMITS.max_elements
"""Much smaller limits than the blocks would need if each value had limits of its own."""
MAX_CALLS = 80 * LIMITS.max_elements
MAX_BYTES_READ = LIMITS.max_metadata_bytes + LIMITS.max_decoding_bytes + 100_000
FORMATS = {
    "jpg": ImageFormat.JPEG,
    "png": ImageFormat.PNG,
    "gif": ImageFormat.GIF,
    "webp": ImageFormat.WEBP,
    "tif": ImageFormat.TIFF,
    "big.tif": ImageFormat.TIFF,
    "heic": ImageFormat.HEIC,
    "avif": ImageFormat.AVIF,
}

slow = [HealthCheck.too_slow]
block_examples = settings(deadline=None, max_examples=40, suppress_health_check=slow)
file_examples = settings(deadline=None, max_examples=10, suppress_health_check=slow)
mutations = st.lists(st.tuples(st.integers(0, 1_000_000), st.binary(min_size=1, max_size=8)), max_size=4)


def blocks(kind: Kind) -> st.SearchStrategy[bytes]:
    """Generate costly blocks of a kind, of a size around the limits, with some bytes replaced."""

    def made(shape: str, size: int, replaced: list[tuple[int, bytes]]) -> bytes:
        block = bytearray(BLOCKS[kind][shape](size))
        for at, value in replaced:
            offset = at % max(len(block), 1)
            block[offset : offset + len(value)] = value
        return bytes(block)

    return st.builds(made, st.sampled_from(sorted(BLOCKS[kind])), st.integers(4_000, 60_000), mutations)


class CountingStream(io.BytesIO):
    """A stream that counts the bytes read from it."""

    bytes_read = 0

    def read(self, size: int | None = -1, /) -> bytes:
        found = super().read(size)
        self.bytes_read += len(found)
        return found


class CountingSource(BlockSource):
    """A block that counts the bytes read from it."""

    bytes_read = 0

    def read(self, offset: int, length: int) -> bytes:
        self.bytes_read += length
        return super().read(offset, length)


@dataclass
class Cost:
    """The measured cost of an action, independent of its own accounting."""

    peak_bytes: int = 0
    calls: int = 0
    """Calls of Python and C functions: a measure of time that is the same on every machine."""


def cost_of(action: Callable[[], object]) -> Cost:
    """Run an action twice, once to measure its memory and once to count its calls."""
    cost = Cost()
    tracemalloc.start()
    try:
        action()
        cost.peak_bytes = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()

    def count(_frame: FrameType, event: str, _argument: object) -> None:
        cost.calls += event in {"call", "c_call"}

    previous = sys.getprofile()
    sys.setprofile(count)
    try:
        action()
    finally:
        sys.setprofile(previous)
    return cost


def decode_block(kind: Kind, block: bytes) -> dict[str, Tags]:
    budget, warnings, tags = Budget(LIMITS), Warnings(LIMITS.max_warnings), Tags()
    if kind == "exif":
        found = decode_exif(BlockSource(block), budget, warnings)
        return {"exif": found.exif, "gps": found.gps}
    if kind == "iptc":
        return {"iptc": decode_iptc(block, budget, warnings)}
    if kind == "xmp":
        decode_xmp(block, tags, budget, warnings)
    elif kind == "icc":
        return {"icc": decode_icc(block, budget, warnings)}
    else:
        read_image_resources(block, Layout(), budget, warnings)
    return {"xmp": tags}


@pytest.mark.parametrize("kind", BLOCKS)
@block_examples
@given(data=st.data())
def test_a_block_stays_within_the_budget(kind: Kind, data: st.DataObject) -> None:
    block = data.draw(blocks(kind))

    cost = cost_of(lambda: decode_block(kind, block))
    tags = decode_block(kind, block)

    assert cost.peak_bytes < MAX_BYTES
    assert cost.calls < MAX_CALLS
    assert sum(map(json_bytes, tags.values())) < LIMITS.max_document_bytes + 100
    assert decode_block(kind, block) == tags


def read(content: io.BytesIO, image_format: ImageFormat) -> EmbeddedMetadata | None:
    reader = EmbeddedMetadataReader(LIMITS)
    try:
        return reader.decode(*reader.read_structure(content, image_format))
    except UnreadableImage:
        return None


@block_examples
@given(block=blocks("exif"))
def test_bytes_that_many_tags_point_to_are_read_as_often_as_the_budget_allows(block: bytes) -> None:
    source = CountingSource(block)

    decode_exif(source, Budget(LIMITS), Warnings(LIMITS.max_warnings))

    assert source.bytes_read < MAX_BYTES_READ


@pytest.mark.parametrize(
    ("extension", "kind"),
    [(extension, kind) for extension, (_, kinds) in FILE_FORMATS.items() for kind in kinds],
)
@file_examples
@given(data=st.data())
def test_a_file_stays_within_the_budget(extension: str, kind: Kind, data: st.DataObject) -> None:
    write, _ = FILE_FORMATS[extension]
    content = write(kind, data.draw(blocks(kind)), data.draw(st.integers(1, 40)))
    image_format = FORMATS[extension]

    stream = CountingStream(content)
    found = read(stream, image_format)
    cost = cost_of(lambda: read(io.BytesIO(content), image_format))

    # The structure is read once, in windows of which two may overlap.
    assert stream.bytes_read < 2 * len(content) + MAX_BYTES_READ
    assert cost.peak_bytes < MAX_BYTES
    assert cost.calls < MAX_CALLS
    assert read(io.BytesIO(content), image_format) == found
    if found:
        tags = (found.exif, found.gps, found.iptc, found.xmp, found.icc, found.png)
        assert sum(map(json_bytes, tags)) < LIMITS.max_document_bytes + 100
