"""Feeds the changes of a DynamoDB stream to a Lambda handler, as an event source mapping does.

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
"""How often the function may fail with one record before it is set aside."""
_WAIT_S = 0.5
_PAUSE_AFTER_FAILURE_S = 1


@dataclass(frozen=True, slots=True)
class StreamFiles:
    """Where the poller keeps what the next run needs."""

    position: Path
    """How far it has come."""
    set_aside: Path
    """The records that the function cannot deal with, one JSON line each."""


class StreamPoller:
    """Reads the stream in order, invokes the function, and goes on behind what it has dealt with.

    What the function says has failed comes again for as long as it takes. A batch with which it raises an
    exception is halved; one record with which it always does is written to a file, with a warning.
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
        """Poll until ``stopped`` is set; a batch that is under way is finished first."""
        while not stopped.is_set():
            try:
                records = await asyncio.to_thread(self._receive)
            except (BotoCoreError, ClientError) as error:
                # An iterator may have expired: another one begins at the same place.
                self._iterator = None
                _warn(f"the stream cannot be polled: {error}")
                await _wait(stopped, self._pause_s)
                continue
            if records:
                await self._deal_with(records, stopped)
            else:
                await _wait(stopped, _WAIT_S)

    async def _deal_with(self, records: list["RecordTypeDef"], stopped: asyncio.Event) -> None:
        size, attempts = len(records), 0
        while records and not stopped.is_set():
            try:
                done = await self._count_done(records[:size])
            except Exception as error:  # whatever the function raises, its records come again
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
        """How many of the records, from the first on, the function has dealt with."""
        answer = await self._invoke(FUNCTION, {"Records": [_lambda_record(record) for record in records]})
        failed = {failure["itemIdentifier"] for failure in answer.get("batchItemFailures", [])}
        numbers = [record["dynamodb"]["SequenceNumber"] for record in records]
        return min((numbers.index(number) for number in failed if number in numbers), default=len(numbers))

    def _set_aside(self, record: "RecordTypeDef") -> bool:
        """Write down a record that is skipped. Says whether that could be done."""
        try:
            with self._files.set_aside.open("a") as file:
                file.write(json.dumps(_lambda_record(record)) + "\n")
        except OSError as error:
            _warn(f"a change of which no event can be published cannot be kept: {error}")
            return False
        _warn(f"no event of a change can be published; it is kept in {self._files.set_aside}")
        return True

    def _receive(self) -> list["RecordTypeDef"]:
        if self._iterator is None:
            self._iterator = self._new_iterator()
        answer = self._client.get_records(ShardIterator=self._iterator, Limit=BATCH_SIZE)
        self._iterator = answer.get("NextShardIterator")
        return answer["Records"]

    def _new_iterator(self) -> str:
        """An iterator behind the last position, or at the beginning where there is none."""
        shards = self._client.describe_stream(StreamArn=self._stream_arn)["StreamDescription"]["Shards"]
        shard: Any = {"StreamArn": self._stream_arn, "ShardId": shards[0]["ShardId"]}
        number = self._position()
        if number is not None:
            try:
                return self._client.get_shard_iterator(
                    **shard, ShardIteratorType="AFTER_SEQUENCE_NUMBER", SequenceNumber=number
                )["ShardIterator"]
            except ClientError:
                # The stream does not reach back that far: telling twice is better than not at all.
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
            # After a restart, some events are told again.
            _warn(f"the position in the stream cannot be kept: {error}")


def _lambda_record(record: "RecordTypeDef") -> dict[str, Any]:
    """A record as Lambda hands it over: with the time as a number."""
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
