"""Times that a user searches by."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from domain.images.query_times import parse_instant, parse_local_time
from domain.shared.errors import InvalidRequest


@pytest.mark.parametrize(
    "text", ["1978", "1978-05", "1978-05-31", "1978-05-31T23", "1978-05-31T23:59", "1978-05-31T23:59:59.5"]
)
def test_a_local_time_may_be_partial(text: str) -> None:
    assert parse_local_time("captured_from", text) == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "78",
        "1978-13",
        "1978-5",
        "1978-05-32",
        "1978-05-31T24",
        "1978-05-31T23:60",
        "2020Z",
        "1978-05-31 23",
    ],
)
def test_what_is_no_local_time_is_refused(text: str) -> None:
    with pytest.raises(InvalidRequest) as refused:
        parse_local_time("captured_from", text)
    [error] = refused.value.errors
    assert (error.field, error.message) == (
        "captured_from",
        "must be a local time without an offset, whole or partial, such as 2024-05 or 2024-05-01T12:30",
    )
    assert refused.value.detail == f"{error.field} {error.message}."


@pytest.mark.parametrize("text", ["2024-05-01T12:30:00+02:00", "2024-05-01T12:30:00 02:00"])
def test_an_instant_has_an_offset_also_where_its_plus_sign_was_not_encoded(text: str) -> None:
    expected = datetime(2024, 5, 1, 12, 30, tzinfo=timezone(timedelta(hours=2)))
    assert parse_instant("created_from", text) == expected


@pytest.mark.parametrize("text", ["2024-05-01T12:30:00Z", "2024-05-01t12:30:00z"])
def test_an_instant_may_be_in_utc(text: str) -> None:
    assert parse_instant("created_to", text) == datetime(2024, 5, 1, 12, 30, tzinfo=UTC)


@pytest.mark.parametrize("text", ["", "x", "2024", "2024-05-01", "2024-05-01T12:30:00", "1714566600"])
def test_what_is_no_instant_is_refused(text: str) -> None:
    with pytest.raises(InvalidRequest) as refused:
        parse_instant("created_from", text)
    [error] = refused.value.errors
    assert (error.field, error.message) == (
        "created_from",
        "must be a time with an offset (RFC 3339), such as 2024-05-01T12:30:00Z",
    )
    assert refused.value.detail == f"{error.field} {error.message}."
