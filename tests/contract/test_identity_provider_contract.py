"""The contract of identity providers: the in-memory fake, and Cognito in the emulator."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from pydantic import SecretStr

from domain.accounts.errors import (
    AccessTokenRequired,
    ChallengeFailed,
    InvalidCode,
    InvalidCredentials,
    InvalidRefreshToken,
    UserAlreadyExists,
    UserNotConfirmed,
    UserNotFound,
    WeakPassword,
)
from domain.accounts.model import (
    Challenge,
    ChallengeAnswer,
    ChallengeName,
    ProfilePatch,
    Registration,
    RequestSource,
    Tokens,
)
from tests.contract.directories import CognitoDirectory, Directory, FakeDirectory
from tests.support.fakes.identity_provider import totp_code

PASSWORD = SecretStr("Correct-horse-1")
OTHER_PASSWORD = SecretStr("Another-horse-2")
ANN = "ann@example.com"
BOB = "bob@example.com"
NOBODY = "nobody@example.com"
SOURCE = RequestSource("192.0.2.1", "a browser", "api.example.com", "/v1/sessions")
UNKNOWN_USERNAME = "00000000-0000-0000-0000-000000000000"


@pytest.fixture(params=["fake", "cognito"])
def directory(request: pytest.FixtureRequest) -> Directory:
    if request.param == "fake":
        return FakeDirectory()
    return CognitoDirectory(request.getfixturevalue("emulator"))


@pytest.fixture
def register(directory: Directory) -> Callable[[str], str]:
    """Register and confirm a user. Returns the user id."""

    def register(email: str) -> str:
        user = directory.provider.register(Registration(email, PASSWORD, "Ann", "Lee"))
        directory.provider.confirm(email, directory.mailed_code(email))
        return user.user_id

    return register


@pytest.fixture
def sign_in(directory: Directory) -> Callable[[str], Tokens]:
    def sign_in(email: str) -> Tokens:
        tokens = directory.provider.authenticate(email, PASSWORD, SOURCE)
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
        "A password must have at least 12 characters, including an upper-case letter, a lower-case letter "
        "and a digit."
    )


def test_an_unconfirmed_account_cannot_sign_in(directory: Directory) -> None:
    directory.provider.register(Registration(ANN, PASSWORD))
    with pytest.raises(UserNotConfirmed):
        directory.provider.authenticate(ANN, PASSWORD, SOURCE)


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
    assert isinstance(directory.provider.authenticate(ANN, PASSWORD, SOURCE), Tokens)


@pytest.mark.parametrize("email", [ANN, NOBODY], ids=["confirmed", "unknown"])
def test_sending_a_code_to_a_confirmed_or_unknown_account_says_nothing(
    directory: Directory, register: Callable[[str], str], email: str
) -> None:
    register(ANN)
    directory.provider.resend_confirmation_code(email)


def test_a_sign_in_gives_tokens(directory: Directory, register: Callable[[str], str]) -> None:
    register(ANN)
    tokens = directory.provider.authenticate(ANN, PASSWORD, SOURCE)
    assert isinstance(tokens, Tokens)
    assert tokens.token_type == "Bearer"
    assert tokens.refresh_token
    assert len({tokens.access_token, tokens.id_token, tokens.refresh_token}) == 3
    assert tokens.expires_in == 3600


def test_values_of_the_maximum_length_are_kept_whole(directory: Directory) -> None:
    limits = directory.provider.limits
    email = "ann@" + ".".join(["d" * 60] * 2) + ".com"
    email = "a" * (limits.max_email_length - len(email)) + email
    password = SecretStr("Aa1" + "x" * (limits.max_password_length - 3))
    directory.provider.register(Registration(email, password))
    directory.provider.confirm(email, directory.mailed_code(email))
    assert isinstance(directory.provider.authenticate(email, password, SOURCE), Tokens)
    with pytest.raises(InvalidCredentials):
        directory.provider.authenticate(email, SecretStr(password.get_secret_value()[:-1]), SOURCE)


def test_a_wrong_password_and_an_unknown_user_get_the_same_answer(
    directory: Directory, register: Callable[[str], str]
) -> None:
    register(ANN)
    refusals = []
    for email in (ANN, NOBODY):
        with pytest.raises(InvalidCredentials) as refusal:
            directory.provider.authenticate(email, OTHER_PASSWORD, SOURCE)
        refusals.append(refusal.value.detail)
    assert refusals[0] == refusals[1]


def test_an_invited_user_is_asked_for_a_new_password(directory: Directory) -> None:
    directory.invite(ANN, "Temporary-pass-1")
    challenge = directory.provider.authenticate(ANN, SecretStr("Temporary-pass-1"), SOURCE)
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


def test_a_refresh_keeps_the_time_of_the_sign_in(
    directory: Directory, register: Callable[[str], str], sign_in: Callable[[str], Tokens]
) -> None:
    register(ANN)
    before = sign_in(ANN)
    signed_in_at = directory.signed_in_at(before)
    while time.time() < signed_in_at + 3:
        time.sleep(0.05)
    after = directory.provider.refresh(refresh_token(before))
    assert abs(directory.signed_in_at(after) - signed_in_at) <= 1


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
    tokens = directory.provider.authenticate(ANN, PASSWORD, SOURCE)
    assert isinstance(tokens, Tokens)
    profile = directory.provider.get_profile(directory.username(tokens))
    assert (profile.given_name, profile.family_name) == (None, None)


def test_the_profile_of_an_unknown_user_is_not_found(directory: Directory) -> None:
    with pytest.raises(UserNotFound):
        directory.provider.get_profile(UNKNOWN_USERNAME)


def test_an_invited_user_signs_in_with_the_new_password(directory: Directory) -> None:
    directory.invite(ANN, "Temporary-pass-1")
    challenge = directory.provider.authenticate(ANN, SecretStr("Temporary-pass-1"), SOURCE)
    assert isinstance(challenge, Challenge)
    tokens = directory.provider.answer_challenge(
        ChallengeAnswer(ANN, challenge.challenge, challenge.session, new_password=PASSWORD), SOURCE
    )
    assert isinstance(tokens, Tokens)
    assert isinstance(directory.provider.authenticate(ANN, PASSWORD, SOURCE), Tokens)


class TestSessionsOfChallenges:
    """A session works once, for the challenge and the user for which it was issued."""

    @pytest.fixture
    def secret(self, directory: Directory, register: Callable[[str], str]) -> str:
        """The secret of Ann's second factor; Bob has one too."""
        secrets = {}
        for email in (BOB, ANN):
            register(email)
            tokens = directory.provider.authenticate(email, PASSWORD, SOURCE)
            assert isinstance(tokens, Tokens)
            secrets[email] = enrol(directory, tokens)
        return secrets[ANN]

    @pytest.mark.parametrize("session", ["garbage", "Z2FyYmFnZQ", "x" * 3000])
    def test_garbage_is_not_a_session(self, directory: Directory, session: str) -> None:
        directory.invite(ANN, "Temporary-pass-1")
        with pytest.raises(ChallengeFailed):
            directory.provider.answer_challenge(
                ChallengeAnswer(ANN, ChallengeName.NEW_PASSWORD_REQUIRED, session, new_password=PASSWORD),
                SOURCE,
            )

    @pytest.mark.parametrize("challenge", ChallengeName)
    def test_a_well_formed_session_that_was_never_issued_is_refused(
        self, directory: Directory, secret: str, challenge: ChallengeName
    ) -> None:
        is_new_password = challenge is ChallengeName.NEW_PASSWORD_REQUIRED
        answer = ChallengeAnswer(
            ANN,
            challenge,
            directory.forged_session(ANN),
            code=None if is_new_password else totp_code(secret),
            new_password=OTHER_PASSWORD if is_new_password else None,
        )
        with pytest.raises(ChallengeFailed):
            directory.provider.answer_challenge(answer, SOURCE)
        with pytest.raises(InvalidCredentials):
            directory.provider.authenticate(ANN, OTHER_PASSWORD, SOURCE)

    @pytest.mark.parametrize("claimed", [ANN, BOB], ids=["unchanged", "rewritten"])
    def test_a_session_is_good_for_its_own_user_only(
        self, directory: Directory, secret: str, claimed: str
    ) -> None:
        """A session cannot be used for another user, even after changing the name in it."""
        challenge = challenge_of(directory, BOB)
        session = directory.rewritten_session(challenge.session, ANN if claimed == BOB else BOB)
        with pytest.raises(ChallengeFailed):
            directory.provider.answer_challenge(
                ChallengeAnswer(ANN, challenge.challenge, session, code=totp_code(secret)), SOURCE
            )

    def test_a_session_of_one_challenge_answers_no_other(self, directory: Directory, secret: str) -> None:
        """Whoever only knows the password cannot set a new one instead of the second factor."""
        session = challenge_of(directory, ANN).session
        with pytest.raises(ChallengeFailed):
            directory.provider.answer_challenge(
                ChallengeAnswer(
                    ANN, ChallengeName.NEW_PASSWORD_REQUIRED, session, new_password=OTHER_PASSWORD
                ),
                SOURCE,
            )
        with pytest.raises(ChallengeFailed):
            directory.provider.answer_challenge(
                ChallengeAnswer(ANN, ChallengeName.MFA_SETUP, session, code=totp_code(secret)), SOURCE
            )
        with pytest.raises(InvalidCredentials):
            directory.provider.authenticate(ANN, OTHER_PASSWORD, SOURCE)

    def test_a_session_works_once(self, directory: Directory, secret: str) -> None:
        challenge = challenge_of(directory, ANN)
        answer = ChallengeAnswer(ANN, challenge.challenge, challenge.session, code=totp_code(secret))
        assert isinstance(directory.provider.answer_challenge(answer, SOURCE), Tokens)
        with pytest.raises(ChallengeFailed):
            directory.provider.answer_challenge(answer, SOURCE)

    def test_a_session_of_a_new_password_works_once(self, directory: Directory) -> None:
        directory.invite(ANN, "Temporary-pass-1")
        challenge = directory.provider.authenticate(ANN, SecretStr("Temporary-pass-1"), SOURCE)
        assert isinstance(challenge, Challenge)
        for password, is_first in ((PASSWORD, True), (OTHER_PASSWORD, False)):
            answer = ChallengeAnswer(ANN, challenge.challenge, challenge.session, new_password=password)
            if is_first:
                directory.provider.answer_challenge(answer, SOURCE)
            else:
                with pytest.raises(ChallengeFailed):
                    directory.provider.answer_challenge(answer, SOURCE)
        assert isinstance(directory.provider.authenticate(ANN, PASSWORD, SOURCE), Tokens)

    def test_a_wrong_code_may_be_followed_by_the_right_one(self, directory: Directory, secret: str) -> None:
        challenge = challenge_of(directory, ANN)
        with pytest.raises(ChallengeFailed):
            directory.provider.answer_challenge(
                ChallengeAnswer(ANN, challenge.challenge, challenge.session, code=a_wrong_code(secret)),
                SOURCE,
            )
        right = ChallengeAnswer(ANN, challenge.challenge, challenge.session, code=totp_code(secret))
        assert isinstance(directory.provider.answer_challenge(right, SOURCE), Tokens)


