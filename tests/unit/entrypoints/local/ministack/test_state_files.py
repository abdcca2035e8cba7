"""The files with the emulator's state."""

import asyncio
import resource
from collections.abc import Iterator
from pathlib import Path

import pytest

from entrypoints.local.ministack.state_files import StateFiles


class Services:
    """Services whose state is a text."""

    def __init__(self) -> None:
        self.states = {"cognito": "users", "dynamodb": "tables"}
        self.snapshots: list[str] = []

    def snapshot(self, service: str) -> str:
        self.snapshots.append(service)
        return self.states[service]


@pytest.fixture
def services() -> Services:
    return Services()


@pytest.fixture
def files(tmp_path: Path, services: Services) -> StateFiles:
    return StateFiles(tmp_path, services.snapshot, "dynamodb")


@pytest.fixture
def short_files() -> Iterator[None]:
    """Simulate a full disk: no file can grow beyond ten bytes."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (10, before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_state_is_written(tmp_path: Path, files: StateFiles) -> None:
    asyncio.run(files.keep("cognito"))

    assert [path.name for path in tmp_path.iterdir()] == ["cognito.json"]
    assert (tmp_path / "cognito.json").read_text() == "users"


def test_changes_at_the_same_time_are_written_together(files: StateFiles, services: Services) -> None:
    async def change_often() -> None:
        await asyncio.gather(*(files.keep("cognito") for _ in range(50)))

    asyncio.run(change_often())

    assert 1 <= len(services.snapshots) <= 2


@pytest.mark.usefixtures("short_files")
def test_a_state_that_cannot_be_written_stays_what_it_was(
    tmp_path: Path, files: StateFiles, services: Services
) -> None:
    asyncio.run(files.keep("cognito"))
    services.states["cognito"] = "many more users"

    with pytest.raises(OSError, match="too large"):
        asyncio.run(files.keep("cognito"))
    assert not asyncio.run(files.can_keep("cognito", 0))
    assert [path.name for path in tmp_path.iterdir()] == ["cognito.json"]
    assert (tmp_path / "cognito.json").read_text() == "users"

    services.states["cognito"] = "fewer"
    assert asyncio.run(files.can_keep("cognito", 0))
    assert (tmp_path / "cognito.json").read_text() == "fewer"


def test_what_the_disk_has_no_room_for_cannot_be_kept(files: StateFiles) -> None:
    assert asyncio.run(files.can_keep("cognito", 1000))
    assert not asyncio.run(files.can_keep("cognito", 10**18))


def test_entries_are_added_to_the_journal_until_the_whole_state_is_written(
    tmp_path: Path, files: StateFiles
) -> None:
    asyncio.run(files.keep_entry("1"))
    asyncio.run(files.keep_entry("2"))
    assert [line.strip() for line in files.entries()] == ["1", "2"]

    asyncio.run(files.keep("dynamodb"))

    assert list(files.entries()) == []
    assert (tmp_path / "dynamodb.json").read_text() == "tables"


@pytest.mark.usefixtures("short_files")
def test_an_entry_that_cannot_be_written_leaves_no_half_of_it(files: StateFiles) -> None:
    asyncio.run(files.keep_entry("first"))

    with pytest.raises(OSError, match=r"cannot be written|too large"):
        asyncio.run(files.keep_entry("second"))

    assert [line.strip() for line in files.entries()] == ["first"]


def test_an_entry_whose_writer_was_killed_does_not_join_the_next_one(
    tmp_path: Path, files: StateFiles
) -> None:
    asyncio.run(files.keep_entry("first"))
    with (tmp_path / "dynamodb.journal").open("a") as journal:
        journal.write("cut o")

    assert [line.strip() for line in files.entries()] == ["first"]
    asyncio.run(files.keep_entry("second"))

    assert [line.strip() for line in files.entries()] == ["first", "second"]
