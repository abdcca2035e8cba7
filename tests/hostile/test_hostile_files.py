"""Hostile files are read correctly or refused with a stable code, quickly, in little memory, cleanly."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from tests.support.hostile import Accepted, HostileFile, hostile_files
from tests.support.hostile.inspection import Inspection, MeasuredInspector

MAX_CPU_SECONDS = 1
MAX_SECONDS = 10
"""Wall-clock limit: nothing waits, but everything is slow on a busy machine."""
MAX_BYTES = 256 * 1024 * 1024


@pytest.fixture(scope="module")
def inspector(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MeasuredInspector]:
    with MeasuredInspector(tmp_path_factory.mktemp("hostile")) as inspector:
        yield inspector


@pytest.mark.parametrize("file", hostile_files(), ids=lambda file: file.name)
def test_a_hostile_file_is_read_right_or_refused(file: HostileFile, inspector: MeasuredInspector) -> None:
    inspection = inspector.inspect(file.content)
    assert inspection.crash is None
    assert inspection.left_behind == []
    assert inspection.cpu_seconds < MAX_CPU_SECONDS
    assert inspection.seconds < MAX_SECONDS
    assert inspection.peak_bytes < MAX_BYTES
    _check_outcome(file, inspection)


def _check_outcome(file: HostileFile, inspection: Inspection) -> None:
    if inspection.code is not None:
        assert inspection.code in file.codes
        return
    assert file.accepted is not None, f"accepted: {inspection.document}"
    assert inspection.document is not None
    _check_document(file.accepted, inspection.document)


def _check_document(right: Accepted, document: Mapping[str, Any]) -> None:
    assert {name: document["image"][name] for name in right.image} == right.image
    for block, values in right.values.items():
        assert {name: document.get(block, {}).get(name) for name in values} == values
    for block, values in (right.subset_of or {}).items():
        wrong = {
            name: value
            for name, value in document.get(block, {}).items()
            if name in values and value != pytest.approx(values[name])
        }
        assert wrong == {}
        assert block == "exif" or set(document.get(block, {})) <= set(values)
    text = json.dumps(document, ensure_ascii=False)
    assert [phrase for phrase in right.never if phrase in text] == []
