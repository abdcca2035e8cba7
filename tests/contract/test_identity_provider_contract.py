"""What every identity provider promises: the in-memory fake, and Cognito as the emulator has it."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from pydantic import SecretStr

from domain.accounts import Challenge, ChallengeName, Registration, Tokens
from domain.errors import (
    InvalidCode,
    InvalidCredentials,
    InvalidRefreshToken,
    UserAlreadyExists,
    UserNotConfirmed,
    UserNotFound,
    WeakPassword,
)
from tests.contract.directories import CognitoDirectory, Directory, FakeDirectory

PASSWORD = SecretStr("Correct-horse-1")
OTHER_PASSWORD = SecretStr("Another-horse-2")
ANN = "ann@example.com"
NOBODY = "nobody@example.com"


@pytest.fixture(params=["fake", "cognito"])
def directory(request: pytest.FixtureRequest) -> Directory:
    if request.param == "fake":
        return FakeDirectory()
    return CognitoDirectory(request.getfixturevalue("emulator"))


@pytest.fixture
def register(directory: Directory) -> Callable[[str], str]:
    """Registers and confirms a user; gives the user id."""

    def register(email: str) -> str:
        user = directory.provider.register(Registration(email, PASSWORD, "Ann", "Lee"))
        directory.provider.confirm(email, directory.mailed_code(email))
        return user.user_id

    return register


@pytest.fixture
def sign_in(directory: Directory) -> Callable[[str], Tokens]:
    def sign_in(email: str) -> Tokens:
        tokens = directory.provider.authenticate(email, PASSWORD)
        assert isinstance(tokens, Tokens)
        return tokens

    return sign_in


def test_a_new_account_is_unconfirmed_and_its_code_goes_to_a_masked_address(directory: Directory) -> None:
    user = directory.provider.register(Registration(ANN, PASSWORD))
    assert user.email == ANN
    assert user.status == "unconfirmed"
    assert user.code_delivery is not None
    assert user.code_delivery.medium == "email"
    assert user.code_delivery.destination.startswith("a***@")


def test_an_address_registers_once(directory: Directory) -> None:
    directory.provider.register(Registration(ANN, PASSWORD))
    with pytest.raises(UserAlreadyExists):
        directory.provider.register(Registration(ANN, OTHER_PASSWORD))


@pytest.mark.parametrize("password", ["Sh0rt", "no-upper-case-1", "NO-LOWER-CASE-1", "No-digit-at-all"])
def test_a_weak_password_is_refused_and_the_policy_stated(directory: Directory, password: str) -> None:
    with pytest.raises(WeakPassword) as refusal:
        directory.provider.register(Registration(ANN, SecretStr(password)))
    assert refusal.value.detail == (
        "A password needs at least 12 characters, among them an upper-case letter, a lower-case letter, "
        "a digit."
    )


def test_an_unconfirmed_account_cannot_sign_in(directory: Directory) -> None:
    directory.provider.register(Registration(ANN, PASSWORD))
    with pytest.raises(UserNotConfirmed):
        directory.provider.authenticate(ANN, PASSWORD)


def test_a_wrong_confirmation_code_is_refused_and_the_right_one_still_works(directory: Directory) -> None:
    directory.provider.register(Registration(ANN, PASSWORD))
    with pytest.raises(InvalidCode):
        directory.provider.confirm(ANN, "wrong")
    directory.provider.confirm(ANN, directory.mailed_code(ANN))


@pytest.mark.parametrize("email", [ANN, NOBODY], ids=["confirmed", "unknown"])
def test_confirming_a_confirmed_or_unknown_account_looks_like_a_wrong_code(
    directory: Directory, register: Callable[[str], str], email: str
) -> None:
    register(ANN)
    with pytest.raises(InvalidCode):
        directory.provider.confirm(email, "123456")


def test_a_code_that_was_sent_again_confirms(directory: Directory) -> None:
    directory.provider.register(Registration(ANN, PASSWORD))
    directory.provider.resend_confirmation_code(ANN)
    directory.provider.confirm(ANN, directory.mailed_code(ANN))
    assert isinstance(directory.provider.authenticate(ANN, PASSWORD), Tokens)


@pytest.mark.parametrize("email", [ANN, NOBODY], ids=["confirmed", "unknown"])
def test_sending_a_code_to_a_confirmed_or_unknown_account_says_nothing(
    directory: Directory, register: Callable[[str], str], email: str
) -> None:
    register(ANN)
    directory.provider.resend_confirmation_code(email)


def test_a_sign_in_gives_tokens(directory: Directory, register: Callable[[str], str]) -> None:
    register(ANN)
    tokens = directory.provider.authenticate(ANN, PASSWORD)
    assert isinstance(tokens, Tokens)
    assert tokens.token_type == "Bearer"
    assert tokens.refresh_token
    assert len({tokens.access_token, tokens.id_token, tokens.refresh_token}) == 3
    assert tokens.expires_in == 3600


def test_a_wrong_password_and_an_unknown_user_get_the_same_answer(
    directory: Directory, register: Callable[[str], str]
) -> None:
    register(ANN)
    refusals = []
    for email in (ANN, NOBODY):
        with pytest.raises(InvalidCredentials) as refusal:
            directory.provider.authenticate(email, OTHER_PASSWORD)
        refusals.append(refusal.value.detail)
    assert refusals[0] == refusals[1]


def test_an_invited_user_is_asked_for_a_new_password(directory: Directory) -> None:
    directory.invite(ANN, "Temporary-pass-1")
    challenge = directory.provider.authenticate(ANN, SecretStr("Temporary-pass-1"))
    assert isinstance(challenge, Challenge)
    assert challenge.challenge is ChallengeName.NEW_PASSWORD_REQUIRED
    assert challenge.session


def test_a_refresh_token_gives_new_access_and_id_tokens(
    directory: Directory, register: Callable[[str], str], sign_in: Callable[[str], Tokens]
) -> None:
    register(ANN)
    before = sign_in(ANN)
    assert before.refresh_token is not None
    after = directory.provider.refresh(SecretStr(before.refresh_token))
    assert after.access_token not in ("", before.access_token)
    assert after.id_token not in ("", before.id_token)
    assert directory.username(after) == directory.username(before)


def test_a_garbage_refresh_token_is_refused(directory: Directory) -> None:
    with pytest.raises(InvalidRefreshToken):
        directory.provider.refresh(SecretStr("garbage"))


def test_an_access_token_does_not_refresh(
    directory: Directory, register: Callable[[str], str], sign_in: Callable[[str], Tokens]
) -> None:
    register(ANN)
    with pytest.raises(InvalidRefreshToken):
        directory.provider.refresh(SecretStr(sign_in(ANN).access_token))


def test_a_profile_shows_what_was_registered(
    directory: Directory, register: Callable[[str], str], sign_in: Callable[[str], Tokens]
) -> None:
    user_id = register(ANN)
    profile = directory.provider.get_profile(directory.username(sign_in(ANN)))
    assert (profile.user_id, profile.email) == (user_id, ANN)
    assert (profile.given_name, profile.family_name) == ("Ann", "Lee")
    assert profile.mfa_enabled is False
    assert abs(datetime.now(UTC) - profile.created_at) < timedelta(minutes=1)


def test_names_are_optional(directory: Directory) -> None:
    directory.provider.register(Registration(ANN, PASSWORD))
    directory.provider.confirm(ANN, directory.mailed_code(ANN))
    tokens = directory.provider.authenticate(ANN, PASSWORD)
    assert isinstance(tokens, Tokens)
    profile = directory.provider.get_profile(directory.username(tokens))
    assert (profile.given_name, profile.family_name) == (None, None)


def test_the_profile_of_an_unknown_user_is_not_found(directory: Directory) -> None:
    with pytest.raises(UserNotFound):
        directory.provider.get_profile("00000000-0000-0000-0000-000000000000")
