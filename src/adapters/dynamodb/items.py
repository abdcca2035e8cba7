"""Converts records, tombstones, claims and accounts to items and back.

Times are texts that sort chronologically. What is nested in a record and never used in a condition is
a map. The summary is JSON, because DynamoDB's numbers differ from those of JSON.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from math import ceil
from typing import Any

from adapters.dynamodb.attribute_values import Item, plain, typed
from adapters.dynamodb.schema import (
    ACCOUNT,
    CAPTURE_ORDER,
    DUE_ORDER,
    DUE_SHARD,
    IMAGE,
    ITEM_KEY,
    OWNER_ID,
    TOMBSTONE,
    TTL,
    due_shard,
    idempotency_key,
    image_key,
    tombstone_key,
)
from domain.images.account import Account, Usage
from domain.images.model import ImageRef, ImageStatus, Rejection, RenditionsError
from domain.images.record import (
    Announcement,
    BytesClaim,
    IdempotencyClaim,
    ImageContent,
    ImageRecord,
    OwnerEdits,
    Tombstone,
    UploadWay,
)
from domain.images.work import DueWork, Work
from domain.renditions.model import StoredRendition
from domain.shared.image_format import ImageFormat


def as_text(time: datetime) -> str:
    """Format a time as text of fixed length, in UTC, to the microsecond."""
    return time.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def due_attributes(owner_id: str, item_key: str, due_at: datetime | None) -> dict[str, str]:
    """Return the attributes by which an item is found once it is due; none if it is never due."""
    if due_at is None:
        return {}
    shard = due_shard(owner_id, item_key)
    return {DUE_SHARD: shard, DUE_ORDER: f"{as_text(due_at)}#{item_key}#{owner_id}"}


def item_of_record(record: ImageRecord) -> Item:
    """Build the item of an image's record."""
    announced, content = record.announced, record.content
    return image_key(record.ref) | typed(
        {
            **due_attributes(record.ref.owner_id, IMAGE + record.ref.image_id, record.due_at),
            CAPTURE_ORDER: record.capture_sort_key if record.status is ImageStatus.READY else None,
            "version": record.version,
            "status": record.status.value,
            "announced": {**asdict(announced), "expires_at": as_text(announced.expires_at)},
            "filename": record.filename,
            "idempotency_key_hash": record.idempotency_key_hash,
            "claim": asdict(record.claim) if record.claim else None,
            "content": asdict(content) if content else None,
            "captured_at": record.captured_at,
            "summary": _json(record.summary) if record.summary else None,
            "edits": asdict(record.edits) if record.edits != OwnerEdits() else None,
            "renditions": tuple(map(asdict, record.renditions)) or None,
            "open_renditions": record.open_renditions or None,
            "rendering_attempts": record.rendering_attempts or None,
            "renditions_error": record.renditions_error.model_dump() if record.renditions_error else None,
            "duplicate_of": record.duplicate_of,
            "rejection": record.rejection.model_dump() if record.rejection else None,
        }
    )


def record_of_item(item: Mapping[str, Any]) -> ImageRecord:
    """Read the record in an item."""
    values = plain(item)
    edits = values.get("edits", {})
    rejection, error = values.get("rejection"), values.get("renditions_error")
    return ImageRecord(
        ref=ImageRef(values[OWNER_ID], values[ITEM_KEY].removeprefix(IMAGE)),
        version=values["version"],
        status=ImageStatus(values["status"]),
        announced=_announcement(values["announced"]),
        filename=values.get("filename"),
        idempotency_key_hash=values.get("idempotency_key_hash"),
        due_at=_due_at(values),
        claim=_claim(values.get("claim")),
        content=_content(values.get("content")),
        captured_at=values.get("captured_at"),
        summary=json.loads(values.get("summary", "{}")),
        edits=OwnerEdits(**{**edits, "keywords": tuple(edits.get("keywords", ()))}),
        renditions=tuple(StoredRendition(**rendition) for rendition in values.get("renditions", ())),
        open_renditions=tuple(values.get("open_renditions", ())),
        rendering_attempts=values.get("rendering_attempts", 0),
        renditions_error=RenditionsError.model_validate(error) if error else None,
        duplicate_of=values.get("duplicate_of"),
        rejection=Rejection.model_validate(rejection) if rejection else None,
    )


