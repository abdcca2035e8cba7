"""Measures uploads from the changes of their records."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from domain.images.events import ImageChange
from domain.images.model import ImageStatus
from domain.images.record import UploadWay
from entrypoints.measurements import Measurement, Name, Unit


def measured(change: ImageChange, told_at: datetime) -> Iterator[Measurement]:
    """Measure a change that was published at this time."""
    before, after = change.before, change.after
    if before is None or after is None or before.status is not ImageStatus.PENDING:
        return
    if after.announced.way is UploadWay.REBUILT:
        return  # it became ready long ago, and was measured then
    way = {"way": after.announced.way.value}
    if after.status is ImageStatus.READY:
        time_to_ready_ms = (told_at - after.created_at) / timedelta(milliseconds=1)
        yield Measurement(Name.UPLOADS, dimensions={**way, "outcome": "ready"})
        yield Measurement(Name.UPLOADED_BYTES, after.size_bytes, Unit.BYTES, way)
        yield Measurement(Name.TIME_TO_READY, time_to_ready_ms, Unit.MILLISECONDS, way)
    elif after.rejection:
        yield Measurement(Name.UPLOADS, dimensions={**way, "outcome": "rejected"})
        yield Measurement(Name.REJECTIONS, dimensions={"code": after.rejection.code})
