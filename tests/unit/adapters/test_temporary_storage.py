"""Temporary files on a disk that is full, read-only or missing."""

import errno
import os
import resource
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest
from botocore.response import StreamingBody

from adapters.temporary_storage import temporary_directory, temporary_file, translated_disk_errors
from domain.shared.errors import ServiceUnavailable
from domain.shared.image_format import ImageFormat
from tests.support.samples import image_ref
from tests.unit.adapters.s3.test_failures import Stores

CONTENT = b"\xff\xd8\xff\xe0" + bytes(100_000)
REF = image_ref()


@pytest.fixture
def full_disk() -> Iterator[None]:
    """Simulate a full disk: no file can grow beyond a few hundred bytes."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (500, before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.fixture
def no_disk(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "missing"))


@pytest.fixture(params=["full_disk", "no_disk"])
def bad_disk(request: pytest.FixtureRequest) -> None:
    request.getfixturevalue(request.param)


@pytest.fixture
def stores() -> Iterator[Stores]:
    """Both stores, on an S3 that has the image."""
    stores = Stores()
    with stores.stubber:
        body = StreamingBody(BytesIO(CONTENT), len(CONTENT))  # type: ignore[arg-type]
        answer = {"Body": body, "ETag": '"etag"', "ContentLength": len(CONTENT)}
        stores.stubber.add_response("get_object", answer)
        yield stores


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EROFS, errno.EDQUOT, errno.EIO, errno.EMFILE])
def test_a_failure_of_the_disk_is_reported_as_temporary(number: int) -> None:
    with pytest.raises(ServiceUnavailable, match="no space") as raised, translated_disk_errors():
        raise OSError(number, os.strerror(number))
    assert isinstance(raised.value.__cause__, OSError)


@pytest.mark.usefixtures("bad_disk")
def test_an_original_that_finds_no_room_can_be_read_later(stores: Stores) -> None:
    with pytest.raises(ServiceUnavailable), stores.images.open_original(REF, ImageFormat.JPEG):
        pass


@pytest.mark.usefixtures("bad_disk")
def test_incoming_bytes_that_find_no_room_can_be_read_later(stores: Stores) -> None:
    with stores.incoming.open(REF, 100) as opened:
        assert opened
        with pytest.raises(ServiceUnavailable), opened.download():
            pass


@pytest.mark.usefixtures("full_disk")
def test_what_is_kept_back_until_a_file_is_closed_counts_too() -> None:
    with pytest.raises(ServiceUnavailable), temporary_file(".jpg") as file:
        file.write(bytes(600))


def test_nothing_is_left_of_a_file_or_a_directory(tmp_path: Path) -> None:
    with temporary_file(".jpg") as file:
        assert file.name.endswith(".jpg")
    with temporary_directory("read-", tmp_path) as directory:
        (directory / "inner").mkdir()
        (directory / "inner" / "file").touch()

    assert not Path(file.name).exists()
    assert list(tmp_path.iterdir()) == []


PROGRAM = """
import os, sys, tempfile
from pathlib import Path
from adapters.temporary_storage import temporary_directory, temporary_file
tempfile.tempdir = sys.argv[1]
with temporary_file(".jpg") as file, temporary_directory("read-") as directory:
    (directory / "inner").write_bytes(bytes(10))
    print(flush=True)
    sys.stdin.read()
    os.kill(os.getpid(), 9)
"""


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def test_what_a_killed_process_left_is_removed_by_the_next_one_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    (tmp_path / "of-another-program").touch()
    left, alive = (
        subprocess.Popen(
            [sys.executable, "-c", PROGRAM, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        for _ in range(2)
    )
    for process in (left, alive):
        assert process.stdout
        process.stdout.read(1)
    both = names(tmp_path)
    left.communicate()

    assert names(tmp_path) == both
    assert len(both) == 5
    with temporary_file(".jpg"):
        assert len(names(tmp_path)) == 4
    alive.communicate()


def test_an_error_of_the_caller_stays_what_it_is(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError), temporary_directory("read-", tmp_path):
        raise FileNotFoundError

    assert list(tmp_path.iterdir()) == []
