"""Registration, sign-in, passwords, profile and second factor on the in-memory identity provider."""

from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
from pydantic import SecretStr

from domain.accounts.errors import (
    AccessTokenRequired,
    ChallengeFailed,
    InvalidCode,
    InvalidCredentials,
    InvalidRefreshToken,
    UserNotFound,
    WeakPassword,
)
from domain.accounts.model import Challenge, ChallengeName, ProfilePatch, Tokens
from domain.accounts.use_cases.mfa import DisableTotp, StartTotpEnrolment, VerifyTotp
from domain.accounts.use_cases.passwords import ChangePassword, RequestPasswordReset, ResetPassword
from domain.accounts.use_cases.profile import DeleteAccount, GetProfile, UpdateProfile
from domain.accounts.use_cases.registration import ConfirmUser, RegisterUser, ResendConfirmationCode
from domain.accounts.use_cases.sign_in import (
    AnswerChallenge,
    Authenticate,
    RefreshTokens,
    RevokeRefreshToken,
    SignOutEverywhere,
)
from domain.shared.caller import Caller
from domain.shared.errors import InvalidRequest, ServiceUnavailable
from tests.support.fakes.identity_provider import InMemoryIdentityProvider, totp_code

PASSWORD = SecretStr("Correct-horse-1")
OTHER_PASSWORD = SecretStr("Another-horse-2")


@pytest.fixture
def provider() -> InMemoryIdentityProvider:
    return InMemoryIdentityProvider()


@dataclass
class SignedIn:
    """A confirmed user with tokens, and the caller that those tokens make."""

    tokens: Tokens
    caller: Caller

    @property
    def refresh_token(self) -> SecretStr:
        assert self.tokens.refresh_token is not None
        return SecretStr(self.tokens.refresh_token)


@pytest.fixture
def ann(provider: InMemoryIdentityProvider) -> SignedIn:
    user = RegisterUser(provider)("ann@example.com", PASSWORD, "Ann")
    provider.accounts["ann@example.com"].confirmed = True
    tokens = Authenticate(provider, totp_issuer="Images")("ann@example.com", PASSWORD)
    assert isinstance(tokens, Tokens)
    caller = Caller(user.user_id, user.user_id, access_token=SecretStr(tokens.access_token))
    return SignedIn(tokens, caller)


def invalid_fields(act: Callable[[], object]) -> list[str]:
    with pytest.raises(InvalidRequest) as refusal:
        act()
    return [error.field for error in refusal.value.errors]


def test_a_user_registers_confirms_and_signs_in_under_any_spelling_of_the_address(
    provider: InMemoryIdentityProvider,
) -> None:
    user = RegisterUser(provider)(" Ann@Example.COM ", PASSWORD, " Ann ", "Lee")
    assert user.email == "ann@example.com"
    account = provider.accounts["ann@example.com"]
    assert (account.given_name, account.family_name) == ("Ann", "Lee")
    code = account.confirmation_code
    assert code is not None
    ResendConfirmationCode(provider)("ANN@example.com")
    renewed = account.confirmation_code
    assert renewed is not None
    ConfirmUser(provider)("ANN@example.com", f"{renewed[:3]} {renewed[3:]}")
    assert isinstance(Authenticate(provider, totp_issuer="Images")("aNN@example.com", PASSWORD), Tokens)


def test_invalid_registrations_are_refused_by_field(provider: InMemoryIdentityProvider) -> None:
    register = RegisterUser(provider)
    assert invalid_fields(lambda: register("ann", PASSWORD)) == ["email"]
    assert invalid_fields(lambda: register("ann@example.com", SecretStr(""))) == ["password"]
    assert invalid_fields(lambda: register("ann@example.com", PASSWORD, "")) == ["given_name"]
    assert invalid_fields(lambda: register("ann@example.com", PASSWORD, "Ann", "\0")) == ["family_name"]
    assert provider.accounts == {}


def test_a_refresh_token_gives_new_tokens(provider: InMemoryIdentityProvider, ann: SignedIn) -> None:
    assert RefreshTokens(provider)(ann.refresh_token).access_token != ann.tokens.access_token


@pytest.mark.parametrize("token", ["", "with space", "é", "tab\t", "x" * 4097, "unknown"])
def test_what_is_no_refresh_token_neither_renews_nor_needs_revoking(
    provider: InMemoryIdentityProvider, token: str
) -> None:
    with pytest.raises(InvalidRefreshToken):
        RefreshTokens(provider)(SecretStr(token))
    RevokeRefreshToken(provider)(SecretStr(token))