def test_a_revoked_refresh_token_is_refused_and_others_go_on(
    directory: Directory, register: Callable[[str], str], sign_in: Callable[[str], Tokens]
) -> None:
    register(ANN)
    first, second = refresh_token(sign_in(ANN)), refresh_token(sign_in(ANN))
    directory.provider.revoke(first)
    with pytest.raises(InvalidRefreshToken):
        directory.provider.refresh(first)
    assert directory.provider.refresh(second).access_token


@pytest.mark.parametrize("token", ["garbage", "a.b.c"])
def test_revoking_something_else_than_a_refresh_token_is_not_an_error(
    directory: Directory, token: str
) -> None:
    directory.provider.revoke(SecretStr(token))


@pytest.mark.parametrize("by", ["username", "email"])
def test_signing_out_everywhere_ends_every_sign_in(
    directory: Directory, register: Callable[[str], str], sign_in: Callable[[str], Tokens], by: str
) -> None:
    register(ANN)
    tokens = [sign_in(ANN), sign_in(ANN)]
    directory.provider.sign_out_everywhere(ANN if by == "email" else directory.username(tokens[0]))
    for signed_in in tokens:
        with pytest.raises(InvalidRefreshToken):
            directory.provider.refresh(refresh_token(signed_in))
    assert directory.provider.refresh(refresh_token(sign_in(ANN))).access_token


