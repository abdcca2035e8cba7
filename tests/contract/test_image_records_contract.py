"""What every implementation of :class:`domain.images.ports.ImageRecords` does."""

import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import boto3
import pytest
from moto import mock_aws

from adapters.dynamodb.image_records import DynamoDbImageRecords
from adapters.dynamodb.items import item_of_record
from adapters.dynamodb.schema import table_definition
from domain.images.account import Account, Quotas, Usage
from domain.images.errors import AccountClosed, InvalidCursor, QuotaExceeded
from domain.images.model import ImageRef, ImageStatus
from domain.images.ports import ImageRecords, KeyClaimed, RecordConflict, SameBytesExist
from domain.images.query import ImageQuery, ImageSort
from domain.images.record import Announcement, ImageRecord, UploadWay
from domain.images.work import DueWork, Work
from domain.renditions.errors import UnrenderableImage
from domain.renditions.model import StoredRendition
from entrypoints.local.emulator import REGION, Emulator
from tests.support.fakes.image_records import InMemoryImageRecords
from tests.support.records import (
    CONTENT,
    accepted,
    announced,
    claim_of,
    claim_on_key,
    pending,
    ref_at,
    rejected,
    sha256_of,
    tombstone_of,
)
from tests.support.samples import NOW

NO_QUOTAS = Quotas(max_pending=None)


class Clock:
    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(params=["memory", "moto", "emulator"])
def records(request: pytest.FixtureRequest, clock: Clock) -> ImageRecords:
    """Each implementation in turn."""
    if request.param == "memory":
        return InMemoryImageRecords(clock)
    client, table = request.getfixturevalue(f"{request.param}_client"), f"records-{uuid4()}"
    client.create_table(**table_definition(table))
    return DynamoDbImageRecords(client, table, clock)


@pytest.fixture(scope="module")
def moto_client() -> Iterator[Any]:
    with mock_aws():
        yield one_request_at_a_time(
            boto3.client(
                "dynamodb", region_name=REGION, aws_access_key_id="test", aws_secret_access_key="test"
            )
        )


@pytest.fixture(scope="module")
def emulator_client(emulator: Emulator) -> Any:
    return emulator.client("dynamodb")


def one_request_at_a_time(client: Any) -> Any:
    """Have the client's requests take effect one after the other, as DynamoDB's do; moto's may mingle."""
    lock, request = threading.Lock(), client._make_api_call

    def request_alone(*arguments: Any) -> Any:
        with lock:
            return request(*arguments)

    client._make_api_call = request_alone
    return client


@pytest.fixture
def owner() -> str:
    return str(uuid4())


def add(records: ImageRecords, record: ImageRecord) -> ImageRecord:
    records.add(record, NO_QUOTAS)
    return record


def save(records: ImageRecords, before: ImageRecord, after: ImageRecord, **options: Any) -> ImageRecord:
    records.save(before, after, **options)
    return after


def add_ready(
    records: ImageRecords, ref: ImageRef, content: bytes | None = None, **more: Any
) -> ImageRecord:
    content = content or ref.image_id.encode()
    before = add(records, pending(ref, content))
    return save(records, before, accepted(before, content, **more))


def test_a_record_is_kept_in_full(records: ImageRecords, owner: str) -> None:
    multipart = ImageRecord.announce(
        ref_at(0, owner),
        Announcement(UploadWay.MULTIPART, 2**33, NOW + timedelta(hours=24), None, "ab" * 32, 8_388_608),
        due_at=NOW + timedelta(hours=24),
        filename="été 🏖.jpg",
        idempotency_key_hash="c" * 64,
    )
    add(records, multipart)
    begun = save(records, multipart, multipart.begin_multipart("2~upload-id"))
    claimed = announced(ref_at(1, owner))
    add(records, claimed)
    claimed = save(records, claimed, claimed.claim_bytes(claim_of()))
    ready = save(records, claimed, accepted(claimed, latitude=-33.5, longitude=151.25, f_number=2.8))
    edited = save(
        records, ready, ready.edit({"title": "Hafen", "keywords": ("a", "b"), "filename": "x.jpg"})
    )
    refused = add(records, announced(ref_at(2, owner)))
    refused = save(records, refused, rejected(refused))
    edited = save(records, edited, edited.request_renditions(["thumbnail", "preview"]))
    thumbnail = StoredRendition("thumbnail", 320, 213)
    edited = save(records, edited, edited.end_rendering([thumbnail], UnrenderableImage("Damaged.")))

    for record in (begun, edited, refused):
        assert records.find(record.ref) == record
    refs = [begun.ref.image_id, edited.ref.image_id, ref_at(9).image_id]
    assert records.find_many(owner, refs) == {
        begun.ref.image_id: begun,
        edited.ref.image_id: edited,
    }
    assert records.find_many(owner, []) == {}
    assert records.search(owner, ImageQuery(), limit=10).records == (refused, edited, begun)


