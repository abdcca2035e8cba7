"""What the embedded emulator has answered, after it was killed."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from entrypoints.local.emulator import Emulator
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


def test_a_table_that_was_deleted_and_made_anew_is_empty(emulator: Killable) -> None:
    client = emulator.client("dynamodb")
    make_table(client)
    client.put_item(TableName=TABLE, Item=item("old"))
    client.delete_table(TableName=TABLE)
    make_table(client)

    emulator.kill_and_start()

    assert stored(emulator.client("dynamodb")) == {}


def test_objects_and_what_they_told_the_queue_are_kept(emulator: Killable) -> None:
    resources = provision(emulator, NOWHERE)  # type: ignore[arg-type]  # it makes clients
    object_key = "users/u/images/i/original.jpg"
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
