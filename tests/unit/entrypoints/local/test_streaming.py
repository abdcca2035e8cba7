"""Polling the stream of the records."""

import asyncio
import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from entrypoints.local.streaming import MAX_ATTEMPTS, StreamFiles, StreamPoller

ARN = "arn:aws:dynamodb:eu-central-1:000000000000:table/records/stream/1"
Answer = Callable[[list[str]], list[str]]
"""Selects the failed ones of the records with these numbers."""


class Stream:
    """A stream whose records are numbered from "0"."""

    def __init__(self, length: int) -> None:
        self.numbers = [str(number) for number in range(length)]

    def describe_stream(self, **_: Any) -> Any:
        return {"StreamDescription": {"Shards": [{"ShardId": "shard"}]}}

    def get_shard_iterator(self, **options: Any) -> Any:
        if options["ShardIteratorType"] == "TRIM_HORIZON":
            return {"ShardIterator": "0"}
        if options["SequenceNumber"] not in self.numbers:
            raise ClientError({"Error": {"Code": "TrimmedDataAccessException"}}, "GetShardIterator")
        return {"ShardIterator": str(self.numbers.index(options["SequenceNumber"]) + 1)}

    def get_records(self, **options: Any) -> Any:
        start = int(options["ShardIterator"])
        created = datetime(2024, 1, 1, tzinfo=UTC)
        records = [
            {"dynamodb": {"SequenceNumber": number, "ApproximateCreationDateTime": created}}
            for number in self.numbers[start : start + options["Limit"]]
        ]
        return {"Records": records, "NextShardIterator": str(start + len(records))}


class Function:
    """Records the batches and answers as scripted until its last record is done."""

    def __init__(self, stream: Stream, answer: Answer = lambda _: []) -> None:
        self.batches: list[list[str]] = []
        self.done: list[str] = []
        self.stopped = asyncio.Event()
        self._stream = stream
        self._answer = answer

    async def invoke(self, name: str, event: dict[str, Any]) -> dict[str, Any]:
        assert name == "events"
        batch = [record["dynamodb"]["SequenceNumber"] for record in event["Records"]]
        self.batches.append(batch)
        failed = self._answer(batch)
        self.done += batch[: batch.index(failed[0])] if failed else batch
        if self.done and self.done[-1] == self._stream.numbers[-1]:
            self.stopped.set()
        return {"batchItemFailures": [{"itemIdentifier": number} for number in failed]}


@pytest.fixture
def files(tmp_path: Path) -> StreamFiles:
    return StreamFiles(tmp_path / "position", tmp_path / "set-aside")


def poll(stream: Stream, function: Function, files: StreamFiles) -> None:
    poller = StreamPoller(stream, ARN, files, function.invoke, pause_s=0)  # type: ignore[arg-type]  # a fake
    asyncio.run(asyncio.wait_for(poller.run(function.stopped), 30))


def test_the_next_run_continues_where_the_last_one_ended(files: StreamFiles) -> None:
    stream = Stream(3)
    poll(stream, Function(stream), files)
    stream.numbers += ["3", "4"]

    function = Function(stream)
    poll(stream, function, files)

    assert function.done == ["3", "4"]


def test_a_position_that_the_stream_does_not_know_is_its_beginning(files: StreamFiles) -> None:
    stream = Stream(2)
    files.position.write_text(json.dumps({"stream": ARN, "after": "lost"}))

    function = Function(stream)
    poll(stream, function, files)

    assert function.done == ["0", "1"]


def test_a_failed_record_is_retried_without_limit(files: StreamFiles) -> None:
    stream = Stream(3)
    failures = MAX_ATTEMPTS * 3

    def fail_at_first(batch: list[str]) -> list[str]:
        return ["1"] if "1" in batch and len(function.batches) <= failures else []

    function = Function(stream, fail_at_first)
    poll(stream, function, files)

    assert len(function.batches) == failures + 1
    assert function.done == ["0", "1", "2"]
    assert not files.set_aside.exists()


def test_a_record_that_fails_does_not_affect_others(
    files: StreamFiles, capsys: pytest.CaptureFixture[str]
) -> None:
    stream = Stream(20)

    def raise_at_seven(batch: list[str]) -> list[str]:
        if "7" in batch:
            raise ValueError("seven")
        return []

    function = Function(stream, raise_at_seven)
    poll(stream, function, files)

    assert function.done == [number for number in stream.numbers if number != "7"]
    assert function.batches.count(["7"]) == MAX_ATTEMPTS
    [line] = files.set_aside.read_text().splitlines()
    assert json.loads(line)["dynamodb"]["SequenceNumber"] == "7"
    assert str(files.set_aside) in capsys.readouterr().err


def test_a_record_that_cannot_be_set_aside_is_not_skipped(tmp_path: Path) -> None:
    stream = Stream(2)
    files = StreamFiles(tmp_path / "position", tmp_path / "missing" / "set-aside")

    def raise_at_first(batch: list[str]) -> list[str]:
        if "0" in batch and len(function.batches) < MAX_ATTEMPTS * 3:
            raise ValueError
        return []

    function = Function(stream, raise_at_first)
    poll(stream, function, files)

    assert function.done == ["0", "1"]


def test_the_poller_continues_without_disk_space_for_its_position(tmp_path: Path) -> None:
    stream = Stream(250)
    function = Function(stream)

    poll(stream, function, StreamFiles(tmp_path / "missing" / "position", tmp_path / "set-aside"))

    assert function.done == stream.numbers
