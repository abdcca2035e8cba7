"""What an e-mail address, a password, a name and a code may be."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from domain.accounts.model import TotpEnrolment
from domain.accounts.rules import (
    MAX_CODE_LENGTH,
    MAX_EMAIL_LENGTH,
    MAX_NAME_LENGTH,
    MAX_PASSWORD_LENGTH,
    checked_password,
    normalise_code,
    normalise_email,
    normalise_name,
)
from domain.shared.errors import InvalidRequest


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("ada@example.com", "ada@example.com"),
        ("  Ada.Lovelace+x@Example.COM\n", "ada.lovelace+x@example.com"),
        ("Zoe\u0308@example.com", "zo\u00eb@example.com"),
        ("a@b.co", "a@b.co"),
        ("x" * 64 + "@" + "d" * 59 + ".com", "x" * 64 + "@" + "d" * 59 + ".com"),
    ],
)
def test_an_address_has_one_spelling(written: str, kept: str) -> None:
    assert normalise_email(written) == kept


@pytest.mark.parametrize(
    "written",
    [
        "",
        "ada",
        "@example.com",
        "ada@",
        "ada@localhost",
        "ada@exa mple.com",
        "a da@example.com",
        "ada@example..com",
        "ada@@example.com",
        '"ada"@example.com',
        "ada@example.com, bob@example.com",
        "Ada <ada@example.com>",
        "ada@[127.0.0.1]",
        "ada\x00@example.com",
        "x" * 65 + "@example.com",
        "x" * 64 + "@" + "d" * 60 + ".com",
    ],
)
def test_what_is_no_address_is_refused_by_name_and_not_repeated(written: str) -> None:
    with pytest.raises(InvalidRequest) as refusal:
        normalise_email(written)
    assert [error.field for error in refusal.value.errors] == ["email"]
    assert (
        refusal.value.detail == f"email must be an e-mail address of at most {MAX_EMAIL_LENGTH} characters."
    )


@given(st.emails())
def test_normalising_twice_changes_nothing_more(address: str) -> None:
    try:
        once = normalise_email(address)
    except InvalidRequest:
        return
    assert normalise_email(once) == once


@pytest.mark.parametrize(
    "password", ["x", "pass word", "pässwörd", "👩‍🚀 is a character", "x" * MAX_PASSWORD_LENGTH]
)
def test_a_password_may_have_any_characters_inside(password: str) -> None:
    assert checked_password(SecretStr(password)).get_secret_value() == password


@pytest.mark.parametrize(
    "password", ["", " x", "x ", "x\n", "a\tb", "a\x00b", "x" * (MAX_PASSWORD_LENGTH + 1)]
)
def test_an_impossible_password_is_refused_by_name_and_not_repeated(password: str) -> None:
    with pytest.raises(InvalidRequest) as refusal:
        checked_password(SecretStr(password), "new_password")
    assert [error.field for error in refusal.value.errors] == ["new_password"]
    assert not password.strip() or password not in refusal.value.detail


@pytest.mark.parametrize(
    ("written", "kept"),
    [(" Ada ", "Ada"), ("Zoe\u0308", "Zo\u00eb"), ("x" * MAX_NAME_LENGTH, "x" * MAX_NAME_LENGTH)],
)
def test_a_name_is_trimmed_and_composed(written: str, kept: str) -> None:
    assert normalise_name(written, "given_name") == kept


@pytest.mark.parametrize("written", ["", "  ", "a\nb", "a\u2028b", "x" * (MAX_NAME_LENGTH + 1)])
def test_a_blank_long_or_broken_name_is_refused(written: str) -> None:
    with pytest.raises(InvalidRequest) as refusal:
        normalise_name(written, "family_name")
    assert [error.field for error in refusal.value.errors] == ["family_name"]


@pytest.mark.parametrize("written", ["123456", " 123 456\n", "1 2 3 4 5 6"])
def test_white_space_in_a_code_does_not_matter(written: str) -> None:
    assert normalise_code(written) == "123456"


@pytest.mark.parametrize("written", ["", "  ", "12\x0034", "1" * (MAX_CODE_LENGTH + 1)])
def test_an_impossible_code_is_refused(written: str) -> None:
    with pytest.raises(InvalidRequest) as refusal:
        normalise_code(written)
    assert [error.field for error in refusal.value.errors] == ["code"]


def test_an_otpauth_uri_escapes_what_it_must() -> None:
    enrolment = TotpEnrolment.of(
        SecretStr("JBSWY3DPEHPK3PXP"), issuer="My Images", account="zoë+a@example.com"
    )
    assert enrolment.secret == "JBSWY3DPEHPK3PXP"
    assert enrolment.otpauth_uri == (
        "otpauth://totp/My%20Images:zo%C3%AB%2Ba%40example.com"
        "?secret=JBSWY3DPEHPK3PXP&issuer=My%20Images&algorithm=SHA1&digits=6&period=30"
    )
    assert "JBSWY3DPEHPK3PXP" not in repr(enrolment)