def test_other_owners_have_no_part_in_it(records: ImageRecords, owner: str) -> None:
    record = add_ready(records, ref_at(0, owner))
    other = str(uuid4())

    assert records.find(ImageRef(other, record.ref.image_id)) is None
    assert records.find_many(other, [record.ref.image_id]) == {}
    assert records.search(other, ImageQuery(), limit=10).records == ()
    assert records.find_account(other) == Account(other)
    assert records.find_same_bytes(other, sha256_of(record.ref.image_id.encode())) == ()


def test_an_image_is_added_once(records: ImageRecords, owner: str) -> None:
    record = add(records, pending(ref_at(0, owner)))

    with pytest.raises(RecordConflict):
        records.add(record, NO_QUOTAS)

    assert records.find_account(owner).usage == Usage(1, len(CONTENT), 1)


def test_usage_is_the_sum_of_what_is_there(records: ImageRecords, owner: str) -> None:
    one, two, three = (add(records, pending(ref_at(number, owner))) for number in range(3))
    size = len(CONTENT)
    assert records.find_account(owner).usage == Usage(3, 3 * size, 3)

    one = save(records, one, accepted(one))
    two = save(records, two, rejected(two))
    assert records.find_account(owner).usage == Usage(2, 2 * size, 1)

    one = save(records, one, one.edit({"title": "title"}))
    assert records.find_account(owner).usage == Usage(2, 2 * size, 1)

    for record in (one, two, three):
        records.remove(record, tombstone_of(record))
    assert records.find_account(owner).usage == Usage()


@pytest.mark.parametrize(
    "quotas",
    [
        Quotas(max_images=1, max_pending=None),
        Quotas(max_bytes=2 * len(CONTENT) - 1, max_pending=None),
        Quotas(max_pending=1),
    ],
    ids=["images", "bytes", "pending"],
)
def test_nothing_is_added_beyond_a_quota(records: ImageRecords, owner: str, quotas: Quotas) -> None:
    first, second = pending(ref_at(0, owner)), pending(ref_at(1, owner))
    records.add(first, quotas)

    with pytest.raises(QuotaExceeded, match=r"\d"):
        records.add(second, quotas, claim=claim_on_key(second.ref))

    assert records.find(second.ref) is None
    assert records.find_account(owner).usage == Usage(1, len(CONTENT), 1)
    records.remove(first, tombstone_of(first))
    records.add(second, quotas, claim=claim_on_key(second.ref))


def test_what_fills_a_quota_to_the_brim_is_added(records: ImageRecords, owner: str) -> None:
    quotas = Quotas(max_images=2, max_bytes=2 * len(CONTENT), max_pending=2)

    records.add(pending(ref_at(0, owner)), quotas)
    records.add(pending(ref_at(1, owner)), quotas)

    with pytest.raises(QuotaExceeded):
        records.add(pending(ref_at(2, owner), b"1"), quotas)


def test_an_image_beyond_the_bytes_of_a_whole_quota_is_refused(records: ImageRecords, owner: str) -> None:
    with pytest.raises(QuotaExceeded):
        records.add(pending(ref_at(0, owner)), Quotas(max_bytes=len(CONTENT) - 1))
    with pytest.raises(QuotaExceeded):
        records.add(pending(ref_at(0, owner)), Quotas(max_images=0))