def item_of_tombstone(tombstone: Tombstone) -> Item:
    """Build the item of a tombstone."""
    ref = tombstone.ref
    return tombstone_key(ref) | typed(
        {
            **due_attributes(ref.owner_id, TOMBSTONE + ref.image_id, tombstone.due_at),
            **expiry_attributes(tombstone.expires_at),
            "version": tombstone.version,
            "deleted_at": as_text(tombstone.deleted_at),
            "quiet_at": as_text(tombstone.quiet_at),
            "may_have_parts": tombstone.may_have_parts,
            "renditions": tombstone.renditions or None,
        }
    )


def tombstone_of_item(item: Mapping[str, Any]) -> Tombstone:
    """Read the tombstone in an item."""
    values = plain(item)
    return Tombstone(
        ref=ImageRef(values[OWNER_ID], values[ITEM_KEY].removeprefix(TOMBSTONE)),
        version=values["version"],
        deleted_at=_time(values["deleted_at"]),
        quiet_at=_time(values["quiet_at"]),
        due_at=_due_at(values),
        expires_at=_time(values["expires_at"]),
        may_have_parts=values["may_have_parts"],
        renditions=tuple(values.get("renditions", ())),
    )


def item_of_claim(owner_id: str, claim: IdempotencyClaim) -> Item:
    """Build the item of a claim of an idempotency key."""
    return idempotency_key(owner_id, claim.key_hash) | typed(
        {
            **expiry_attributes(claim.expires_at),
            "fingerprint": claim.fingerprint,
            "image_id": claim.image_id,
        }
    )


def claim_of_item(key_hash: str, item: Mapping[str, Any]) -> IdempotencyClaim:
    """Read the claim in an item."""
    values = plain(item)
    return IdempotencyClaim(
        key_hash, values["fingerprint"], values["image_id"], _time(values["expires_at"])
    )


def account_of_item(owner_id: str, item: Mapping[str, Any] | None, now: datetime) -> Account:
    """Read the account in an item; an expired one counts as absent."""
    values = plain(item or {})
    if not values or is_expired(values, now):
        return Account(owner_id)
    return Account(
        owner_id,
        Usage(values.get("images", 0), values.get("bytes", 0), values.get("pending", 0)),
        deleting_at=_optional_time(values.get("deleting_at")),
        due_at=_due_at(values),
        deleted_at=_optional_time(values.get("deleted_at")),
    )


def due_work_of_item(item: Mapping[str, Any]) -> DueWork:
    """Return the work that an item of the index ``due`` represents."""
    values = plain(item)
    kind, _, image_id = values[ITEM_KEY].partition("#")
    work = Work(values[OWNER_ID], None if kind == ACCOUNT else image_id)
    return DueWork(work, _time(values[DUE_ORDER].partition("#")[0]))


def expiry_attributes(expires_at: datetime) -> dict[str, Any]:
    """Return when the item counts as absent, and when DynamoDB may delete it."""
    return {"expires_at": as_text(expires_at), TTL: ceil(expires_at.timestamp())}


def is_expired(values: Mapping[str, Any], now: datetime) -> bool:
    """Tell whether the item with these plain values counts as absent."""
    return "expires_at" in values and _time(values["expires_at"]) <= now


def _announcement(values: dict[str, Any]) -> Announcement:
    image_format = values.get("image_format")
    return Announcement(
        **{
            **values,
            "way": UploadWay(values["way"]),
            "expires_at": _time(values["expires_at"]),
            "image_format": ImageFormat(image_format) if image_format else None,
        }
    )


def _claim(values: dict[str, Any] | None) -> BytesClaim | None:
    return BytesClaim(**{**values, "image_format": ImageFormat(values["image_format"])}) if values else None


def _content(values: dict[str, Any] | None) -> ImageContent | None:
    if values is None:
        return None
    return ImageContent(**{**values, "image_format": ImageFormat(values["image_format"])})


def _due_at(values: Mapping[str, Any]) -> datetime | None:
    return _time(values[DUE_ORDER].partition("#")[0]) if DUE_ORDER in values else None


def _optional_time(text: str | None) -> datetime | None:
    return _time(text) if text else None


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
