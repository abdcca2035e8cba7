from collections.abc import Collection
from itertools import count

import pytest

from domain.images.acceptance import Acceptance
from domain.images.ports import SameBytesExist
from domain.images.record import ImageRecord
from domain.shared.errors import ServiceUnavailable
from tests.support.fakes.image_records import InMemoryImageRecords
from tests.support.records import document_of, pending, ref_at
from tests.support.samples import NOW


class RestlessRecords(InMemoryImageRecords):
    """Another image with the same bytes becomes ready before each attempt."""

    def __init__(self) -> None:
        super().__init__(lambda: NOW)
        self.attempts = count(1)

    def save(self, before: ImageRecord, after: ImageRecord, *, same_bytes: Collection[str] = ()) -> None:
        raise SameBytesExist((f"image-{next(self.attempts)}",))


def test_an_image_whose_duplicates_keep_changing_can_be_accepted_later() -> None:
    records = RestlessRecords()

    with pytest.raises(
        ServiceUnavailable, match=r"^Other images with the same bytes keep changing; please try again\.$"
    ):
        Acceptance(records).accept(pending(ref_at(0)), document_of(), b"{}")

    assert next(records.attempts) == 6