def test_a_change_needs_the_version_that_it_was_made_from(records: ImageRecords, owner: str) -> None:
    before = add(records, pending(ref_at(0, owner)))
    after = save(records, before, accepted(before))

    with pytest.raises(RecordConflict):
        records.save(before, rejected(before))
    with pytest.raises(RecordConflict):
        records.save(before, accepted(before))
    with pytest.raises(RecordConflict):
        records.remove(before, tombstone_of(before))

    assert records.find(after.ref) == after
    assert records.find_tombstone(after.ref) is None
    assert records.find_account(owner).usage == Usage(1, len(CONTENT), 0)
    assert records.find_same_bytes(owner, sha256_of(CONTENT)) == (after.ref.image_id,)


def test_what_is_deleted_leaves_a_tombstone_and_does_not_come_back(
    records: ImageRecords, owner: str, clock: Clock
) -> None:
    record = add_ready(records, ref_at(0, owner), CONTENT, renditions=("thumbnail",))
    tombstone = record.withdraw(clock.now)

    records.remove(record, tombstone)

    assert records.find(record.ref) is None
    assert records.search(owner, ImageQuery(), limit=10).records == ()
    assert records.find_tombstone(record.ref) == tombstone
    assert records.find_same_bytes(owner, sha256_of(CONTENT)) == ()
    with pytest.raises(RecordConflict):
        records.remove(record, tombstone)
    with pytest.raises(RecordConflict):
        records.save(record, record.edit({"title": "title"}))
    with pytest.raises(RecordConflict):
        records.add(pending(record.ref), NO_QUOTAS)
    assert records.find_account(owner).usage == Usage()

    clock.now = tombstone.expires_at
    assert records.find_tombstone(record.ref) is None


def test_an_attempt_at_rendering_is_the_next_version(records: ImageRecords, owner: str) -> None:
    ready = add_ready(records, ref_at(0, owner), renditions=("thumbnail", "preview"))

    first = records.begin_rendering(ready.ref)
    assert first == ready.begin_rendering()
    second = records.begin_rendering(ready.ref)
    assert second == first.begin_rendering()
    assert records.find(ready.ref) == second

    with pytest.raises(RecordConflict):
        records.save(first, first.end_rendering([]))
    records.save(second, second.end_rendering([]))
    assert records.begin_rendering(ready.ref) is None


def test_only_what_is_to_be_rendered_is_attempted(records: ImageRecords, owner: str) -> None:
    without = add_ready(records, ref_at(0, owner))
    failed = add_ready(records, ref_at(1, owner), renditions=("thumbnail",))
    failed = save(records, failed, failed.end_rendering([], UnrenderableImage("Damaged.")))
    waiting = add(records, pending(ref_at(2, owner)))

    for record in (without, failed, waiting):
        assert records.begin_rendering(record.ref) is None
        assert records.find(record.ref) == record
    assert records.begin_rendering(ref_at(3, owner)) is None
    assert records.find(ref_at(3, owner)) is None


def test_a_settled_tombstone_stays_but_is_not_due(records: ImageRecords, owner: str) -> None:
    record = add(records, pending(ref_at(0, owner)))
    tombstone = tombstone_of(record)
    records.remove(record, tombstone)

    records.settle_tombstone(record.ref)
    records.settle_tombstone(record.ref)
    records.settle_tombstone(ref_at(1, owner))

    assert records.find_tombstone(record.ref) == replace(tombstone, due_at=None)
    assert records.find_tombstone(ref_at(1, owner)) is None


def test_a_key_is_claimed_once_a_day(records: ImageRecords, owner: str, clock: Clock) -> None:
    first, second = pending(ref_at(0, owner)), pending(ref_at(1, owner))
    claim = claim_on_key(first.ref)
    records.add(first, NO_QUOTAS, claim=claim)

    with pytest.raises(KeyClaimed) as refused:
        records.add(second, NO_QUOTAS, claim=claim_on_key(second.ref, fingerprint="e" * 64))
    assert refused.value.claim == claim
    assert records.find(second.ref) is None
    assert records.find_account(owner).usage == Usage(1, len(CONTENT), 1)
    # Another key, and the same one of somebody else, are free.
    records.add(second, NO_QUOTAS, claim=claim_on_key(second.ref, key_hash="1" * 64))
    theirs = pending(ref_at(0, str(uuid4())))
    records.add(theirs, NO_QUOTAS, claim=claim_on_key(theirs.ref))

    clock.now = claim.expires_at
    third = pending(ref_at(2, owner))
    records.add(third, NO_QUOTAS, claim=claim_on_key(third.ref, expires_at=clock.now + timedelta(days=1)))


