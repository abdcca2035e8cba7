"""The table of the records: its keys, its indexes, and the names that Terraform's module repeats.

All items of an owner are in one partition, sorted by ``item_key``. Prefixes separate the kinds, so that a
list of images never reads anything else:

- ``IMG#{image id}``: the record of an image
- ``DEL#{image id}``: the tombstone of a deleted one
- ``IDEM#{hash of the key}``: which image an idempotency key created
- ``SHA#{checksum}``: the ids of ready images with these bytes, and whether there were too many to list
- ``ACCOUNT``: usage, and the deletion of the account

The index ``by_capture_time`` has only ready images, because only they have ``capture_order``. The index
``due`` has only unfinished items, because only they have ``due_shard`` and ``due_order``. They are spread
over a few partitions: DynamoDB writes at most 1,000 units per second to one partition, and refuses writes
to the table when an index cannot keep up.
"""

import zlib
from typing import TYPE_CHECKING, Any

from domain.images.model import ImageRef

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.type_defs import CreateTableInputTypeDef

OWNER_ID = "owner_id"
ITEM_KEY = "item_key"
CAPTURE_INDEX = "by_capture_time"
CAPTURE_ORDER = "capture_order"
DUE_INDEX = "due"
DUE_SHARD = "due_shard"
DUE_ORDER = "due_order"
TTL = "ttl"
"""When DynamoDB may delete the item, in seconds since 1970. It does so up to days later."""

IMAGE = "IMG#"
TOMBSTONE = "DEL#"
IDEMPOTENCY = "IDEM#"
SAME_BYTES = "SHA#"
ACCOUNT = "ACCOUNT"
AFTER_ALL = "~"
"""Sorts after every character in keys."""

DUE_SHARDS = tuple(str(number) for number in range(8))


def due_shard(owner_id: str, item_key: str) -> str:
    """Choose the partition of the index ``due`` for this item."""
    return DUE_SHARDS[zlib.crc32(f"{owner_id}{item_key}".encode()) % len(DUE_SHARDS)]


def key(owner_id: str, item_key: str) -> dict[str, Any]:
    """Return the primary key of an item."""
    return {OWNER_ID: {"S": owner_id}, ITEM_KEY: {"S": item_key}}


def image_key(ref: ImageRef) -> dict[str, Any]:
    """Return the primary key of the record of an image."""
    return key(ref.owner_id, IMAGE + ref.image_id)


def tombstone_key(ref: ImageRef) -> dict[str, Any]:
    """Return the primary key of the tombstone of an image."""
    return key(ref.owner_id, TOMBSTONE + ref.image_id)


def idempotency_key(owner_id: str, key_hash: str) -> dict[str, Any]:
    """Return the primary key of the claim of an idempotency key."""
    return key(owner_id, IDEMPOTENCY + key_hash)


def same_bytes_key(owner_id: str, sha256: str) -> dict[str, Any]:
    """Return the primary key of the list of images with the same bytes."""
    return key(owner_id, SAME_BYTES + sha256)


def account_key(owner_id: str) -> dict[str, Any]:
    """Return the primary key of an account."""
    return key(owner_id, ACCOUNT)


def table_definition(table: str) -> "CreateTableInputTypeDef":
    """Return the arguments of ``CreateTable`` for emulators, where Terraform does not create the table."""
    attributes = (OWNER_ID, ITEM_KEY, CAPTURE_ORDER, DUE_SHARD, DUE_ORDER)
    return {
        "TableName": table,
        "BillingMode": "PAY_PER_REQUEST",
        "AttributeDefinitions": [{"AttributeName": name, "AttributeType": "S"} for name in attributes],
        "KeySchema": [
            {"AttributeName": OWNER_ID, "KeyType": "HASH"},
            {"AttributeName": ITEM_KEY, "KeyType": "RANGE"},
        ],
        "GlobalSecondaryIndexes": [
            {
                "IndexName": CAPTURE_INDEX,
                "KeySchema": [
                    {"AttributeName": OWNER_ID, "KeyType": "HASH"},
                    {"AttributeName": CAPTURE_ORDER, "KeyType": "RANGE"},
                ],
                "Projection": {"ProjectionType": "ALL"},
            },
            {
                "IndexName": DUE_INDEX,
                "KeySchema": [
                    {"AttributeName": DUE_SHARD, "KeyType": "HASH"},
                    {"AttributeName": DUE_ORDER, "KeyType": "RANGE"},
                ],
                "Projection": {"ProjectionType": "KEYS_ONLY"},
            },
        ],
        "StreamSpecification": {"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"},
    }
