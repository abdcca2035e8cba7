"""What the embedded emulator has confirmed survives when it is killed."""

import os
import resource
import signal
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from entrypoints.local.emulator import REGION, Emulator
from entrypoints.local.provisioning import provision

TABLE = "images"
NOWHERE = "http://127.0.0.1:9/triggers"
Item = dict[str, Any]


class Killable:
    """An emulator that can be killed and started again."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._emulator = Emulator.start(folder)

    def client(self, service: str) -> Any:
        return self._emulator.client(service)

    def limit_files(self, max_bytes: int) -> None:
        """Prevent its files from growing."""
        resource.prlimit(self._emulator.pid, resource.RLIMIT_FSIZE, (max_bytes, resource.RLIM_INFINITY))

    def kill_and_start(self) -> None:
        os.kill(self._emulator.pid, signal.SIGKILL)
        self._emulator.stop()
        self._emulator = Emulator.start(self._folder)

    def restart(self) -> None:
        self._emulator.stop()
        self._emulator = Emulator.start(self._folder)

    def stop(self) -> None:
        self._emulator.stop()


@pytest.fixture
def emulator(tmp_path: Path) -> Iterator[Killable]:
    emulator = Killable(tmp_path)
    yield emulator
    emulator.stop()


def item(key: str, value: str = "-") -> Item:
    return {"id": {"S": key}, "sort": {"N": "1"}, "value": {"S": value}}


def key(name: str) -> Item:
    return {"id": {"S": name}, "sort": {"N": "1"}}


def make_table(client: Any) -> None:
    client.create_table(
        TableName=TABLE,
        KeySchema=[
            {"AttributeName": "id", "KeyType": "HASH"},
            {"AttributeName": "sort", "KeyType": "RANGE"},
        ],
        AttributeDefinitions=[
            {"AttributeName": "id", "AttributeType": "S"},
            {"AttributeName": "sort", "AttributeType": "N"},
        ],
        BillingMode="PAY_PER_REQUEST",
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"},
    )


def stored(client: Any) -> dict[str, str]:
    return {found["id"]["S"]: found["value"]["S"] for found in client.scan(TableName=TABLE)["Items"]}


def test_items_of_tables_are_kept(emulator: Killable) -> None:
    client = emulator.client("dynamodb")
    make_table(client)
    for name in ("put", "changed", "deleted", "moved"):
        client.put_item(TableName=TABLE, Item=item(name))
    client.update_item(
        TableName=TABLE,
        Key=key("changed"),
        UpdateExpression="SET #v = :v",
        ExpressionAttributeNames={"#v": "value"},
        ExpressionAttributeValues={":v": {"S": "ü"}},
    )
    client.delete_item(TableName=TABLE, Key=key("deleted"))
    client.transact_write_items(
        TransactItems=[
            {"Delete": {"TableName": TABLE, "Key": key("moved")}},
            {"Put": {"TableName": TABLE, "Item": item("new")}},
        ]
    )
    client.batch_write_item(RequestItems={TABLE: [{"PutRequest": {"Item": item("batch")}}]})
    with pytest.raises(client.exceptions.TransactionCanceledException):
        client.transact_write_items(
            TransactItems=[
                {"Put": {"TableName": TABLE, "Item": item("refused")}},
                {
                    "ConditionCheck": {
                        "TableName": TABLE,
                        "Key": key("put"),
                        "ConditionExpression": "attribute_not_exists(id)",
                    }
                },
            ]
        )
    expected = {"put": "-", "changed": "ü", "new": "-", "batch": "-"}
    assert stored(client) == expected

    for start_again in (emulator.kill_and_start, emulator.restart, emulator.kill_and_start):
        start_again()
        assert stored(emulator.client("dynamodb")) == expected


class Reader:
    """Reads the stream of the table, from the beginning or behind a record."""

    def __init__(self, emulator: Killable, after: str | None = None) -> None:
        arn = emulator.client("dynamodb").describe_table(TableName=TABLE)["Table"]["LatestStreamArn"]
        self._client = emulator.client("dynamodbstreams")
        [shard] = self._client.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"]
        start = (
            {"ShardIteratorType": "AFTER_SEQUENCE_NUMBER", "SequenceNumber": after}
            if after
            else {"ShardIteratorType": "TRIM_HORIZON"}
        )
        self._iterator = self._client.get_shard_iterator(StreamArn=arn, ShardId=shard["ShardId"], **start)

    def read(self) -> list[Item]:
        records: list[Item] = self._client.get_records(ShardIterator=self._iterator["ShardIterator"])[
            "Records"
        ]
        return records


def told(records: list[Item]) -> list[tuple[str, str]]:
    return [(record["eventName"], record["dynamodb"]["Keys"]["id"]["S"]) for record in records]


def test_stream_records_are_read_again_by_a_consumer_that_has_not_read_them(emulator: Killable) -> None:
    client = emulator.client("dynamodb")
    make_table(client)
    client.put_item(TableName=TABLE, Item=item("one"))
    client.transact_write_items(
        TransactItems=[
            {"Delete": {"TableName": TABLE, "Key": key("one")}},
            {"Put": {"TableName": TABLE, "Item": item("two", "ü")}},
        ]
    )
    before = Reader(emulator).read()
    assert told(before) == [("INSERT", "one"), ("REMOVE", "one"), ("INSERT", "two")]

    emulator.kill_and_start()
    assert Reader(emulator).read() == before
    assert Reader(emulator, before[0]["dynamodb"]["SequenceNumber"]).read() == before[1:]

    emulator.client("dynamodb").put_item(TableName=TABLE, Item=item("three"))
    emulator.restart()
    after = Reader(emulator).read()
    assert after[: len(before)] == before
    assert told(after[len(before) :]) == [("INSERT", "three")]


def test_a_table_that_was_deleted_and_made_anew_is_empty(emulator: Killable) -> None:
    client = emulator.client("dynamodb")
    make_table(client)
    client.put_item(TableName=TABLE, Item=item("old"))
    client.delete_table(TableName=TABLE)
    make_table(client)

    emulator.kill_and_start()

    assert stored(emulator.client("dynamodb")) == {}
    assert Reader(emulator).read() == []


def test_links_of_the_last_run_work(emulator: Killable) -> None:
    bucket = {"Bucket": "images", "Key": "users/u/images/i/original.jpg"}
    client = emulator.client("s3")
    client.create_bucket(Bucket="images", CreateBucketConfiguration={"LocationConstraint": REGION})
    client.put_object(**bucket, Body=b"bytes")
    link = client.generate_presigned_url("get_object", Params=bucket)

    emulator.kill_and_start()

    with urllib.request.urlopen(link) as answer:
        assert answer.read() == b"bytes"


def test_a_port_that_is_taken_is_left_to_who_has_it(emulator: Killable, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    (other / "ministack.port").write_text((tmp_path / "ministack.port").read_text())

    second = Emulator.start(other)
    second.stop()

    assert second.endpoint_url != emulator.client("s3").meta.endpoint_url


def test_objects_and_their_queued_notifications_are_kept(emulator: Killable) -> None:
    resources = provision(emulator, NOWHERE)  # type: ignore[arg-type]  # it makes clients
    object_key = "incoming/u/i"
    emulator.client("s3").put_object(
        Bucket=resources.images_bucket, Key=object_key, Body=b"bytes", Metadata={"filename": "x"}
    )

    emulator.kill_and_start()

    again = provision(emulator, NOWHERE)  # type: ignore[arg-type]  # it makes clients
    assert (again.user_pool_id, again.issuer) == (resources.user_pool_id, resources.issuer)
    answer = emulator.client("s3").get_object(Bucket=resources.images_bucket, Key=object_key)
    assert (answer["Body"].read(), answer["Metadata"]) == (b"bytes", {"filename": "x"})
    messages = emulator.client("sqs").receive_message(QueueUrl=again.queue_url, MaxNumberOfMessages=10)
    assert any(object_key in message["Body"] for message in messages["Messages"])


def test_parts_that_have_arrived_are_kept(emulator: Killable) -> None:
    bucket = {"Bucket": "images", "Key": "incoming/u/i"}
    client = emulator.client("s3")
    client.create_bucket(Bucket="images", CreateBucketConfiguration={"LocationConstraint": REGION})
    upload: Any = {
        **bucket,
        "UploadId": client.create_multipart_upload(**bucket, ContentType="image/jpeg")["UploadId"],
    }
    client.upload_part(**upload, PartNumber=1, Body=b"overwritten")
    first = client.upload_part(**upload, PartNumber=1, Body=b"one ")["ETag"]
    aborted = {**bucket, "UploadId": client.create_multipart_upload(**bucket)["UploadId"]}
    client.abort_multipart_upload(**aborted)

    emulator.kill_and_start()
    client = emulator.client("s3")
    second = client.upload_part(**upload, PartNumber=2, Body=b"two")["ETag"]
    emulator.restart()

    client = emulator.client("s3")
    assert [found["UploadId"] for found in client.list_multipart_uploads(Bucket="images")["Uploads"]] == [
        upload["UploadId"]
    ]
    client.complete_multipart_upload(
        **upload,
        MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": first}, {"PartNumber": 2, "ETag": second}]},
    )
    emulator.kill_and_start()
    client = emulator.client("s3")
    answer = client.get_object(**bucket)
    assert (answer["Body"].read(), answer["ContentType"]) == (b"one two", "image/jpeg")
    assert "Uploads" not in client.list_multipart_uploads(Bucket="images")


def test_an_upload_that_found_no_disk_space_continues_later(
    emulator: Killable, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    bucket = {"Bucket": "images", "Key": "incoming/u/i"}
    client = emulator.client("s3")
    client.create_bucket(Bucket="images", CreateBucketConfiguration={"LocationConstraint": REGION})
    upload: Any = {**bucket, "UploadId": client.create_multipart_upload(**bucket)["UploadId"]}
    contents = {number: bytes([number]) * 600 for number in (1, 2)}
    parts = [
        {"PartNumber": number, "ETag": client.upload_part(**upload, PartNumber=number, Body=body)["ETag"]}
        for number, body in contents.items()
    ]

    emulator.limit_files(1000)
    with pytest.raises(ClientError, match="ServiceUnavailable"):
        client.upload_part(**upload, PartNumber=3, Body=bytes(2000))
    with pytest.raises(ClientError, match="ServiceUnavailable"):
        client.complete_multipart_upload(**upload, MultipartUpload={"Parts": parts})
    emulator.limit_files(resource.RLIM_INFINITY)
    client.complete_multipart_upload(**upload, MultipartUpload={"Parts": parts})

    emulator.kill_and_start()
    assert emulator.client("s3").get_object(**bucket)["Body"].read() == contents[1] + contents[2]