def test_a_claimed_key_is_reported_before_an_exceeded_quota(records: ImageRecords, owner: str) -> None:
    first, second = pending(ref_at(0, owner)), pending(ref_at(1, owner))
    records.add(first, Quotas(max_images=1), claim=claim_on_key(first.ref))

    with pytest.raises(KeyClaimed):
        records.add(second, Quotas(max_images=1), claim=claim_on_key(second.ref))


def test_a_key_is_released_with_its_image_where_that_is_asked_for(
    records: ImageRecords, owner: str
) -> None:
    kept = pending(ref_at(0, owner), idempotency_key_hash="0" * 64)
    freed = pending(ref_at(1, owner), idempotency_key_hash="1" * 64)
    records.add(kept, NO_QUOTAS, claim=claim_on_key(kept.ref, "0" * 64))
    records.add(freed, NO_QUOTAS, claim=claim_on_key(freed.ref, "1" * 64))

    records.remove(kept, tombstone_of(kept))
    records.remove(freed, tombstone_of(freed), release_key=True)

    again = pending(ref_at(2, owner))
    with pytest.raises(KeyClaimed):
        records.add(again, NO_QUOTAS, claim=claim_on_key(again.ref, "0" * 64))
    records.add(again, NO_QUOTAS, claim=claim_on_key(again.ref, "1" * 64))


def test_a_key_that_another_image_has_claimed_since_is_not_released(
    records: ImageRecords, owner: str, clock: Clock
) -> None:
    old = pending(ref_at(0, owner), idempotency_key_hash="0" * 64)
    records.add(old, NO_QUOTAS, claim=claim_on_key(old.ref))
    clock.now += timedelta(days=1)
    new = pending(ref_at(1, owner), idempotency_key_hash="0" * 64)
    records.add(new, NO_QUOTAS, claim=claim_on_key(new.ref, expires_at=clock.now + timedelta(days=1)))

    records.remove(old, tombstone_of(old, clock.now), release_key=True)

    assert records.find(old.ref) is None
    third = pending(ref_at(2, owner))
    with pytest.raises(KeyClaimed):
        records.add(third, NO_QUOTAS, claim=claim_on_key(third.ref))


def test_images_with_the_same_bytes_are_known(records: ImageRecords, owner: str) -> None:
    sha256 = sha256_of(CONTENT)
    first, second, third = (add(records, pending(ref_at(number, owner))) for number in range(3))
    assert records.find_same_bytes(owner, sha256) == ()

    first = save(records, first, accepted(first))
    with pytest.raises(SameBytesExist) as refused:
        records.save(second, accepted(second))
    assert refused.value.image_ids == (first.ref.image_id,)
    assert records.find(second.ref) == second
    second = save(records, second, accepted(second), same_bytes=[first.ref.image_id])
    with pytest.raises(SameBytesExist) as refused:
        records.save(third, accepted(third), same_bytes=[first.ref.image_id])
    oldest_first = (first.ref.image_id, second.ref.image_id)
    assert refused.value.image_ids == records.find_same_bytes(owner, sha256) == oldest_first

    records.remove(first, tombstone_of(first))
    with pytest.raises(SameBytesExist):
        records.save(third, accepted(third), same_bytes=oldest_first)
    third = save(records, third, accepted(third), same_bytes=[second.ref.image_id])
    assert records.find_same_bytes(owner, sha256) == (second.ref.image_id, third.ref.image_id)


def ids(records: ImageRecords, owner: str, query: ImageQuery, limit: int = 100) -> list[str]:
    """All that the query finds, page by page."""
    found: list[str] = []
    position = None
    for _ in range(100):
        page = records.search(owner, query, limit=limit, position=position)
        assert len(page.records) <= limit
        found += [record.ref.image_id for record in page.records]
        position = page.next_position
        if position is None:
            return found
    raise AssertionError("the pages do not end")


def eventually(expected: Any, ask: Callable[..., Any], *arguments: Any) -> None:
    """An index may follow within seconds."""
    pause = threading.Event()
    for _ in range(50):
        if ask(*arguments) == expected:
            return
        pause.wait(0.1)
    assert ask(*arguments) == expected


