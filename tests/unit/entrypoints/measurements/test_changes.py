"""The measurements of changes to records."""

from dataclasses import replace
from datetime import timedelta

from domain.images.events import ImageChange
from domain.images.record import ImageRecord, UploadWay
from entrypoints.measurements import Measurement, Name, Unit
from entrypoints.measurements.changes import measured
from tests.support.records import accepted, announced, claim_of, pending, ref_at, rejected
from tests.support.samples import NOW

PENDING = pending(ref_at(0))
READY = accepted(PENDING)


def measurements(before: ImageRecord | None, after: ImageRecord | None) -> list[Measurement]:
    return list(measured(ImageChange(before, after, NOW), NOW + timedelta(seconds=1.5)))


def test_an_image_that_becomes_ready_is_counted_with_its_size_and_time() -> None:
    assert measurements(PENDING, READY) == [
        Measurement(Name.UPLOADS, dimensions={"way": "small", "outcome": "ready"}),
        Measurement(Name.UPLOADED_BYTES, READY.size_bytes, Unit.BYTES, {"way": "small"}),
        Measurement(Name.TIME_TO_READY, 1500, Unit.MILLISECONDS, {"way": "small"}),
    ]


def test_a_rejected_upload_is_counted_by_its_way_and_reason() -> None:
    before = announced(ref_at(0)).claim_bytes(claim_of())
    after = rejected(before)
    assert after.rejection

    assert measurements(before, after) == [
        Measurement(Name.UPLOADS, dimensions={"way": "form", "outcome": "rejected"}),
        Measurement(Name.REJECTIONS, dimensions={"code": after.rejection.code}),
    ]


def test_an_image_whose_record_was_rebuilt_was_counted_long_ago() -> None:
    before = replace(PENDING, announced=replace(PENDING.announced, way=UploadWay.REBUILT))

    assert measurements(before, accepted(before)) == []


def test_other_changes_are_not_counted() -> None:
    announcement = announced(ref_at(0))

    assert measurements(None, PENDING) == []
    assert measurements(announcement, announcement.claim_bytes(claim_of())) == []
    assert measurements(READY, READY.edit({"title": "new"})) == []
    assert measurements(READY, None) == []