def test_a_revoked_token_renews_nothing(provider: InMemoryIdentityProvider, ann: SignedIn) -> None:
    RevokeRefreshToken(provider)(ann.refresh_token)
    with pytest.raises(InvalidRefreshToken):
        RefreshTokens(provider)(ann.refresh_token)


def test_signing_out_everywhere_ends_all_sign_ins(
    provider: InMemoryIdentityProvider, ann: SignedIn
) -> None:
    SignOutEverywhere(provider)(ann.caller)
    with pytest.raises(InvalidRefreshToken):
        RefreshTokens(provider)(ann.refresh_token)


def test_an_invited_user_answers_with_a_new_password(provider: InMemoryIdentityProvider) -> None:
    provider.invite("bob@example.com", "Temporary-pass-1")
    challenge = Authenticate(provider, totp_issuer="Images")(
        "bob@example.com", SecretStr("Temporary-pass-1")
    )
    assert isinstance(challenge, Challenge)
    answer = AnswerChallenge(provider, totp_issuer="Images")
    with pytest.raises(WeakPassword):
        answer("bob@example.com", challenge.challenge, challenge.session, new_password=SecretStr("weak"))
    assert isinstance(
        answer("Bob@example.com", challenge.challenge, challenge.session, new_password=PASSWORD), Tokens
    )


def test_where_a_second_factor_is_required_a_sign_in_sets_it_up(
    provider: InMemoryIdentityProvider, ann: SignedIn
) -> None:
    provider.requires_second_factor = True
    challenge = Authenticate(provider, totp_issuer="Images")("ann@example.com", PASSWORD)
    assert isinstance(challenge, Challenge)
    assert challenge.challenge is ChallengeName.MFA_SETUP
    secret = challenge.parameters["secret"]
    assert challenge.parameters["otpauth_uri"].startswith("otpauth://totp/Images:ann%40example.com?")
    assert secret not in repr(challenge)
    answer = AnswerChallenge(provider, totp_issuer="Images")
    with pytest.raises(ChallengeFailed):
        answer("ann@example.com", challenge.challenge, challenge.session, code="1")
    assert isinstance(
        answer("ann@example.com", challenge.challenge, challenge.session, code=totp_code(secret)), Tokens
    )
    again = Authenticate(provider, totp_issuer="Images")("ann@example.com", PASSWORD)
    assert isinstance(again, Challenge)
    assert again.challenge is ChallengeName.SOFTWARE_TOKEN_MFA


NEW_PASSWORD_REQUIRED, TOTP = ChallengeName.NEW_PASSWORD_REQUIRED, ChallengeName.SOFTWARE_TOKEN_MFA


@pytest.mark.parametrize(
    ("challenge", "answer", "fields"),
    [
        (NEW_PASSWORD_REQUIRED, {}, ["new_password"]),
        (NEW_PASSWORD_REQUIRED, {"code": "1"}, ["code", "new_password"]),
        (NEW_PASSWORD_REQUIRED, {"code": "1", "new_password": PASSWORD}, ["code"]),
        (NEW_PASSWORD_REQUIRED, {"new_password": SecretStr("")}, ["new_password"]),
        (TOTP, {}, ["code"]),
        (TOTP, {"new_password": PASSWORD}, ["code", "new_password"]),
        (TOTP, {"code": " "}, ["code"]),
    ],
)
def test_an_answer_has_to_fit_its_challenge(
    provider: InMemoryIdentityProvider,
    challenge: ChallengeName,
    answer: dict[str, object],
    fields: list[str],
) -> None:
    def act() -> object:
        return AnswerChallenge(provider, totp_issuer="Images")(
            "ann@example.com", challenge, "session", **answer
        )  # type: ignore[arg-type]

    assert invalid_fields(act) == fields


@pytest.mark.parametrize("session", ["", "a b", "x" * 4097, "unknown"])
def test_an_impossible_session_fails_the_challenge(
    provider: InMemoryIdentityProvider, session: str
) -> None:
    with pytest.raises(ChallengeFailed):
        AnswerChallenge(provider, totp_issuer="Images")("ann@example.com", TOTP, session, code="123456")


def test_a_forgotten_password_is_reset_and_all_sign_ins_end(
    provider: InMemoryIdentityProvider, ann: SignedIn
) -> None:
    RequestPasswordReset(provider)("Ann@example.com")
    code = provider.accounts["ann@example.com"].reset_code
    assert code is not None
    with pytest.raises(InvalidCode):
        ResetPassword(provider)("ann@example.com", "wrong", OTHER_PASSWORD)
    assert RefreshTokens(provider)(ann.refresh_token)
    ResetPassword(provider)("ann@example.com", f" {code} ", OTHER_PASSWORD)
    assert isinstance(
        Authenticate(provider, totp_issuer="Images")("ann@example.com", OTHER_PASSWORD), Tokens
    )
    with pytest.raises(InvalidRefreshToken):
        RefreshTokens(provider)(ann.refresh_token)