def test_images_are_listed_by_creation(records: ImageRecords, owner: str) -> None:
    made = [add(records, pending(ref_at(number, owner))).ref.image_id for number in range(5)]
    deleted = add(records, pending(ref_at(6, owner)))
    records.remove(deleted, tombstone_of(deleted))

    for limit in (1, 2, 5, 100):
        assert ids(records, owner, ImageQuery(), limit) == made[::-1]
        assert ids(records, owner, ImageQuery(sort=ImageSort.OLDEST), limit) == made
    page = records.search(owner, ImageQuery(), limit=2)
    assert [record.ref.image_id for record in page.records] == made[:2:-1]
    assert records.search(owner, ImageQuery(), limit=5).next_position in (None, made[0])


def test_ready_images_are_listed_by_capture_time(records: ImageRecords, owner: str) -> None:
    times = {
        0: "2024-05-01T10:00:00+02:00",
        1: "1978",
        2: "2024-05-01T10:00:00.5",
        3: None,
        4: "1978-05",
        5: "2024-05-01T10:00:00-07:00",
    }
    made = {
        number: add_ready(records, ref_at(number, owner), captured_at=time).ref.image_id
        for number, time in times.items()
    }
    add(records, pending(ref_at(9, owner)))
    # Those of the same local time are sorted by id, of which the later image has the smaller one.
    ascending = [made[number] for number in (1, 4, 5, 0, 2, 3)]

    for limit in (1, 4, 100):
        query = ImageQuery(sort=ImageSort.FIRST_CAPTURED)
        eventually(ascending, ids, records, owner, query, limit)
        query = ImageQuery(sort=ImageSort.LAST_CAPTURED)
        eventually(ascending[::-1], ids, records, owner, query, limit)


@pytest.mark.parametrize("sort", list(ImageSort))
def test_images_are_found_by_each_criterion(records: ImageRecords, owner: str, sort: ImageSort) -> None:
    plain = add_ready(records, ref_at(0, owner), captured_at="2023-12-31T23:59:59", camera_make="NIKON")
    rich = add_ready(
        records,
        ref_at(10, owner),
        captured_at="2024-05-01T10:00:00+02:00",
        camera_make="Fujifilm",
        camera_model="X-T5",
        keywords=["Straße", "Hafen"],
        latitude=1.5,
        longitude=2.5,
    )
    rich = save(records, rich, rich.edit({"filename": "Été 2024.JPG", "keywords": ("Own",), "title": "t"}))
    undated = add_ready(records, ref_at(20, owner), captured_at=None, camera_make=None, keywords=[])
    waiting = add(records, announced(ref_at(30, owner), filename="been.jpg"))
    refused = add(records, announced(ref_at(40, owner)))
    refused = save(records, refused, rejected(refused))
    everything = [plain, rich, undated, waiting, refused]
    queries = [
        {"status": ImageStatus.READY},
        {"status": ImageStatus.PENDING},
        {"status": ImageStatus.REJECTED},
        {"captured_from": "2024"},
        {"captured_from": "2024-05-01T10:00:00", "captured_to": "2024-05-01T10:00:00"},
        {"captured_to": "2023"},
        {"captured_to": "2024-05"},
        {"captured_to": "2024-04"},
        {"captured_from": "2026-03-01"},
        {"created_from": NOW + timedelta(seconds=10), "created_to": NOW + timedelta(seconds=20)},
        {"created_from": NOW + timedelta(seconds=10, milliseconds=1)},
        {"created_to": NOW + timedelta(seconds=9)},
        {"camera": "fujifilm x-t"},
        {"camera": "FILM"},
        {"camera": "canon"},
        {"keyword": "STRASSE"},
        {"keyword": "own"},
        {"keyword": "hafe"},
        {"filename": "ÉTÉ"},
        {"filename": "."},
        {"has_location": True},
        {"has_location": False},
        {"sha256": sha256_of(rich.ref.image_id.encode())},
        {"sha256": "0" * 64},
        {"status": ImageStatus.READY, "camera": "nikon", "captured_to": "2024"},
        {"keyword": "own", "has_location": False},
    ]

    for criteria in queries:
        query = ImageQuery(sort=sort, **criteria)  # type: ignore[arg-type]
        expected = sorted(
            (record for record in everything if query.matches(record)),
            key=query.position_of,
            reverse=sort.is_descending is sort.is_by_capture,
        )
        expected_ids = [record.ref.image_id for record in expected]
        for limit in (1, 100):
            eventually(expected_ids, ids, records, owner, query, limit)