@pytest.mark.parametrize("user", [UNKNOWN_USERNAME, NOBODY])
def test_signing_out_an_unknown_user_is_not_an_error(directory: Directory, user: str) -> None:
    directory.provider.sign_out_everywhere(user)


def test_a_forgotten_password_is_reset_with_the_mailed_code(
    directory: Directory, register: Callable[[str], str]
) -> None:
    register(ANN)
    directory.provider.send_reset_code(ANN)
    directory.provider.reset_password(ANN, directory.mailed_code(ANN), OTHER_PASSWORD)
    assert isinstance(directory.provider.authenticate(ANN, OTHER_PASSWORD, SOURCE), Tokens)
    with pytest.raises(InvalidCredentials):
        directory.provider.authenticate(ANN, PASSWORD, SOURCE)


def test_a_reset_code_works_once(directory: Directory, register: Callable[[str], str]) -> None:
    register(ANN)
    directory.provider.send_reset_code(ANN)
    code = directory.mailed_code(ANN)
    directory.provider.reset_password(ANN, code, OTHER_PASSWORD)
    with pytest.raises(InvalidCode):
        directory.provider.reset_password(ANN, code, PASSWORD)


def test_a_weak_new_password_is_refused_and_the_reset_code_still_works(
    directory: Directory, register: Callable[[str], str]
) -> None:
    register(ANN)
    directory.provider.send_reset_code(ANN)
    code = directory.mailed_code(ANN)
    with pytest.raises(WeakPassword):
        directory.provider.reset_password(ANN, code, SecretStr("weak"))
    directory.provider.reset_password(ANN, code, OTHER_PASSWORD)


