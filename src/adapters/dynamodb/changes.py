"""Reads changes of the records from the table's stream.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Streams.Lambda.html
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from adapters.dynamodb import schema
from adapters.dynamodb.items import account_of_item, record_of_item
from domain.images.events import AccountChange, ImageChange


def change_of(stream_record: Mapping[str, Any]) -> ImageChange | AccountChange | None:
    """Return what changed if it was an image's record or an account; other items cause no events."""
    data = stream_record["dynamodb"]
    keys = data["Keys"]
    item_key: str = keys[schema.ITEM_KEY]["S"]
    before, after = data.get("OldImage"), data.get("NewImage")
    occurred_at = _time(data["ApproximateCreationDateTime"])
    if item_key.startswith(schema.IMAGE):
        return ImageChange(
            record_of_item(before) if before else None,
            record_of_item(after) if after else None,
            occurred_at,
        )
    if item_key == schema.ACCOUNT:
        owner_id: str = keys[schema.OWNER_ID]["S"]
        return AccountChange(
            account_of_item(owner_id, before, occurred_at),
            account_of_item(owner_id, after, occurred_at),
            occurred_at,
        )
    return None


def _time(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