def test_a_checksum_finds_all_images_at_once(records: ImageRecords, owner: str) -> None:
    for number in range(5):
        add_ready(records, ref_at(number, owner))
    last = add_ready(records, ref_at(-1, owner), CONTENT)

    page = records.search(owner, ImageQuery(sha256=sha256_of(CONTENT)), limit=1)

    assert page.records == (last,)


@pytest.mark.parametrize("sort", list(ImageSort))
@pytest.mark.parametrize("position", ["", "x", "#", "2024#", "../..", "IMG#" + "0" * 25, "é" * 26])
def test_a_made_up_position_is_refused(
    records: ImageRecords, owner: str, sort: ImageSort, position: str
) -> None:
    add(records, pending(ref_at(0, owner)))

    with pytest.raises(InvalidCursor):
        records.search(owner, ImageQuery(sort=sort), limit=10, position=position)


def test_a_page_continues_after_a_deleted_last_image(records: ImageRecords, owner: str) -> None:
    made = [add(records, pending(ref_at(number, owner))) for number in range(4)]
    page = records.search(owner, ImageQuery(), limit=2)
    records.remove(made[2], tombstone_of(made[2]))

    rest = records.search(owner, ImageQuery(), limit=2, position=page.next_position)

    assert rest.records == (made[1], made[0])


def test_a_closed_account_accepts_nothing_more(records: ImageRecords, owner: str) -> None:
    before = add(records, pending(ref_at(0, owner)))
    records.close_account(owner, NOW)

    with pytest.raises(AccountClosed):
        records.add(pending(ref_at(1, owner)), NO_QUOTAS)
    with pytest.raises(AccountClosed):
        records.add(before, Quotas(max_images=0), claim=claim_on_key(before.ref))
    with pytest.raises(AccountClosed):
        records.save(before, accepted(before))
    assert records.find(before.ref) == before
    records.save(before, rejected(before))


def test_a_closed_account_is_emptied_however_much_it_has(
    moto_client: Any, clock: Clock, owner: str
) -> None:
    """DynamoDB reads at most 1 MB at once, which is fewer items than may be deleted at once."""
    table = f"records-{uuid4()}"
    moto_client.create_table(**table_definition(table))
    for number in range(130):
        item = item_of_record(accepted(pending(ref_at(number, owner))))
        moto_client.put_item(TableName=table, Item={**item, "summary": {"S": json.dumps("x" * 8000)}})
    records = DynamoDbImageRecords(moto_client, table, clock)
    records.close_account(owner, NOW)

    assert records.purge(owner, limit=1000) is True
    while records.purge(owner, limit=1000):
        pass

    assert records.search(owner, ImageQuery(), limit=10).records == ()


@pytest.mark.parametrize("sort", ImageSort)
def test_a_search_for_a_checksum_misses_no_image_however_many_there_are(
    records: ImageRecords, owner: str, monkeypatch: pytest.MonkeyPatch, sort: ImageSort
) -> None:
    for module in ("adapters.dynamodb.image_records", "tests.support.fakes.image_records"):
        monkeypatch.setattr(f"{module}.MAX_KNOWN_DUPLICATES", 2)
    made = []
    for number in range(4):
        known = records.find_same_bytes(owner, sha256_of(CONTENT))
        before = add(records, pending(ref_at(number, owner)))
        made.append(save(records, before, accepted(before), same_bytes=known))
    add_ready(records, ref_at(9, owner), b"others")

    def found() -> set[str]:
        query, position, ids = ImageQuery(sort, sha256=sha256_of(CONTENT)), None, set[str]()
        while True:
            page = records.search(owner, query, limit=2, position=position)
            ids |= {record.ref.image_id for record in page.records}
            position = page.next_position
            if position is None:
                return ids

    expected = {record.ref.image_id for record in made}
    assert found() == expected
    for record in made:
        records.remove(record, tombstone_of(record))
        expected.remove(record.ref.image_id)
        assert found() == expected