def test_requesting_a_reset_of_an_unknown_account_reveals_nothing(directory: Directory) -> None:
    directory.provider.send_reset_code(NOBODY)


def test_a_reset_with_a_wrong_code_is_the_same_for_known_and_unknown_accounts(
    directory: Directory, register: Callable[[str], str]
) -> None:
    register(ANN)
    refusals = []
    for asked_before in (False, True):
        for email in (ANN, NOBODY):
            if asked_before:
                directory.provider.send_reset_code(email)
            with pytest.raises(InvalidCode) as refusal:
                directory.provider.reset_password(email, "000001", OTHER_PASSWORD)
            refusals.append(refusal.value.detail)
    assert len(set(refusals)) == 1


def test_a_password_is_verified_by_username(
    directory: Directory, register: Callable[[str], str], sign_in: Callable[[str], Tokens]
) -> None:
    register(ANN)
    username = directory.username(sign_in(ANN))
    directory.provider.verify_password(username, PASSWORD, SOURCE)
    with pytest.raises(InvalidCredentials):
        directory.provider.verify_password(username, OTHER_PASSWORD, SOURCE)


def test_the_password_of_an_unknown_user_is_wrong(directory: Directory) -> None:
    with pytest.raises(InvalidCredentials):
        directory.provider.verify_password(UNKNOWN_USERNAME, PASSWORD, SOURCE)


def test_a_new_password_replaces_the_old_one_and_the_sign_in_continues(
    directory: Directory, register: Callable[[str], str], sign_in: Callable[[str], Tokens]
) -> None:
    register(ANN)
    tokens = sign_in(ANN)
    directory.provider.set_password(directory.username(tokens), OTHER_PASSWORD)
    assert isinstance(directory.provider.authenticate(ANN, OTHER_PASSWORD, SOURCE), Tokens)
    with pytest.raises(InvalidCredentials):
        directory.provider.authenticate(ANN, PASSWORD, SOURCE)
    assert directory.provider.refresh(refresh_token(tokens)).access_token


def test_a_weak_replacement_is_refused_and_the_old_password_stays(
    directory: Directory, register: Callable[[str], str], sign_in: Callable[[str], Tokens]
) -> None:
    register(ANN)
    username = directory.username(sign_in(ANN))
    with pytest.raises(WeakPassword):
        directory.provider.set_password(username, SecretStr("weak"))
    directory.provider.verify_password(username, PASSWORD, SOURCE)


