"""The rule for e-mail addresses."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.accounts.email_address import MAX_EMAIL_LENGTH, normalise_email
from domain.accounts.model import DirectoryLimits
from domain.shared.errors import InvalidRequest

LIMITS = DirectoryLimits(max_email_length=128, max_password_length=256, max_token_length=4096)


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("ada@example.com", "ada@example.com"),
        ("  Ada.Lovelace+x@Example.COM\n", "ada.lovelace+x@example.com"),
        ("Zoe\u0308@example.com", "zo\u00eb@example.com"),
        ("a@b.co", "a@b.co"),
        ("x" * 64 + "@" + "d" * 59 + ".com", "x" * 64 + "@" + "d" * 59 + ".com"),
        ("!#$%&'*+-/=?^_`{|}~@example.com", "!#$%&'*+-/=?^_`{|}~@example.com"),
        ("δοκιμή@example.com", "δοκιμή@example.com"),
        ("用户@example.com", "用户@example.com"),
        ("a@b-c.d--e.co", "a@b-c.d--e.co"),
        ("a@xn--bcher-kva.example", "a@xn--bcher-kva.example"),
        ("a@1.2.3.4.example", "a@1.2.3.4.example"),
    ],
)
def test_an_address_has_one_spelling(written: str, kept: str) -> None:
    assert normalise_email(written, LIMITS) == kept


INVISIBLE = (
    "\u200b\u200c\u200d\u2060\u2061\u2064\ufeff\u00ad\u034f\u061c\u115f\u1160\u17b4\u180b\u180e\u200e\u200f"
    "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u206f\u2800\u3164\ufe0f\uffa0\ufff9\ufffc\ufffd"
    "\U000e0001\U000e0041\U000e0100\U0001d173\x85\u2028\u2029\u00a0\u3000\ue000\uffff\ud800\udfff"
)
"""Characters that are invisible, change the writing direction, or are not assigned."""


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
        "n..m@example.com",
        ".n@example.com",
        "n.@example.com",
        "a@-b.com",
        "a@b-.com",
        "a@b.-com",
        "a@b.com-",
        "a@.b.com",
        "a@b.com.",
        "a@" + "b" * 64 + ".com",
        "a@127.0.0.1",
        "a@b.123",
        "a@b_c.com",
        "a@\u0435xample.com",
        "a@example.com\u200b",
        *(f"a{invisible}b@example.com" for invisible in INVISIBLE),
        *(f"{invisible}ab@example.com" for invisible in INVISIBLE if invisible.strip()),
        *(f"ab@exam{invisible}ple.com" for invisible in INVISIBLE),
    ],
)
def test_what_is_no_address_is_refused_by_name_and_not_repeated(written: str) -> None:
    with pytest.raises(InvalidRequest) as refusal:
        normalise_email(written, LIMITS)
    assert [error.field for error in refusal.value.errors] == ["email"]
    [error] = refusal.value.errors
    assert error.message == "must be an e-mail address of at most 128 characters"
    assert refusal.value.detail == f"email {error.message}."


def test_an_address_may_be_as_long_as_the_directory_and_the_standard_let_it() -> None:
    labels = ".".join(["d" * 63] * 2)
    long = f"{'x' * 64}@{labels}.{'d' * (MAX_EMAIL_LENGTH - 65 - 128 - 4)}.com"
    assert len(long) == MAX_EMAIL_LENGTH
    assert normalise_email(long) == long
    with pytest.raises(InvalidRequest, match="at most 254 characters"):
        normalise_email(long.replace(".com", ".name"))
    with pytest.raises(InvalidRequest, match="at most 128 characters"):
        normalise_email(long, LIMITS)


@given(st.text())
def test_no_text_is_an_address_with_anything_that_cannot_be_seen(text: str) -> None:
    for address in (text, f"{text}@example.com", f"a@{text}.com"):
        try:
            kept = normalise_email(address)
        except InvalidRequest:
            continue
        kept.encode()
        assert kept.isprintable()
        assert not any(character.isspace() for character in kept)


@given(st.emails())
def test_normalising_twice_changes_nothing_more(address: str) -> None:
    try:
        once = normalise_email(address)
    except InvalidRequest:
        return
    assert normalise_email(once) == once