def test_an_account_is_closed_once(records: ImageRecords, owner: str) -> None:
    records.close_account(owner, NOW)
    records.close_account(owner, NOW + timedelta(hours=1))

    account = records.find_account(owner)
    assert (account.deleting_at, account.due_at, account.deleted_at) == (NOW, NOW, None)


def test_a_closed_account_is_emptied_step_by_step(records: ImageRecords, owner: str, clock: Clock) -> None:
    for number in range(4):
        before = add(records, pending(ref_at(number, owner), str(number).encode()))
        save(records, before, accepted(before, str(number).encode()))
    deleted = pending(ref_at(9, owner), idempotency_key_hash="0" * 64)
    records.add(deleted, NO_QUOTAS, claim=claim_on_key(deleted.ref))
    records.remove(deleted, tombstone_of(deleted))
    other = add(records, pending(ref_at(0, str(uuid4()))))
    records.close_account(owner, NOW)

    steps = 0
    while records.purge(owner, limit=3):
        steps += 1
        assert steps < 20
    assert steps >= 3
    assert records.purge(owner, limit=3) is False
    assert records.search(owner, ImageQuery(), limit=10).records == ()
    assert records.find_tombstone(deleted.ref) is None
    assert records.find_same_bytes(owner, sha256_of(b"0")) == ()
    assert records.find(other.ref) == other

    quiet_at = NOW + timedelta(minutes=15)
    records.finish_account(owner, NOW + timedelta(minutes=5), NOW + timedelta(days=35), due_at=quiet_at)
    assert records.find_account(owner) == Account(
        owner, deleting_at=NOW, due_at=quiet_at, deleted_at=NOW + timedelta(minutes=5)
    )
    records.finish_account(owner, NOW + timedelta(minutes=9), NOW + timedelta(days=99))
    records.close_account(owner, NOW + timedelta(hours=1))
    assert records.find_account(owner) == Account(
        owner, deleting_at=NOW, deleted_at=NOW + timedelta(minutes=5)
    )
    with pytest.raises(AccountClosed):
        records.add(pending(ref_at(1, owner)), NO_QUOTAS)

    clock.now = NOW + timedelta(days=35)
    assert records.find_account(owner) == Account(owner)


def test_an_account_that_is_open_is_not_finished(records: ImageRecords, owner: str) -> None:
    records.finish_account(owner, NOW, NOW + timedelta(days=35))

    assert records.find_account(owner) == Account(owner)


def due(records: ImageRecords, owners: set[str], now: datetime, limit: int = 100) -> list[DueWork]:
    found: list[DueWork] = []
    position = None
    for _ in range(1000):
        page = records.due(now, limit=limit, position=position)
        assert len(page.items) <= limit
        found += page.items
        position = page.next_position
        if position is None:
            return [item for item in found if item.work.owner_id in owners]
    raise AssertionError("the pages do not end")


def test_what_is_unfinished_becomes_due(records: ImageRecords, owner: str) -> None:
    other = str(uuid4())
    soon = add(records, pending(ref_at(0, owner), due_at=NOW + timedelta(minutes=1)))
    later = add(records, announced(ref_at(1, other), due_at=NOW + timedelta(minutes=30)))
    gone = add(records, pending(ref_at(2, owner)))
    records.remove(gone, replace(tombstone_of(gone), due_at=NOW + timedelta(minutes=2)))
    records.close_account(other, NOW + timedelta(minutes=3))
    done = add(records, pending(ref_at(3, owner)))
    save(records, done, accepted(done))
    expected = [
        DueWork(Work(owner, soon.ref.image_id), NOW + timedelta(minutes=1)),
        DueWork(Work(owner, gone.ref.image_id), NOW + timedelta(minutes=2)),
        DueWork(Work(other), NOW + timedelta(minutes=3)),
        DueWork(Work(other, later.ref.image_id), NOW + timedelta(minutes=30)),
    ]
    owners = {owner, other}

    eventually([], due, records, owners, NOW)
    eventually(expected[:1], due, records, owners, NOW + timedelta(minutes=1))
    for limit in (1, 3, 100):
        eventually(expected, due, records, owners, NOW + timedelta(minutes=30), limit)

    save(records, soon, rejected(soon))
    records.settle_tombstone(gone.ref)
    records.finish_account(other, NOW, NOW + timedelta(days=35))
    eventually(expected[3:], due, records, owners, NOW + timedelta(minutes=30))


