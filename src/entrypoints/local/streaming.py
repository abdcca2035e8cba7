"""Passes the changes of a DynamoDB stream to a Lambda handler, as an event source mapping does.

https://docs.aws.amazon.com/lambda/latest/dg/with-ddb.html
"""

import asyncio
import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from entrypoints.local.gateway import Invoke

if TYPE_CHECKING:
    from mypy_boto3_dynamodbstreams import DynamoDBStreamsClient
    from mypy_boto3_dynamodbstreams.type_defs import RecordTypeDef

FUNCTION = "events"
BATCH_SIZE = 100
MAX_ATTEMPTS = 5
"""How often the function may fail for one record before the record is set aside."""
_WAIT_S = 0.2
"""How long to wait after an empty read. It is short, because the renditions of a new image wait for it."""
_PAUSE_AFTER_FAILURE_S = 1


@dataclass(frozen=True, slots=True)
class StreamFiles:
    """The files that the poller writes for the next run."""

    position: Path
    """The position in the stream."""
    set_aside: Path
    """The records that the function cannot process, one JSON line each."""


class StreamPoller:
    """Reads the stream in order, invokes the function, and continues after the processed records.

    Records that the function reports as failed are retried until they succeed. If it raises an exception,
    the batch is halved; a single record that always raises is written to a file, with a warning.
    """

    def __init__(
        self,
        client: "DynamoDBStreamsClient",
        stream_arn: str,
        files: StreamFiles,
        invoke: Invoke,
        pause_s: float = _PAUSE_AFTER_FAILURE_S,
    ) -> None:
        self._client = client
        self._stream_arn = stream_arn
        self._files = files
        self._invoke = invoke
        self._pause_s = pause_s
        self._iterator: str | None = None

    async def run(self, stopped: asyncio.Event) -> None:
        """Poll until ``stopped`` is set; finish the current batch first."""
        while not stopped.is_set():
            try:
                records = await asyncio.to_thread(self._receive)
            except (BotoCoreError, ClientError) as error:
                # The iterator may have expired; a new one starts at the same position.
                self._iterator = None
                _warn(f"the stream cannot be polled: {error}")
                await _wait(stopped, self._pause_s)
                continue
            if records:
                await self._process(records, stopped)
            else:
                await _wait(stopped, _WAIT_S)

    async def _process(self, records: list["RecordTypeDef"], stopped: asyncio.Event) -> None:
        size, attempts = len(records), 0
        while records and not stopped.is_set():
            try:
                done = await self._count_done(records[:size])
            except Exception as error:  # after any failure, the records are tried again
                _warn(f"the function {FUNCTION} failed: {error!r}")
                if size > 1:
                    size //= 2
                    continue
                attempts += 1
                done = int(attempts >= MAX_ATTEMPTS and self._set_aside(records[0]))
            if done:
                self._keep_position(records[done - 1]["dynamodb"]["SequenceNumber"])
                records, attempts = records[done:], 0
                size = len(records)
            else:
                await _wait(stopped, self._pause_s)

    async def _count_done(self, records: list["RecordTypeDef"]) -> int:
        """Invoke the function and count the records before the first failed one."""
        answer = await self._invoke(FUNCTION, {"Records": [_lambda_record(record) for record in records]})
        failed = {failure["itemIdentifier"] for failure in answer.get("batchItemFailures", [])}
        numbers = [record["dynamodb"]["SequenceNumber"] for record in records]
        return min((numbers.index(number) for number in failed if number in numbers), default=len(numbers))

    def _set_aside(self, record: "RecordTypeDef") -> bool:
        """Write a skipped record to a file. Returns whether that succeeds."""
        try:
            with self._files.set_aside.open("a") as file:
                file.write(json.dumps(_lambda_record(record)) + "\n")
        except OSError as error:
            _warn(f"a change whose event cannot be published cannot be saved: {error}")
            return False
        _warn(f"the event of a change cannot be published; the change is in {self._files.set_aside}")
        return True

    def _receive(self) -> list["RecordTypeDef"]:
        if self._iterator is None:
            self._iterator = self._new_iterator()
        answer = self._client.get_records(ShardIterator=self._iterator, Limit=BATCH_SIZE)
        self._iterator = answer.get("NextShardIterator")
        return answer["Records"]

    def _new_iterator(self) -> str:
        """Create an iterator after the last position, or at the start if there is none."""
        shards = self._client.describe_stream(StreamArn=self._stream_arn)["StreamDescription"]["Shards"]
        shard: Any = {"StreamArn": self._stream_arn, "ShardId": shards[0]["ShardId"]}
        number = self._position()
        if number is not None:
            try:
                return self._client.get_shard_iterator(
                    **shard, ShardIteratorType="AFTER_SEQUENCE_NUMBER", SequenceNumber=number
                )["ShardIterator"]
            except ClientError:
                # The stream does not go back that far; a repeated event is better than a lost one.
                pass
        return self._client.get_shard_iterator(**shard, ShardIteratorType="TRIM_HORIZON")["ShardIterator"]

    def _position(self) -> str | None:
        try:
            position = json.loads(self._files.position.read_text())
        except (FileNotFoundError, ValueError):
            return None
        return str(position["after"]) if position.get("stream") == self._stream_arn else None

    def _keep_position(self, number: str) -> None:
        new = self._files.position.with_suffix(".new")
        try:
            new.write_text(json.dumps({"stream": self._stream_arn, "after": number}))
            new.replace(self._files.position)
        except OSError as error:
            # After a restart, some events are published again.
            _warn(f"the position in the stream cannot be saved: {error}")


def _lambda_record(record: "RecordTypeDef") -> dict[str, Any]:
    """Convert a record to Lambda's form, with the time as a number."""
    data: Any = record["dynamodb"]
    created_at = data["ApproximateCreationDateTime"].timestamp()
    return {**record, "dynamodb": {**data, "ApproximateCreationDateTime": created_at}}


async def _wait(stopped: asyncio.Event, seconds: float) -> None:
    try:
        await asyncio.wait_for(stopped.wait(), seconds)
    except TimeoutError:
        return


def _warn(text: str) -> None:
    print(f"warning: {text}", file=sys.stderr, flush=True)
