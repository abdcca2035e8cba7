from domain.images.account import Usage, usage_of
from tests.support.records import accepted, pending, ref_at, rejected


def test_what_a_change_adds_is_the_difference_before_and_after() -> None:
    before = pending(ref_at(0), b"12345678")
    total = Usage(images=3, bytes=100, pending=2)

    ready = usage_of(accepted(before, b"12345678")) - usage_of(before)
    assert total + ready == Usage(images=3, bytes=100, pending=1)
    refused = usage_of(rejected(before)) - usage_of(before)
    assert total + refused == Usage(images=2, bytes=92, pending=1)
