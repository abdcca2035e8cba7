"""No file makes the reading of its metadata slow or large by overlap, repetition or inflation."""

from collections.abc import Iterator

import pytest

from adapters.embedded_metadata.limits import ReaderLimits
from tests.support.hostile.costly_files import FILE_FORMATS, CostlyFile, costly_files
from tests.support.hostile.reading_cost import MeasuredReader

MAX_FILE_BYTES = 50 * 1024 * 1024
MAX_CPU_SECONDS = 1
MAX_BYTES = 128 * 1024 * 1024


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MeasuredReader]:
    with MeasuredReader(tmp_path_factory.mktemp("costly")) as reader:
        yield reader


@pytest.mark.parametrize("file", list(costly_files()), ids=lambda file: file.name)
def test_reading_the_metadata_costs_little(file: CostlyFile, reader: MeasuredReader) -> None:
    content = file.make()
    assert len(content) <= MAX_FILE_BYTES

    reading = reader.read(content)

    assert reading.crash is None
    # The rest of a document, such as the summary, comes from the blocks.
    assert reading.document_bytes < 3 * ReaderLimits().max_document_bytes
    assert reading.bytes_above_idle < MAX_BYTES
    if reading.cpu_seconds >= MAX_CPU_SECONDS:
        # Other processes compete for caches and cores, so the faster of two readings counts.
        reading = reader.read(content)
    assert reading.cpu_seconds < MAX_CPU_SECONDS


def test_every_file_format_is_tried_with_every_block_that_it_can_have() -> None:
    tried = {file.name.rpartition(".")[2] for file in costly_files()}

    assert tried == {extension.rpartition(".")[2] for extension in FILE_FORMATS}
    for extension, (_, kinds) in FILE_FORMATS.items():
        for kind in kinds:
            names = [file.name for file in costly_files() if file.name.endswith("." + extension)]
            assert any(name.startswith(f"{kind}-") for name in names)
            assert any(name.startswith(f"repeated-{kind}-") for name in names)
