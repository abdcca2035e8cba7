"""Reads the metadata of files in separate processes and measures what the reading costs.

``python -m tests.support.hostile.reading_cost`` is the other end of :class:`MeasuredReader`. Measured is
all that becomes of a file's metadata, up to the document's bytes, without ``identify`` and the hash of
the whole file.
"""

import resource
import time
from dataclasses import dataclass, replace
from pathlib import Path

from adapters.embedded_metadata.reader import EmbeddedMetadataReader
from domain.metadata.document import build_document
from domain.metadata.errors import UnreadableImage
from domain.metadata.model import ExtractionTool
from domain.shared.image_format import SNIFF_LENGTH, sniff_format
from tests.support.hostile.forked_runs import ForkedRuns, serve

_READER = EmbeddedMetadataReader()
_TOOL = ExtractionTool(tool="none", version="1")


@dataclass(frozen=True)
class Reading:
    """The result of reading one file's metadata."""

    crash: str | None = None
    document_bytes: int = 0
    cpu_seconds: float = 0
    bytes_above_idle: int = 0
    """The peak of the process minus its memory before."""


class MeasuredReader(ForkedRuns):
    """Reads the metadata of files, one process each. Use it as a context manager."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, "tests.support.hostile.reading_cost")

    def read(self, content: bytes) -> Reading:
        """Read one file."""
        return replace(Reading(), **self.run(content))


def _read(path: Path) -> Reading:
    idle = _resident_bytes()
    started = time.process_time()
    crash, document = None, b""
    try:
        document = _document(path)
    except UnreadableImage:
        pass
    except Exception as error:
        crash = repr(error)
    return Reading(
        crash=crash,
        document_bytes=len(document),
        cpu_seconds=time.process_time() - started,
        bytes_above_idle=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 - idle,
    )


def _document(path: Path) -> bytes:
    with path.open("rb") as content:
        image_format = sniff_format(content.read(SNIFF_LENGTH))
        assert image_format is not None, "not an image"
        embedded = _READER.decode(*_READER.read_structure(content, image_format))
    extracted = embedded.joined_with(
        image_format=image_format,
        width=embedded.width or 1,
        height=embedded.height or 1,
        bit_depth=embedded.bit_depth or 8,
        color_space="sRGB",
        extracted_with=_TOOL,
    )
    return build_document(extracted, size_bytes=path.stat().st_size, sha256="").to_json()


def _resident_bytes() -> int:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize()


if __name__ == "__main__":
    serve(lambda path: _read(path).__dict__)