def test_what_is_due_can_be_postponed(records: ImageRecords, owner: str) -> None:
    record = add(records, pending(ref_at(0, owner), due_at=NOW))
    gone = add(records, pending(ref_at(1, owner)))
    records.remove(gone, replace(tombstone_of(gone), due_at=NOW))
    records.close_account(owner, NOW)
    later = NOW + timedelta(hours=2)
    eventually(3, lambda: len(due(records, {owner}, NOW)))
    items = due(records, {owner}, NOW)

    for item in items:
        records.postpone(item, later)
        # What it was due at before is not so any more.
        records.postpone(item, NOW)

    eventually([], due, records, {owner}, NOW)
    eventually(3, lambda: len(due(records, {owner}, later)))
    assert records.find(record.ref) == replace(record, due_at=later)
    save(records, record, rejected(record))
    for item in items:
        records.postpone(item, later)
    eventually(2, lambda: len(due(records, {owner}, later)))


def test_postponing_brings_nothing_back(records: ImageRecords, owner: str) -> None:
    ref = ref_at(0, owner)

    records.postpone(DueWork(Work(owner, ref.image_id), NOW), NOW)
    records.postpone(DueWork(Work(owner), NOW), NOW)

    assert records.find(ref) is None
    assert records.find_tombstone(ref) is None
    assert records.find_account(owner) == Account(owner)


def concurrently(*calls: Callable[[], Any]) -> list[BaseException | None]:
    """Makes all calls at once. Returns what each raised."""
    outcomes: list[BaseException | None] = [None] * len(calls)
    barrier = threading.Barrier(len(calls))

    def run(number: int) -> None:
        barrier.wait()
        try:
            calls[number]()
        except Exception as error:
            outcomes[number] = error

    threads = [threading.Thread(target=run, args=[number]) for number in range(len(calls))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes


def test_of_concurrent_changes_one_wins(records: ImageRecords, owner: str) -> None:
    before = add(records, pending(ref_at(0, owner)))

    outcomes = concurrently(
        lambda: records.save(before, accepted(before)),
        lambda: records.save(before, rejected(before)),
        lambda: records.remove(before, tombstone_of(before)),
    )

    assert sorted(type(outcome).__name__ for outcome in outcomes) == [
        "NoneType",
        "RecordConflict",
        "RecordConflict",
    ]


def test_of_concurrent_claims_on_a_key_one_wins(records: ImageRecords, owner: str) -> None:
    made = [pending(ref_at(number, owner)) for number in range(4)]

    outcomes = concurrently(
        *(
            lambda record=record: records.add(record, NO_QUOTAS, claim=claim_on_key(record.ref))
            for record in made
        )
    )

    (winner,) = [record for record, outcome in zip(made, outcomes, strict=True) if outcome is None]
    for outcome in outcomes:
        if outcome is not None:
            assert isinstance(outcome, KeyClaimed)
            assert outcome.claim.image_id == winner.ref.image_id
    assert records.search(owner, ImageQuery(), limit=10).records == (winner,)
    assert records.find_account(owner).usage == Usage(1, len(CONTENT), 1)


def test_concurrent_images_of_one_owner_are_all_counted(records: ImageRecords, owner: str) -> None:
    made = [pending(ref_at(number, owner), bytes([number])) for number in range(6)]

    assert concurrently(*(lambda r=record: records.add(r, NO_QUOTAS) for record in made)) == [None] * 6
    ready = [accepted(record, bytes([number])) for number, record in enumerate(made)]
    outcomes = concurrently(
        *(
            lambda before=before, after=after: records.save(before, after)
            for before, after in zip(made, ready, strict=True)
        )
    )

    assert outcomes == [None] * 6
    assert records.find_account(owner).usage == Usage(6, 6, 0)


def test_a_quota_holds_against_concurrent_images(records: ImageRecords, owner: str) -> None:
    made = [pending(ref_at(number, owner)) for number in range(6)]

    outcomes = concurrently(
        *(lambda record=record: records.add(record, Quotas(max_images=2)) for record in made)
    )

    assert sum(outcome is None for outcome in outcomes) == 2
    assert all(outcome is None or isinstance(outcome, QuotaExceeded) for outcome in outcomes)
    assert records.find_account(owner).usage.images == 2
