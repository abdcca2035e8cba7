"""Idempotency keys, and the images that requests with them have made."""

from datetime import timedelta

import pytest

from domain.images.account import Quotas
from domain.images.errors import IdempotencyKeyReused
from domain.images.idempotency import MAX_IDEMPOTENCY_KEY_LENGTH, add_once, claim_key
from domain.images.record import IdempotencyClaim, UploadWay
from domain.shared.errors import InvalidRequest
from tests.support.fakes.image_records import InMemoryImageRecords
from tests.support.records import claim_on_key, pending, ref_at, sha256_of
from tests.support.samples import CALLER, NOW

REF = ref_at(0)


@pytest.mark.parametrize(
    ("way", "kind"),
    [(UploadWay.SMALL, b"small"), (UploadWay.FORM, b"direct"), (UploadWay.MULTIPART, b"direct")],
)
def test_a_claim_is_found_by_the_kind_of_upload_and_the_key(way: UploadWay, kind: bytes) -> None:
    """Claims are stored: those of the version before are to be found."""
    assert claim_key("key", way, "request", REF, NOW) == IdempotencyClaim(
        sha256_of(kind + b"\nkey"), sha256_of(b"request"), REF.image_id, NOW + timedelta(days=1)
    )


@pytest.mark.parametrize("key", ["!", "~", "k" * MAX_IDEMPOTENCY_KEY_LENGTH])
def test_a_key_has_visible_characters_up_to_a_length(key: str) -> None:
    assert claim_key(key, UploadWay.FORM, "", REF, NOW).image_id == REF.image_id


@pytest.mark.parametrize("key", ["", " ", "\x7f", "a b", "é", "k" * (MAX_IDEMPOTENCY_KEY_LENGTH + 1)])
def test_another_key_is_refused_with_what_it_must_have(key: str) -> None:
    with pytest.raises(InvalidRequest) as refusal:
        claim_key(key, UploadWay.FORM, "", REF, NOW)
    [error] = refusal.value.errors
    assert (error.field, error.message) == (
        "idempotency_key",
        "must have 1 to 255 visible ASCII characters",
    )
    assert refusal.value.detail == "The idempotency key must have 1 to 255 visible ASCII characters."


@pytest.mark.parametrize(
    ("found", "reason"),
    [
        (claim_on_key(REF, fingerprint="a" * 64), "with a different request."),
        (claim_on_key(REF), "for an image that has been deleted."),
    ],
)
def test_a_key_that_made_another_image_is_refused_with_the_reason(
    found: IdempotencyClaim, reason: str
) -> None:
    records = InMemoryImageRecords(lambda: NOW)
    records.claims[CALLER.user_id, found.key_hash] = found
    record = pending(ref_at(1))

    with pytest.raises(IdempotencyKeyReused) as refusal:
        add_once(records, record, Quotas(), claim_on_key(record.ref))
    assert records.records == {}
    assert refusal.value.detail == f"The key was already used {reason}"
