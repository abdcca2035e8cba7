"""Records of images in memory that fulfil the port's contract."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from datetime import datetime
from threading import RLock
from typing import Any, TypeVar

from domain.images.account import Account, Quotas, Usage, usage_of
from domain.images.errors import AccountClosed, InvalidCursor, QuotaExceeded
from domain.images.ids import is_image_id
from domain.images.model import ImageRef, ImageStatus
from domain.images.ports import (
    MAX_KNOWN_DUPLICATES,
    KeyClaimed,
    RecordConflict,
    SameBytesExist,
)
from domain.images.query import ImageQuery, RecordPage
from domain.images.record import IdempotencyClaim, ImageRecord, Tombstone
from domain.images.work import DuePage, DueWork, Work
from domain.shared.clock import Clock

Key = TypeVar("Key")


class InMemoryImageRecords:
    """Keeps everything in dictionaries, which tests may look at.

    ``before_request`` is called before each request takes effect: tests that schedule concurrent
    callers switch between them there.
    """

    def __init__(self, clock: Clock, before_request: Callable[[str], None] = lambda _: None) -> None:
        self._clock = clock
        self._before_request = before_request
        self._lock = RLock()
        self.records: dict[ImageRef, ImageRecord] = {}
        self.tombstones: dict[ImageRef, Tombstone] = {}
        self.claims: dict[tuple[str, str], IdempotencyClaim] = {}
        self.same_bytes: dict[tuple[str, str], tuple[str, ...]] = {}
        self.accounts: dict[str, Account] = {}
        self.account_expiry: dict[str, datetime] = {}

    def find(self, ref: ImageRef) -> ImageRecord | None:
        self._before_request(f"find {ref.image_id}")
        return self.records.get(ref)

    def find_many(self, owner_id: str, image_ids: Collection[str]) -> Mapping[str, ImageRecord]:
        assert len(image_ids) <= 100
        self._before_request(f"find {len(image_ids)}")
        refs = [ImageRef(owner_id, image_id) for image_id in image_ids]
        return {ref.image_id: self.records[ref] for ref in refs if ref in self.records}

    def add(self, record: ImageRecord, quotas: Quotas, *, claim: IdempotencyClaim | None = None) -> None:
        self._before_request(f"add {record.ref.image_id}")
        ref, owner_id = record.ref, record.ref.owner_id
        with self._lock:
            self._require_open(owner_id)
            if claim is not None:
                found = self.claims.get((owner_id, claim.key_hash))
                if found is not None and found.expires_at > self._clock():
                    raise KeyClaimed(found)
            usage = self._account(owner_id).usage + usage_of(record)
            for name, taken, most in (
                ("images", usage.images, quotas.max_images),
                ("bytes", usage.bytes, quotas.max_bytes),
                ("pending uploads", usage.pending, quotas.max_pending),
            ):
                if most is not None and taken > most:
                    raise QuotaExceeded(f"You may have at most {most} {name}.")
            if ref in self.records or self._tombstone(ref):
                raise RecordConflict
            self.records[ref] = record
            self.accounts[owner_id] = replace(self._account(owner_id), usage=usage)
            if claim is not None:
                self.claims[owner_id, claim.key_hash] = claim

    def save(self, before: ImageRecord, after: ImageRecord, *, same_bytes: Collection[str] = ()) -> None:
        self._before_request(f"save {after.ref.image_id} as {after.status.value}")
        assert after.ref == before.ref
        assert after.version == before.version + 1
        becomes_ready = after.status is ImageStatus.READY and before.status is not ImageStatus.READY
        with self._lock:
            if becomes_ready:
                self._require_open(after.ref.owner_id)
            self._require_version(before)
            if becomes_ready:
                assert after.content is not None
                key = after.ref.owner_id, after.content.sha256
                known = self.same_bytes.get(key, ())
                if set(known) != set(same_bytes):
                    raise SameBytesExist(known)
                if len(known) < MAX_KNOWN_DUPLICATES:
                    self.same_bytes[key] = tuple(sorted((*known, after.ref.image_id), reverse=True))
            self.records[after.ref] = after
            self._add_usage(after.ref.owner_id, usage_of(after) - usage_of(before))

    def remove(self, before: ImageRecord, tombstone: Tombstone, *, release_key: bool = False) -> None:
        self._before_request(f"remove {before.ref.image_id}")
        ref, owner_id = before.ref, before.ref.owner_id
        with self._lock:
            self._require_version(before)
            del self.records[ref]
            self.tombstones[ref] = tombstone
            self._add_usage(owner_id, Usage() - usage_of(before))
            if before.content is not None:
                self._forget_bytes(owner_id, before.content.sha256, ref.image_id)
            key = owner_id, before.idempotency_key_hash or ""
            if release_key and key in self.claims and self.claims[key].image_id == ref.image_id:
                del self.claims[key]

    def begin_rendering(self, ref: ImageRef) -> ImageRecord | None:
        self._before_request(f"begin rendering {ref.image_id}")
        with self._lock:
            record = self.records.get(ref)
            if record is None or not record.is_to_be_rendered:
                return None
            self.records[ref] = record.begin_rendering()
            return self.records[ref]

    def find_tombstone(self, ref: ImageRef) -> Tombstone | None:
        self._before_request(f"find tombstone {ref.image_id}")
        return self._tombstone(ref)

    def settle_tombstone(self, ref: ImageRef) -> None:
        self._before_request(f"settle tombstone {ref.image_id}")
        with self._lock:
            if ref in self.tombstones:
                self.tombstones[ref] = replace(self.tombstones[ref], due_at=None)

    def find_same_bytes(self, owner_id: str, sha256: str) -> tuple[str, ...]:
        self._before_request(f"find {sha256}")
        return self.same_bytes.get((owner_id, sha256), ())

    def search(
        self, owner_id: str, query: ImageQuery, *, limit: int, position: str | None = None
    ) -> RecordPage:
        assert 1 <= limit <= 100
        self._before_request("search")
        if position is not None and not is_image_id(position.rpartition("#")[2]):
            raise InvalidCursor("cursor must be a next_cursor of an earlier page.")
        # The ids themselves are in the order of creation backwards.
        backwards = query.sort.is_descending is query.sort.is_by_capture
        matching = sorted(
            (
                record
                for ref, record in self.records.items()
                if ref.owner_id == owner_id and query.matches(record)
            ),
            key=query.position_of,
            reverse=backwards,
        )
        if position is not None:
            matching = [
                record
                for record in matching
                if (
                    query.position_of(record) < position
                    if backwards
                    else query.position_of(record) > position
                )
            ]
        page = tuple(matching[:limit])
        return RecordPage(page, query.position_of(page[-1]) if len(matching) > limit else None)

    def find_account(self, owner_id: str) -> Account:
        self._before_request("find account")
        return self._account(owner_id)

    def close_account(self, owner_id: str, now: datetime) -> None:
        self._before_request("close account")
        with self._lock:
            account = self._account(owner_id)
            if account.deleting_at is None:
                self.accounts[owner_id] = replace(account, deleting_at=now, due_at=now)

    def purge(self, owner_id: str, *, limit: int) -> bool:
        self._before_request("purge")
        with self._lock:
            assert self._account(owner_id).deleting_at is not None
            left = limit
            for images in (self.records, self.tombstones):
                left -= _delete(images, [ref for ref in images if ref.owner_id == owner_id][:left])
            for others in (self.claims, self.same_bytes):
                left -= _delete(others, [key for key in others if key[0] == owner_id][:left])
            return left == 0

    def finish_account(
        self, owner_id: str, deleted_at: datetime, expires_at: datetime, *, due_at: datetime | None = None
    ) -> None:
        self._before_request("finish account")
        with self._lock:
            account = self._account(owner_id)
            if account.deleting_at is not None:
                self.accounts[owner_id] = replace(
                    account, usage=Usage(), due_at=due_at, deleted_at=account.deleted_at or deleted_at
                )
                self.account_expiry.setdefault(owner_id, expires_at)

    def due(self, now: datetime, *, limit: int, position: str | None = None) -> DuePage:
        assert 1 <= limit <= 100
        self._before_request("due")
        items = [
            *(
                DueWork(Work(ref.owner_id, ref.image_id), record.due_at)
                for ref, record in self.records.items()
                if record.due_at
            ),
            *(
                DueWork(Work(ref.owner_id, ref.image_id), tombstone.due_at)
                for ref, tombstone in self.tombstones.items()
                if tombstone.due_at
            ),
            *(
                DueWork(Work(owner_id), account.due_at)
                for owner_id, account in self.accounts.items()
                if account.due_at
            ),
        ]
        due = sorted(
            (item for item in items if item.due_at <= now and _due_position(item) > (position or "")),
            key=_due_position,
        )
        page = tuple(due[:limit])
        return DuePage(page, _due_position(page[-1]) if len(due) > limit else None)

    def postpone(self, item: DueWork, due_at: datetime) -> None:
        self._before_request("postpone")
        with self._lock:
            ref, owner_id = item.work.ref, item.work.owner_id
            if ref is None:
                if self._account(owner_id).due_at == item.due_at:
                    self.accounts[owner_id] = replace(self.accounts[owner_id], due_at=due_at)
            elif ref in self.records and self.records[ref].due_at == item.due_at:
                self.records[ref] = replace(self.records[ref], due_at=due_at)
            elif ref in self.tombstones and self.tombstones[ref].due_at == item.due_at:
                self.tombstones[ref] = replace(self.tombstones[ref], due_at=due_at)

    def _account(self, owner_id: str) -> Account:
        expiry = self.account_expiry.get(owner_id)
        if expiry is not None and expiry <= self._clock():
            return Account(owner_id)
        return self.accounts.get(owner_id, Account(owner_id))

    def _tombstone(self, ref: ImageRef) -> Tombstone | None:
        found = self.tombstones.get(ref)
        return found if found and found.expires_at > self._clock() else None

    def _require_open(self, owner_id: str) -> None:
        if self._account(owner_id).deleting_at is not None:
            raise AccountClosed("The account was deleted; nothing more can be stored for it.")

    def _require_version(self, before: ImageRecord) -> None:
        current = self.records.get(before.ref)
        if current is None or current.version != before.version:
            raise RecordConflict

    def _add_usage(self, owner_id: str, change: Usage) -> None:
        account = self._account(owner_id)
        self.accounts[owner_id] = replace(account, usage=account.usage + change)

    def _forget_bytes(self, owner_id: str, sha256: str, image_id: str) -> None:
        key = owner_id, sha256
        left = tuple(other for other in self.same_bytes.get(key, ()) if other != image_id)
        if left:
            self.same_bytes[key] = left
        else:
            self.same_bytes.pop(key, None)


def _due_position(item: DueWork) -> str:
    return f"{item.due_at.isoformat()}#{item.work.owner_id}#{item.work.image_id or ''}"


def _delete(items: dict[Key, Any], keys: list[Key]) -> int:
    for key in keys:
        del items[key]
    return len(keys)
