"""The limits that the description states are those that the code checks."""

import json
import re
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.s3.incoming_store import LIMITS as STORAGE_LIMITS
from domain.accounts.email_address import normalise_email
from domain.accounts.rules import normalise_code, normalise_name
from domain.images.declared import parse_sha256
from domain.images.idempotency import claim_key
from domain.images.query_times import parse_local_time
from domain.images.record import UploadWay
from domain.shared.errors import InvalidRequest
from tests.support.samples import NOW, image_ref

DESCRIPTION = json.loads(Path("openapi.json").read_text(encoding="utf-8"))


def parameter(name: str) -> dict[str, Any]:
    """The schema of the only or first parameter with this name."""
    return next(
        parameter["schema"]
        for operations in DESCRIPTION["paths"].values()
        for operation in operations.values()
        for parameter in operation.get("parameters", ())
        if parameter["name"] == name
    )


def member(schema: str, name: str) -> dict[str, Any]:
    found: dict[str, Any] = DESCRIPTION["components"]["schemas"][schema]["properties"][name]
    return found


def accepts(check: Callable[[str], object], text: str) -> bool:
    with suppress(InvalidRequest):
        check(text)
        return True
    return False


def check_key(key: str) -> object:
    return claim_key(key, UploadWay.SMALL, "", image_ref(), NOW)


EXACT = [
    (parameter("sha256"), parse_sha256),
    (parameter("captured_from"), lambda text: parse_local_time("captured_from", text)),
    (parameter("idempotency-key"), check_key),
]
ONLY_NEEDED = [
    (member("Registration", "email"), normalise_email),
    (member("Registration", "given_name"), lambda text: normalise_name(text, "given_name")),
    (member("Confirmation", "code"), normalise_code),
]
"""What the code accepts fits these patterns; it looks closer than they say."""


@pytest.mark.parametrize(("schema", "check"), EXACT)
@settings(max_examples=30)
@given(data=st.data())
def test_what_fits_a_pattern_is_accepted(
    data: st.DataObject, schema: dict[str, Any], check: Callable[[str], object]
) -> None:
    text = data.draw(st.from_regex(schema["pattern"], fullmatch=True))

    assert accepts(check, text.removesuffix("\n")[: schema.get("maxLength")])


@pytest.mark.parametrize(("schema", "check"), EXACT + ONLY_NEEDED)
@settings(max_examples=50)
@given(text=st.text() | st.text(alphabet="a1@.:-T \t\n") | st.text("0aF=", min_size=60, max_size=66))
def test_what_fits_no_pattern_is_refused(
    schema: dict[str, Any], check: Callable[[str], object], text: str
) -> None:
    assert accepts(check, text) <= bool(re.fullmatch(schema["pattern"], text))


@pytest.mark.parametrize(
    "text", ["", " ", "0" * 63, "0" * 65, "0 " * 32, "g" * 64, "A" * 43, "A" * 44, "A" * 42 + "-_="]
)
def test_other_checksums_are_refused(text: str) -> None:
    assert not accepts(parse_sha256, text)
    assert not re.fullmatch(parameter("sha256")["pattern"], text)


@pytest.mark.parametrize("address", ["a@b.c", " Ada@Example.com ", "x+y@a-b.co"])
def test_addresses_fit_their_pattern(address: str) -> None:
    assert accepts(normalise_email, address) <= bool(
        re.fullmatch(member("Registration", "email")["pattern"], address)
    )


def test_every_checksum_has_the_same_form() -> None:
    forms = {
        schema["pattern"]
        for schema in (
            parameter("sha256"),
            parameter("x-checksum-sha256"),
            member("NewUpload", "sha256"),
        )
    }

    assert len(forms) == 1


def test_parts_have_storages_limits() -> None:
    numbers = member("PartNumbers", "part_numbers")["items"]
    size = member("NewUpload", "part_size")

    assert (numbers["minimum"], numbers["maximum"]) == (1, STORAGE_LIMITS.max_parts)
    assert (size["minimum"], size["maximum"]) == STORAGE_LIMITS.part_bytes_range(1)
