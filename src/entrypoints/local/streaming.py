"""Feeds the changes of a DynamoDB stream to a Lambda handler, as an event source mapping does.

https://docs.aws.amazon.com/lambda/latest/dg/with-ddb.html
"""

import asyncio
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from entrypoints.local.gateway import Invoke

if TYPE_CHECKING:
    from mypy_boto3_dynamodbstreams import DynamoDBStreamsClient
    from mypy_boto3_dynamodbstreams.type_defs import RecordTypeDef

FUNCTION = "events"
BATCH_SIZE = 100
_MAX_ATTEMPTS = 5
_WAIT_S = 0.5
_PAUSE_AFTER_FAILURE_S = 1


class StreamPoller:
    """Reads the stream in order, invokes the function, and goes on behind what it has dealt with.

    How far it has come is kept in a file, so that the next run goes on there. A record with which the
    function fails again and again is skipped, with a warning.
    """

    def __init__(
        self, client: "DynamoDBStreamsClient", stream_arn: str, position_file: Path, invoke: Invoke
    ) -> None:
        self._client = client
        self._stream_arn = stream_arn
        self._position_file = position_file
        self._invoke = invoke
        self._iterator: str | None = None

    async def run(self, stopped: asyncio.Event) -> None:
        """Poll until ``stopped`` is set; a batch that is under way is finished first."""
        while not stopped.is_set():
            try:
                records = await asyncio.to_thread(self._receive)
                if records:
                    await self._deal_with(records, stopped)
                    continue
            except (BotoCoreError, ClientError) as error:
                # An iterator may have expired: another one begins at the same place.
                self._iterator = None
                _warn(f"the stream cannot be polled: {error}")
                await asyncio.sleep(_PAUSE_AFTER_FAILURE_S)
            await _wait(stopped)

    async def _deal_with(self, records: list["RecordTypeDef"], stopped: asyncio.Event) -> None:
        attempts = 0
        while records and not stopped.is_set():
            done = await self._count_done(records)
            if done:
                self._keep_position(records[done - 1]["dynamodb"]["SequenceNumber"])
                records, attempts = records[done:], 0
                continue
            attempts += 1
            if attempts == _MAX_ATTEMPTS:
                number = records[0]["dynamodb"]["SequenceNumber"]
                print(
                    f"warning: no event of change {number} could be published", file=sys.stderr, flush=True
                )
                self._keep_position(number)
                records, attempts = records[1:], 0
            else:
                await asyncio.sleep(_PAUSE_AFTER_FAILURE_S)

    async def _count_done(self, records: list["RecordTypeDef"]) -> int:
        """How many of the records, from the first on, the function has dealt with."""
        try:
            answer = await self._invoke(
                FUNCTION, {"Records": [_lambda_record(record) for record in records]}
            )
        except Exception as error:  # whatever the function raises, its records come again
            _warn(f"the function {FUNCTION} failed: {error!r}")
            return 0
        failed = {failure["itemIdentifier"] for failure in answer.get("batchItemFailures", [])}
        numbers = [record["dynamodb"]["SequenceNumber"] for record in records]
        return min((numbers.index(number) for number in failed if number in numbers), default=len(numbers))

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
            position = json.loads(self._position_file.read_text())
        except (FileNotFoundError, ValueError):
            return None
        return str(position["after"]) if position.get("stream") == self._stream_arn else None

    def _keep_position(self, number: str) -> None:
        new = self._position_file.with_suffix(".new")
        new.write_text(json.dumps({"stream": self._stream_arn, "after": number}))
        new.replace(self._position_file)


def _lambda_record(record: "RecordTypeDef") -> dict[str, Any]:
    """A record as Lambda hands it over: with the time as a number."""
    data: Any = record["dynamodb"]
    created_at = data["ApproximateCreationDateTime"].timestamp()
    return {**record, "dynamodb": {**data, "ApproximateCreationDateTime": created_at}}


async def _wait(stopped: asyncio.Event) -> None:
    try:
        await asyncio.wait_for(stopped.wait(), _WAIT_S)
    except TimeoutError:
        return


def _warn(text: str) -> None:
    print(f"warning: {text}", file=sys.stderr, flush=True)
