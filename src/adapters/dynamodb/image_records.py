"""The records of images in one table of Amazon DynamoDB; :mod:`adapters.dynamodb.schema` has its keys."""

import time
from collections.abc import Callable, Collection, Mapping
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from botocore.exceptions import ClientError

from adapters.dynamodb import schema
from adapters.dynamodb.attribute_values import Item, plain
from adapters.dynamodb.items import (
    account_of_item,
    as_text,
    claim_of_item,
    due_attributes,
    due_work_of_item,
    expiry_attributes,
    item_of_claim,
    item_of_record,
    item_of_tombstone,
    record_of_item,
    tombstone_of_item,
)
from adapters.dynamodb.requests import ConditionsFailed, Requests, is_in_progress
from domain.images.account import Account, Quotas, Usage, usage_of
from domain.images.errors import AccountClosed, InvalidCursor, QuotaExceeded
from domain.images.ids import is_image_id, new_image_id
from domain.images.model import ImageRef, ImageStatus
from domain.images.ports import MAX_KNOWN_DUPLICATES, KeyClaimed, RecordConflict, SameBytesExist
from domain.images.query import ImageQuery, RecordPage
from domain.images.record import IdempotencyClaim, ImageRecord, Tombstone
from domain.images.work import DuePage, DueWork
from domain.shared.clock import Clock
from domain.shared.errors import ServiceUnavailable

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_MAX_WRITTEN_AT_ONCE = 25
_MAX_REPLANS = 5
"""How often a change is planned again because something that it depends on has changed."""

_ABSENT = "attribute_not_exists(item_key)"
_ABSENT_OR_EXPIRED = f"{_ABSENT} OR expires_at <= :now"
_OPEN = "(attribute_not_exists(deleting_at) OR expires_at <= :now)"
_SAME_VERSION = "version = :version"
_TO_BE_RENDERED = "attribute_exists(open_renditions) AND attribute_not_exists(renditions_error)"
_NOT_DUE = "REMOVE due_shard, due_order"
_SHOW = "ALL_OLD"
_NO_QUOTAS = Quotas(max_pending=None)