def test_a_reset_for_an_unknown_address_says_nothing(provider: InMemoryIdentityProvider) -> None:
    RequestPasswordReset(provider)("nobody@example.com")
    assert provider.accounts == {}


def test_only_the_current_password_changes_the_password(
    provider: InMemoryIdentityProvider, ann: SignedIn
) -> None:
    change = ChangePassword(provider)
    with pytest.raises(InvalidCredentials):
        change(ann.caller, OTHER_PASSWORD, OTHER_PASSWORD)
    change(ann.caller, PASSWORD, OTHER_PASSWORD)
    assert isinstance(
        Authenticate(provider, totp_issuer="Images")("ann@example.com", OTHER_PASSWORD), Tokens
    )
    assert invalid_fields(lambda: change(ann.caller, SecretStr(""), PASSWORD)) == ["current_password"]
    assert invalid_fields(lambda: change(ann.caller, PASSWORD, SecretStr(""))) == ["new_password"]


def test_a_patch_changes_what_it_names(provider: InMemoryIdentityProvider, ann: SignedIn) -> None:
    update = UpdateProfile(provider)
    profile = update(ann.caller, ProfilePatch(given_name=None, family_name=" Lee "))
    assert (profile.given_name, profile.family_name) == (None, "Lee")
    assert update(ann.caller, ProfilePatch()) == profile == GetProfile(provider)(ann.caller)
    assert invalid_fields(lambda: update(ann.caller, ProfilePatch(family_name=" "))) == ["family_name"]


def test_one_time_passwords_are_turned_on_and_off(
    provider: InMemoryIdentityProvider, ann: SignedIn
) -> None:
    enrolment = StartTotpEnrolment(provider, issuer="Images")(ann.caller)
    assert "/Images:ann%40example.com?" in enrolment.otpauth_uri
    code = totp_code(enrolment.secret)
    VerifyTotp(provider)(ann.caller, f"{code[:3]} {code[3:]}")
    assert isinstance(Authenticate(provider, totp_issuer="Images")("ann@example.com", PASSWORD), Challenge)
    DisableTotp(provider)(ann.caller)
    assert isinstance(Authenticate(provider, totp_issuer="Images")("ann@example.com", PASSWORD), Tokens)


def test_one_time_passwords_need_the_access_token(
    provider: InMemoryIdentityProvider, ann: SignedIn
) -> None:
    caller = Caller(ann.caller.user_id, ann.caller.username, token_use="id")
    acts: list[Callable[[], object]] = [
        lambda: StartTotpEnrolment(provider, issuer="Images")(caller),
        lambda: VerifyTotp(provider)(caller, "123456"),
        lambda: DisableTotp(provider)(caller),
    ]
    for act in acts:
        with pytest.raises(AccessTokenRequired):
            act()


@dataclass
class Sweeper:
    """Removes the images of accounts, or fails as often as it is told to."""

    failures: list[int]
    swept: list[str] = field(default_factory=list)

    def delete_all(self, owner_id: str) -> None:
        self.swept.append(owner_id)
        if len(self.swept) in self.failures:
            raise ServiceUnavailable("The store does not answer.")


def test_an_account_goes_after_its_images(provider: InMemoryIdentityProvider, ann: SignedIn) -> None:
    sweeper = Sweeper(failures=[])
    DeleteAccount(provider, sweeper)(ann.caller)  # type: ignore[arg-type]
    assert set(sweeper.swept) == {ann.caller.user_id}
    with pytest.raises(UserNotFound):
        GetProfile(provider)(ann.caller)


@pytest.mark.parametrize(("failure", "remains"), [(1, True), (2, False)])
def test_a_deletion_that_broke_off_can_be_repeated(
    provider: InMemoryIdentityProvider, ann: SignedIn, failure: int, remains: bool
) -> None:
    sweeper = Sweeper(failures=[failure])
    delete_account = DeleteAccount(provider, sweeper)  # type: ignore[arg-type]
    with pytest.raises(ServiceUnavailable):
        delete_account(ann.caller)
    assert ("ann@example.com" in provider.accounts) is remains
    delete_account(ann.caller)
    assert provider.accounts == {}
    assert len(sweeper.swept) == failure + 2
