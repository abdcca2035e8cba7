"""The rules for passwords, names and codes."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from domain.accounts.common_passwords import is_common
from domain.accounts.errors import WeakPassword
from domain.accounts.model import DirectoryLimits, TotpEnrolment
from domain.accounts.rules import (
    MAX_CODE_LENGTH,
    MAX_NAME_LENGTH,
    new_password,
    normalise_code,
    normalise_name,
    normalise_password,
)
from domain.shared.errors import InvalidRequest

LIMITS = DirectoryLimits(max_email_length=128, max_password_length=256, max_token_length=4096)


@pytest.mark.parametrize("password", ["x", "pass word", "pässwörd", "👩‍🚀 is a character", "x" * 256])
def test_a_password_may_have_any_characters_inside(password: str) -> None:
    assert normalise_password(SecretStr(password), LIMITS).get_secret_value() == password


@pytest.mark.parametrize(
    ("written", "kept"),
    [("Zoe\u0308", "Zo\u00eb"), ("\uff21\u2168\ufb01", "AIXfi"), ("no\u00a0break", "no break")],
)
def test_a_password_is_normalised_to_nfkc(written: str, kept: str) -> None:
    assert normalise_password(SecretStr(written), LIMITS).get_secret_value() == kept


@pytest.mark.parametrize(
    "password",
    ["", " x", "x ", "x\n", "\u00a0x", "a\tb", "a\x00b", "a\x85b", "a\ud800b", "x" * 257, "\ufb03" * 86],
)
def test_an_impossible_password_is_refused_by_name_and_not_repeated(password: str) -> None:
    for rule in (normalise_password, new_password):
        with pytest.raises(InvalidRequest) as refusal:
            rule(SecretStr(password), LIMITS, "new_password")
        assert [error.field for error in refusal.value.errors] == ["new_password"]
        assert not password.strip() or password not in refusal.value.detail


COMMON_PASSWORDS = """
    Password1234 P@ssw0rd2024! p4$$W0RD____2 Pa55word1234 PasswordPassword1 Password-1234-Password
    Passw0rd!Passw0rd! MyPassword123 N3wP4ssw0rd! Adm1n1strat0r! Welcome12345 Changeme1234 Letmein12345
    Summer2024!! Iloveyou1234 Football1234 Trustno1Trustno1 CorrectHorseBatteryStaple1 123Princess123
    Qwertyuiop12 Qwertzuiop1234 Qwerty123456 1Q2w3e4r5t6y !QAZ2wsx3edc 1qaz2wsx3edC Zaq12wsxCde3
    P@ss_W0rd 1q2w-0987 Abcdeqwer Xyk12345678
    Abcdefgh1234 zyxwvut98765 123456789012 1234567890Ab aaaaaaaaaaaa 121212121212 Abc1Abc1Abc1 Xy!Xy!Xy!Xy!
"""
OTHER_PASSWORDS = """
    Correct-horse-1 Another-Horse-Battery-2 Analytical-Engine-1843 Test-Password-123 Temporary-Pass-1
    Tr0ub4dor&3xyz Purple-Monkey-Dishwasher9 kX9vQz2mLp7w Wachtel-im-Nest-7 Password-of-my-Grandmother-1
    abcd-Horse-1234 Xabcd-1234 Xykw12345678
"""


@pytest.mark.parametrize("password", COMMON_PASSWORDS.split())
def test_a_common_password_is_known_in_every_disguise(password: str) -> None:
    for written in (password, password.swapcase(), password.upper()):
        assert is_common(written)
        with pytest.raises(WeakPassword):
            new_password(SecretStr(written), LIMITS)


@pytest.mark.parametrize("password", OTHER_PASSWORDS.split())
def test_a_password_of_ones_own_may_have_common_words_in_it(password: str) -> None:
    assert new_password(SecretStr(password), LIMITS).get_secret_value() == password


@given(st.text(max_size=256))
def test_any_text_is_a_common_password_or_not(text: str) -> None:
    assert is_common(text) in {True, False}


@pytest.mark.parametrize(
    ("written", "kept"),
    [(" Ada ", "Ada"), ("Zoe\u0308", "Zo\u00eb"), ("x" * MAX_NAME_LENGTH, "x" * MAX_NAME_LENGTH)],
)
def test_a_name_is_trimmed_and_composed(written: str, kept: str) -> None:
    assert normalise_name(written, "given_name") == kept


@pytest.mark.parametrize(
    "written",
    [
        "",
        "  ",
        "a\nb",
        "a\u2028b",
        "a\ud800",
        "a\u202eb",
        "\ufeffa",
        "a\uffff",
        "x" * (MAX_NAME_LENGTH + 1),
    ],
)
def test_a_blank_long_or_broken_name_is_refused(written: str) -> None:
    with pytest.raises(InvalidRequest) as refusal:
        normalise_name(written, "family_name")
    assert [error.field for error in refusal.value.errors] == ["family_name"]


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        (lambda: normalise_password(SecretStr(""), LIMITS), "password must have 1 to 256 characters"),
        (
            lambda: normalise_password(SecretStr(" x"), LIMITS),
            "password must not start or end with white space or contain control characters",
        ),
        (lambda: new_password(SecretStr(""), LIMITS), "new_password must have 1 to 256 characters"),
        (
            lambda: normalise_name("", "given_name"),
            "given_name must have 1 to 256 characters, none of them a control character",
        ),
        (lambda: normalise_code(""), "code must have 1 to 64 characters"),
    ],
)
def test_a_refusal_says_which_field_is_wrong_and_how(rule: Callable[[], object], message: str) -> None:
    with pytest.raises(InvalidRequest) as refusal:
        rule()

    [error] = refusal.value.errors
    assert refusal.value.detail == f"{error.field} {error.message}." == f"{message}."


def test_the_refusal_of_a_common_password_says_what_to_do() -> None:
    with pytest.raises(WeakPassword) as refusal:
        new_password(SecretStr("Password1234"), LIMITS)

    assert refusal.value.detail == (
        "This password is one of the first that attackers try; choose another one."
    )


def test_a_code_may_be_as_long_as_the_limit() -> None:
    assert normalise_code("1" * MAX_CODE_LENGTH) == "1" * MAX_CODE_LENGTH


@pytest.mark.parametrize("written", ["123456", " 123 456\n", "1 2 3 4 5 6"])
def test_white_space_in_a_code_does_not_matter(written: str) -> None:
    assert normalise_code(written) == "123456"


@pytest.mark.parametrize(
    "written", ["", "  ", "12\x0034", "12\ud800", "\ufeff12", "1" * (MAX_CODE_LENGTH + 1)]
)
def test_an_impossible_code_is_refused(written: str) -> None:
    with pytest.raises(InvalidRequest) as refusal:
        normalise_code(written)
    assert [error.field for error in refusal.value.errors] == ["code"]


def test_an_otpauth_uri_escapes_what_it_must() -> None:
    enrolment = TotpEnrolment.of(
        SecretStr("JBSWY3DPEHPK3PXP"), issuer="My/Images", account="zoë/+aX@example.com"
    )
    assert enrolment.secret == "JBSWY3DPEHPK3PXP"
    assert enrolment.otpauth_uri == (
        "otpauth://totp/My%2FImages:zo%C3%AB%2F%2BaX%40example.com"
        "?secret=JBSWY3DPEHPK3PXP&issuer=My%2FImages&algorithm=SHA1&digits=6&period=30"
    )
    assert "JBSWY3DPEHPK3PXP" not in repr(enrolment)