class DynamoDbImageRecords:
    """Implements :class:`domain.images.ports.ImageRecords` on one table."""

    def __init__(
        self,
        client: "DynamoDBClient",
        table: str,
        clock: Clock,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        self._client = client
        self._table = table
        self._clock = clock
        self._requests = Requests(pause)

    def find(self, ref: ImageRef) -> ImageRecord | None:
        item = self._get(schema.image_key(ref))
        return record_of_item(item) if item else None

    def find_many(self, owner_id: str, image_ids: Collection[str]) -> Mapping[str, ImageRecord]:
        keys = [schema.key(owner_id, schema.IMAGE + image_id) for image_id in dict.fromkeys(image_ids)]
        records = [record_of_item(item) for item in self._get_many(keys)]
        return {record.ref.image_id: record for record in records}

    def add(self, record: ImageRecord, quotas: Quotas, *, claim: IdempotencyClaim | None = None) -> None:
        ref, owner_id = record.ref, record.ref.owner_id
        added, item = usage_of(record), item_of_record(record)
        operations = {
            "account": self._usage_update(owner_id, added, within=quotas, only_if_open=True),
            "record": self._put(item, _ABSENT),
            "tombstone": {
                "ConditionCheck": {
                    "TableName": self._table,
                    "Key": schema.tombstone_key(ref),
                    "ConditionExpression": _ABSENT_OR_EXPIRED,
                    "ExpressionAttributeValues": {":now": self._now()},
                }
            },
        }
        if claim is not None:
            operations["claim"] = self._put(
                item_of_claim(owner_id, claim), _ABSENT_OR_EXPIRED, {":now": self._now()}
            )
        found = self._write(operations)
        if "account" in found:
            account = account_of_item(owner_id, found["account"], self._clock())
            if account.deleting_at is not None:
                raise _closed()
        if claim is not None and "claim" in found:
            raise KeyClaimed(claim_of_item(claim.key_hash, found["claim"]))
        if "account" in found:
            raise _beyond(quotas, account.usage + added)
        if found:
            raise RecordConflict

    def save(self, before: ImageRecord, after: ImageRecord, *, same_bytes: Collection[str] = ()) -> None:
        owner_id = after.ref.owner_id
        becomes_ready = after.status is ImageStatus.READY and before.status is not ImageStatus.READY
        change = usage_of(after) - usage_of(before)
        item = item_of_record(after)
        put = self._put(item, _SAME_VERSION, {":version": {"N": str(before.version)}})
        if not becomes_ready and change == Usage():
            self._put_alone(put["Put"], item)
            return
        operations = {
            "account": self._usage_update(owner_id, change, only_if_open=becomes_ready),
            "record": put,
        }
        if becomes_ready and after.content is not None:
            key = schema.same_bytes_key(owner_id, after.content.sha256)
            operations["same bytes"] = self._same_bytes_update(key, after.ref.image_id, same_bytes)
        found = self._write(operations)
        if "account" in found:
            raise _closed()
        if "record" in found:
            raise RecordConflict
        if found:
            raise SameBytesExist(_oldest_first(found["same bytes"]))

    def remove(self, before: ImageRecord, tombstone: Tombstone, *, release_key: bool = False) -> None:
        ref, owner_id = before.ref, before.ref.owner_id
        operations: dict[str, dict[str, Any]] = {
            "record": {
                "Delete": {
                    "TableName": self._table,
                    "Key": schema.image_key(ref),
                    "ConditionExpression": _SAME_VERSION,
                    "ExpressionAttributeValues": {":version": {"N": str(before.version)}},
                }
            },
            "tombstone": self._put(item_of_tombstone(tombstone)),
        }
        change = Usage() - usage_of(before)
        if change != Usage():
            operations["account"] = self._usage_update(owner_id, change)
        if release_key and before.idempotency_key_hash is not None:
            operations["claim"] = {
                "Delete": {
                    "TableName": self._table,
                    "Key": schema.idempotency_key(owner_id, before.idempotency_key_hash),
                    "ConditionExpression": "image_id = :image_id",
                    "ExpressionAttributeValues": {":image_id": {"S": ref.image_id}},
                }
            }
        if before.content is not None:
            key = schema.same_bytes_key(owner_id, before.content.sha256)
            # Usually, no other image has these bytes.
            operations["same bytes"] = self._same_bytes_removal(key, ref.image_id, {ref.image_id})
        for _ in range(_MAX_REPLANS):
            found = self._write(operations)
            if "record" in found:
                raise RecordConflict
            if not found:
                return
            if "claim" in found:
                # The claim has expired or names another image.
                del operations["claim"]
            if "same bytes" in found:
                known = set(_oldest_first(found["same bytes"]))
                if ref.image_id in known:
                    operations["same bytes"] = self._same_bytes_removal(
                        key, ref.image_id, known, is_cut=_is_cut(found["same bytes"])
                    )
                else:
                    del operations["same bytes"]
        raise _contended()

    def begin_rendering(self, ref: ImageRef) -> ImageRecord | None:
        try:
            answer: Any = self._requests.make(
                lambda: self._client.update_item(
                    TableName=self._table,
                    Key=schema.image_key(ref),
                    UpdateExpression="ADD version :one, rendering_attempts :one",
                    ConditionExpression=_TO_BE_RENDERED,
                    ExpressionAttributeValues={":one": {"N": "1"}},
                    ReturnValues="ALL_NEW",
                )
            )
        except ConditionsFailed:
            return None
        return record_of_item(answer["Attributes"])

    def find_tombstone(self, ref: ImageRef) -> Tombstone | None:
        item = self._get(schema.tombstone_key(ref))
        tombstone = tombstone_of_item(item) if item else None
        return tombstone if tombstone and tombstone.expires_at > self._clock() else None

    def settle_tombstone(self, ref: ImageRef) -> None:
        self._update_if(schema.tombstone_key(ref), _NOT_DUE, "attribute_exists(item_key)")

    def find_same_bytes(self, owner_id: str, sha256: str) -> tuple[str, ...]:
        return _oldest_first(self._get(schema.same_bytes_key(owner_id, sha256)) or {})

    def search(
        self, owner_id: str, query: ImageQuery, *, limit: int, position: str | None = None
    ) -> RecordPage:
        if position is not None and not _is_position(query, position):
            raise InvalidCursor("cursor must be a next_cursor of an earlier page.")
        if query.sha256 is not None:
            known = self._get(schema.same_bytes_key(owner_id, query.sha256)) or {}
            if not _is_cut(known):
                return self._search_same_bytes(owner_id, query, _oldest_first(known), limit, position)
        # The ids sort from the newest to the oldest.
        backwards = query.sort.is_descending is query.sort.is_by_capture
        if query.sort.is_by_capture:
            index, attribute = schema.CAPTURE_INDEX, schema.CAPTURE_ORDER
            first = query.captured_from or ""
            last = (query.captured_to or "") + schema.AFTER_ALL
            start = position
        else:
            index, attribute = None, schema.ITEM_KEY
            first, last = _id_range(query)
            start = None if position is None else schema.IMAGE + position
        if start is not None:
            first, last = (first, min(last, start)) if backwards else (max(first, start), last)
        if first > last:
            return RecordPage((), None)
        # One extra item shows whether there are more; the one at the position itself is dropped.
        items, _ = self._query(
            "owner_id = :owner_id AND " + f"{attribute} BETWEEN :first AND :last",
            {":owner_id": {"S": owner_id}, ":first": {"S": first or " "}, ":last": {"S": last}},
            index=index,
            limit=limit + 1 + (start is not None),
            backwards=backwards,
        )
        records = [record_of_item(item) for item in items if item[attribute]["S"] != start]
        examined = records[:limit]
        return RecordPage(
            tuple(record for record in examined if query.matches(record)),
            query.position_of(examined[-1]) if len(records) > limit else None,
        )

    def find_account(self, owner_id: str) -> Account:
        return account_of_item(owner_id, self._get(schema.account_key(owner_id)), self._clock())

    def close_account(self, owner_id: str, now: datetime) -> None:
        due = due_attributes(owner_id, schema.ACCOUNT, now)
        self._update_if(
            schema.account_key(owner_id),
            "SET deleting_at = :now, due_shard = :shard, due_order = :order",
            "attribute_not_exists(deleting_at)",
            {
                ":now": {"S": as_text(now)},
                ":shard": {"S": due[schema.DUE_SHARD]},
                ":order": {"S": due[schema.DUE_ORDER]},
            },
        )

    def purge(self, owner_id: str, *, limit: int) -> bool:
        keys, is_cut = self._query(
            "owner_id = :owner_id",
            {":owner_id": {"S": owner_id}},
            limit=limit + 2,
            only_keys=True,
        )
        found = [item for item in keys if item[schema.ITEM_KEY]["S"] != schema.ACCOUNT]
        for start in range(0, len(found[:limit]), _MAX_WRITTEN_AT_ONCE):
            self._delete_many(found[start : min(start + _MAX_WRITTEN_AT_ONCE, limit)])
        return is_cut or len(found) > limit

    def finish_account(
        self, owner_id: str, deleted_at: datetime, expires_at: datetime, *, due_at: datetime | None = None
    ) -> None:
        expiry = expiry_attributes(expires_at)
        due = due_attributes(owner_id, schema.ACCOUNT, due_at)
        self._update_if(
            schema.account_key(owner_id),
            "SET deleted_at = if_not_exists(deleted_at, :deleted_at), "
            "expires_at = if_not_exists(expires_at, :expires_at), #ttl = if_not_exists(#ttl, :ttl)"
            + (", due_shard = :shard, due_order = :order" if due else "")
            + " REMOVE images, #bytes, pending"
            + ("" if due else ", due_shard, due_order"),
            "attribute_exists(deleting_at)",
            {
                ":deleted_at": {"S": as_text(deleted_at)},
                ":expires_at": {"S": expiry["expires_at"]},
                ":ttl": {"N": str(expiry[schema.TTL])},
                **(
                    {":shard": {"S": due[schema.DUE_SHARD]}, ":order": {"S": due[schema.DUE_ORDER]}}
                    if due
                    else {}
                ),
            },
            {"#ttl": schema.TTL, "#bytes": "bytes"},
        )

    def due(self, now: datetime, *, limit: int, position: str | None = None) -> DuePage:
        found: list[Item] = []
        for shard in schema.DUE_SHARDS:
            items, _ = self._query(
                "due_shard = :shard AND due_order BETWEEN :first AND :last",
                {
                    ":shard": {"S": shard},
                    ":first": {"S": position or " "},
                    ":last": {"S": as_text(now) + schema.AFTER_ALL},
                },
                index=schema.DUE_INDEX,
                limit=limit + 1 + (position is not None),
            )
            found += items
        orders = {item[schema.DUE_ORDER]["S"]: item for item in found}
        orders.pop(position or "", None)
        page = sorted(orders)[:limit]
        return DuePage(
            tuple(due_work_of_item(orders[order]) for order in page),
            page[-1] if len(orders) > limit else None,
        )

    def postpone(self, item: DueWork, due_at: datetime) -> None:
        owner_id, image_id = item.work.owner_id, item.work.image_id
        kinds = (
            (schema.ACCOUNT,)
            if image_id is None
            else (schema.IMAGE + image_id, schema.TOMBSTONE + image_id)
        )
        for item_key in kinds:
            before = due_attributes(owner_id, item_key, item.due_at)
            after = due_attributes(owner_id, item_key, due_at)
            if self._update_if(
                schema.key(owner_id, item_key),
                "SET due_order = :after",
                "due_order = :before",
                {":before": {"S": before[schema.DUE_ORDER]}, ":after": {"S": after[schema.DUE_ORDER]}},
            ):
                return

    def _search_same_bytes(
        self,
        owner_id: str,
        query: ImageQuery,
        image_ids: Collection[str],
        limit: int,
        position: str | None,
    ) -> RecordPage:
        backwards = query.sort.is_descending is query.sort.is_by_capture
        known = self.find_many(owner_id, image_ids).values()
        matching = sorted(filter(query.matches, known), key=query.position_of, reverse=backwards)
        if position is not None:
            matching = [
                record
                for record in matching
                if query.position_of(record) != position
                and (query.position_of(record) < position) is backwards
            ]
        page = tuple(matching[:limit])
        return RecordPage(page, query.position_of(page[-1]) if len(matching) > limit else None)

    def _usage_update(
        self,
        owner_id: str,
        change: Usage,
        *,
        within: Quotas = _NO_QUOTAS,
        only_if_open: bool = False,
    ) -> dict[str, Any]:
        conditions = [_OPEN] if only_if_open else []
        values: Item = {
            ":images": {"N": str(change.images)},
            ":bytes": {"N": str(change.bytes)},
            ":pending": {"N": str(change.pending)},
        }
        for name, most, added in (
            ("images", within.max_images, change.images),
            ("bytes", within.max_bytes, change.bytes),
            ("pending", within.max_pending, change.pending),
        ):
            if most is None:
                continue
            values[f":{name}_left"] = {"N": str(most - added)}
            fits = f"#{name} <= :{name}_left"
            conditions.append(
                f"(attribute_not_exists(#{name}) OR {fits})" if added <= most else f"({fits})"
            )
        update: dict[str, Any] = {
            "TableName": self._table,
            "Key": schema.account_key(owner_id),
            "UpdateExpression": "ADD #images :images, #bytes :bytes, #pending :pending",
            "ExpressionAttributeNames": {"#images": "images", "#bytes": "bytes", "#pending": "pending"},
            "ExpressionAttributeValues": values,
        }
        if only_if_open:
            values[":now"] = self._now()
            # A closed account that has expired counts as absent.
            update["UpdateExpression"] += " REMOVE deleting_at, deleted_at, expires_at, #ttl"
            update["ExpressionAttributeNames"]["#ttl"] = schema.TTL
        if conditions:
            update["ConditionExpression"] = " AND ".join(conditions)
            update["ReturnValuesOnConditionCheckFailure"] = _SHOW
        return {"Update": update}

    def _same_bytes_update(self, key: Item, image_id: str, known: Collection[str]) -> dict[str, Any]:
        same: dict[str, Any] = {
            "TableName": self._table,
            "Key": key,
            "ConditionExpression": "ids = :known" if known else "attribute_not_exists(ids)",
            "ExpressionAttributeValues": {":known": {"SS": sorted(set(known))}} if known else {},
            "ReturnValuesOnConditionCheckFailure": _SHOW,
        }
        if len(known) >= MAX_KNOWN_DUPLICATES:
            same["UpdateExpression"] = "SET is_cut = :true"
            same["ExpressionAttributeValues"][":true"] = {"BOOL": True}
            return {"Update": same}
        same["UpdateExpression"] = "ADD ids :own"
        same["ExpressionAttributeValues"][":own"] = {"SS": [image_id]}
        return {"Update": same}

    def _same_bytes_removal(
        self, key: Item, image_id: str, known: Collection[str], *, is_cut: bool = False
    ) -> dict[str, Any]:
        same: dict[str, Any] = {
            "TableName": self._table,
            "Key": key,
            "ConditionExpression": "ids = :known",
            "ExpressionAttributeValues": {":known": {"SS": sorted(known)}},
            "ReturnValuesOnConditionCheckFailure": _SHOW,
        }
        if set(known) == {image_id} and not is_cut:
            same["ConditionExpression"] += " AND attribute_not_exists(is_cut)"
            return {"Delete": same}
        same["UpdateExpression"] = "DELETE ids :own"
        same["ExpressionAttributeValues"][":own"] = {"SS": [image_id]}
        return {"Update": same}

    def _put(self, item: Item, condition: str | None = None, values: Item | None = None) -> dict[str, Any]:
        put: dict[str, Any] = {"TableName": self._table, "Item": item}
        if condition is not None:
            put["ConditionExpression"] = condition
            put["ReturnValuesOnConditionCheckFailure"] = _SHOW
        if values:
            put["ExpressionAttributeValues"] = values
        return {"Put": put}

    def _put_alone(self, put: dict[str, Any], item: Item) -> None:
        """Write one item. Raises RecordConflict."""
        try:
            self._requests.make(lambda: self._client.put_item(**put))
        except ConditionsFailed as failed:
            # If an earlier response was lost, the item is already there.
            if plain(failed.found[0]) != plain(item):
                raise RecordConflict from failed

    def _write(self, operations: Mapping[str, dict[str, Any]]) -> dict[str, Item]:
        """Write all of it or, if a condition does not hold, nothing.

        Returns the items found where a condition failed, by the name of the operation; empty if the
        transaction succeeded. DynamoDB recognises retries by their token: one that is still in progress
        keeps it, so that its success is not mistaken for another writer's.
        """
        names = list(operations)
        items: Any = list(operations.values())
        token = str(uuid4())

        def write() -> Any:
            nonlocal token
            try:
                return self._client.transact_write_items(TransactItems=items, ClientRequestToken=token)
            except ClientError as error:
                if not is_in_progress(error):
                    token = str(uuid4())
                raise

        try:
            self._requests.make(write)
        except ConditionsFailed as failed:
            return {names[place]: item for place, item in failed.found.items()}
        return {}

    def _update_if(
        self,
        key: Item,
        update: str,
        condition: str,
        values: Item | None = None,
        names: dict[str, str] | None = None,
    ) -> bool:
        """Change one item if the condition holds. Returns whether it did."""
        request: dict[str, Any] = {
            "TableName": self._table,
            "Key": key,
            "UpdateExpression": update,
            "ConditionExpression": condition,
        }
        if values:
            request["ExpressionAttributeValues"] = values
        if names:
            request["ExpressionAttributeNames"] = names
        try:
            self._requests.make(lambda: self._client.update_item(**request))
        except ConditionsFailed:
            return False
        return True

    def _get(self, key: Item) -> Item | None:
        answer: Any = self._requests.make(
            lambda: self._client.get_item(TableName=self._table, Key=key, ConsistentRead=True)
        )
        item: Item | None = answer.get("Item")
        return item

    def _get_many(self, keys: list[Item]) -> list[Item]:
        """Get the items with these (at most 100) keys, in any order."""
        found: list[Item] = []

        def read(wanted: Any) -> Any:
            answer: Any = self._client.batch_get_item(RequestItems=wanted)
            found.extend(answer["Responses"].get(self._table, []))
            return answer.get("UnprocessedKeys")

        self._batch({self._table: {"Keys": keys, "ConsistentRead": True}} if keys else {}, read)
        return found

    def _delete_many(self, keys: list[Item]) -> None:
        """Delete the items with these (at most 25) keys."""

        def delete(wanted: Any) -> Any:
            return self._client.batch_write_item(RequestItems=wanted).get("UnprocessedItems")

        self._batch({self._table: [{"DeleteRequest": {"Key": key}} for key in keys]}, delete)

    def _batch(self, wanted: Any, request: Callable[[Any], Any]) -> None:
        """Repeat a batch request for its unprocessed items."""
        for attempt in range(_MAX_REPLANS):
            if not wanted:
                return
            if attempt:
                self._requests.pause(attempt)
            wanted = self._requests.make(partial(request, wanted))
        if wanted:
            raise _contended()

    def _query(
        self,
        condition: str,
        values: Item,
        *,
        limit: int,
        index: str | None = None,
        backwards: bool = False,
        only_keys: bool = False,
    ) -> tuple[list[Item], bool]:
        """Return the first items of a query, which is consistent unless it uses an index.

        Also returns whether DynamoDB returned fewer than ``limit`` although there may be more: it reads
        at most 1 MB, even of items of which only the keys are returned.
        """
        request: dict[str, Any] = {
            "TableName": self._table,
            "KeyConditionExpression": condition,
            "ExpressionAttributeValues": values,
            "Limit": limit,
            "ScanIndexForward": not backwards,
        }
        request |= {"ConsistentRead": True} if index is None else {"IndexName": index}
        if only_keys:
            request["ProjectionExpression"] = "owner_id, item_key"
        answer: Any = self._requests.make(lambda: self._client.query(**request))
        items: list[Item] = answer["Items"]
        return items, "LastEvaluatedKey" in answer and len(items) < limit

    def _now(self) -> dict[str, str]:
        return {"S": as_text(self._clock())}


def _id_range(query: ImageQuery) -> tuple[str, str]:
    """Return the first and the last key that records created in the requested period can have."""
    newest, oldest = query.created_to, query.created_from
    first = new_image_id(newest, bytes) if newest else ""
    last = new_image_id(oldest, lambda count: b"\xff" * count) if oldest else schema.AFTER_ALL
    return schema.IMAGE + first, schema.IMAGE + last


def _is_position(query: ImageQuery, position: str) -> bool:
    if not query.sort.is_by_capture:
        return is_image_id(position)
    taken_at, separator, image_id = position.rpartition("#")
    return bool(taken_at) and bool(separator) and taken_at.isascii() and is_image_id(image_id)


def _is_cut(item: Item) -> bool:
    """Tell whether there are, or were, more images with these bytes than the item has ids."""
    return "is_cut" in item


def _oldest_first(item: Item) -> tuple[str, ...]:
    return tuple(sorted(plain(item).get("ids", ()), reverse=True))


def _beyond(quotas: Quotas, usage: Usage) -> QuotaExceeded:
    for name, taken, most in (
        ("images", usage.images, quotas.max_images),
        ("bytes", usage.bytes, quotas.max_bytes),
    ):
        if most is not None and taken > most:
            return QuotaExceeded(f"You may have at most {most} {name}.")
    return QuotaExceeded(f"You may have at most {quotas.max_pending} pending uploads.")


def _closed() -> AccountClosed:
    return AccountClosed("The account was deleted; nothing more can be stored for it.")


def _contended() -> ServiceUnavailable:
    return ServiceUnavailable("The records keep changing; please try again.", retry_after_s=1)