def test_the_password_of_an_unknown_user_cannot_be_set(directory: Directory) -> None:
    with pytest.raises(UserNotFound):
        directory.provider.set_password(UNKNOWN_USERNAME, PASSWORD)


@pytest.mark.parametrize(
    ("patch", "names"),
    [
        (ProfilePatch(given_name="Zoë"), ("Zoë", "Lee")),
        (ProfilePatch(family_name=None), ("Ann", None)),
        (ProfilePatch(given_name="Bo", family_name="Ek"), ("Bo", "Ek")),
    ],
)
def test_a_patch_changes_only_the_fields_it_names(
    directory: Directory,
    register: Callable[[str], str],
    sign_in: Callable[[str], Tokens],
    patch: ProfilePatch,
    names: tuple[str | None, str | None],
) -> None:
    register(ANN)
    username = directory.username(sign_in(ANN))
    directory.provider.update_profile(username, patch)
    profile = directory.provider.get_profile(username)
    assert (profile.given_name, profile.family_name) == names


def test_an_unknown_user_cannot_be_changed(directory: Directory) -> None:
    with pytest.raises(UserNotFound):
        directory.provider.update_profile(UNKNOWN_USERNAME, ProfilePatch(given_name="Ann"))


def test_a_deleted_user_is_gone_and_deleting_twice_is_not_an_error(
    directory: Directory, register: Callable[[str], str], sign_in: Callable[[str], Tokens]
) -> None:
    register(ANN)
    tokens = sign_in(ANN)
    username = directory.username(tokens)
    directory.provider.delete_user(username)
    directory.provider.delete_user(username)
    with pytest.raises(UserNotFound):
        directory.provider.get_profile(username)
    with pytest.raises(InvalidCredentials):
        directory.provider.authenticate(ANN, PASSWORD, SOURCE)
    with pytest.raises(InvalidRefreshToken):
        directory.provider.refresh(refresh_token(tokens))


def test_a_deleted_address_registers_as_another_user(
    directory: Directory, register: Callable[[str], str], sign_in: Callable[[str], Tokens]
) -> None:
    before = register(ANN)
    directory.provider.delete_user(directory.username(sign_in(ANN)))
    assert register(ANN) != before


def enrol(directory: Directory, tokens: Tokens) -> str:
    """Turn TOTP on. Returns the secret."""
    access_token = SecretStr(tokens.access_token)
    secret = directory.provider.start_totp_enrolment(access_token).get_secret_value()
    directory.provider.verify_totp(access_token, totp_code(secret))
    return secret


def test_an_enrolled_user_signs_in_with_password_and_code(
    directory: Directory, register: Callable[[str], str], sign_in: Callable[[str], Tokens]
) -> None:
    register(ANN)
    tokens = sign_in(ANN)
    secret = enrol(directory, tokens)
    assert directory.provider.get_profile(directory.username(tokens)).mfa_enabled is True
    challenge = directory.provider.authenticate(ANN, PASSWORD, SOURCE)
    assert isinstance(challenge, Challenge)
    assert challenge.challenge is ChallengeName.SOFTWARE_TOKEN_MFA
    answered = directory.provider.answer_challenge(
        ChallengeAnswer(ANN, challenge.challenge, challenge.session, code=totp_code(secret)), SOURCE
    )
    assert isinstance(answered, Tokens)


def test_a_wrong_one_time_password_fails_the_challenge(
    directory: Directory, register: Callable[[str], str], sign_in: Callable[[str], Tokens]
) -> None:
    register(ANN)
    secret = enrol(directory, sign_in(ANN))
    challenge = directory.provider.authenticate(ANN, PASSWORD, SOURCE)
    assert isinstance(challenge, Challenge)
    with pytest.raises(ChallengeFailed):
        directory.provider.answer_challenge(
            ChallengeAnswer(ANN, challenge.challenge, challenge.session, code=a_wrong_code(secret)), SOURCE
        )


def test_a_right_password_is_verified_though_a_second_factor_is_on(
    directory: Directory, register: Callable[[str], str], sign_in: Callable[[str], Tokens]
) -> None:
    register(ANN)
    tokens = sign_in(ANN)
    enrol(directory, tokens)
    directory.provider.verify_password(directory.username(tokens), PASSWORD, SOURCE)
    with pytest.raises(InvalidCredentials):
        directory.provider.verify_password(directory.username(tokens), OTHER_PASSWORD, SOURCE)


def test_an_enrolment_that_was_not_verified_asks_for_no_code(
    directory: Directory, register: Callable[[str], str], sign_in: Callable[[str], Tokens]
) -> None:
    register(ANN)
    directory.provider.start_totp_enrolment(SecretStr(sign_in(ANN).access_token))
    assert isinstance(directory.provider.authenticate(ANN, PASSWORD, SOURCE), Tokens)


@pytest.mark.parametrize("code", ["1", "abcdef", "12345678", None])
def test_a_wrong_code_does_not_complete_the_enrolment(
    directory: Directory, register: Callable[[str], str], sign_in: Callable[[str], Tokens], code: str | None
) -> None:
    register(ANN)
    tokens = sign_in(ANN)
    access_token = SecretStr(tokens.access_token)
    secret = directory.provider.start_totp_enrolment(access_token).get_secret_value()
    with pytest.raises(InvalidCode):
        directory.provider.verify_totp(access_token, code or a_wrong_code(secret))
    assert directory.provider.get_profile(directory.username(tokens)).mfa_enabled is False


def test_there_is_nothing_to_verify_before_an_enrolment_starts(
    directory: Directory, register: Callable[[str], str], sign_in: Callable[[str], Tokens]
) -> None:
    register(ANN)
    with pytest.raises(InvalidCode):
        directory.provider.verify_totp(SecretStr(sign_in(ANN).access_token), "123456")


def test_a_removed_second_factor_is_not_asked_for(
    directory: Directory, register: Callable[[str], str], sign_in: Callable[[str], Tokens]
) -> None:
    register(ANN)
    tokens = sign_in(ANN)
    enrol(directory, tokens)
    directory.provider.disable_totp(SecretStr(tokens.access_token))
    assert directory.provider.get_profile(directory.username(tokens)).mfa_enabled is False
    assert isinstance(directory.provider.authenticate(ANN, PASSWORD, SOURCE), Tokens)


@pytest.mark.parametrize("kind", ["id", "revoked", "garbage"])
def test_one_time_passwords_need_a_valid_access_token(
    directory: Directory, register: Callable[[str], str], sign_in: Callable[[str], Tokens], kind: str
) -> None:
    register(ANN)
    tokens = sign_in(ANN)
    if kind == "revoked":
        directory.provider.sign_out_everywhere(directory.username(tokens))
    token = SecretStr({"id": tokens.id_token, "revoked": tokens.access_token, "garbage": "garbage"}[kind])
    with pytest.raises(AccessTokenRequired):
        directory.provider.start_totp_enrolment(token)
    with pytest.raises(AccessTokenRequired):
        directory.provider.verify_totp(token, "123456")
    with pytest.raises(AccessTokenRequired):
        directory.provider.disable_totp(token)


def test_the_access_token_of_a_deleted_user_finds_nobody(
    directory: Directory, register: Callable[[str], str], sign_in: Callable[[str], Tokens]
) -> None:
    register(ANN)
    tokens = sign_in(ANN)
    directory.provider.delete_user(directory.username(tokens))
    token = SecretStr(tokens.access_token)
    with pytest.raises(UserNotFound):
        directory.provider.start_totp_enrolment(token)
    with pytest.raises(UserNotFound):
        directory.provider.verify_totp(token, "123456")
    with pytest.raises(UserNotFound):
        directory.provider.disable_totp(token)


def challenge_of(directory: Directory, email: str) -> Challenge:
    """The challenge that follows the right password."""
    challenge = directory.provider.authenticate(email, PASSWORD, SOURCE)
    assert isinstance(challenge, Challenge)
    return challenge


def refresh_token(tokens: Tokens) -> SecretStr:
    assert tokens.refresh_token is not None
    return SecretStr(tokens.refresh_token)


def a_wrong_code(secret: str) -> str:
    """Return six digits that are not a code of this, the previous or the next half minute."""
    right = {totp_code(secret, time.time() + drift) for drift in (-60, -30, 0, 30, 60)}
    return next(code for code in (f"{number:06d}" for number in range(10)) if code not in right)
