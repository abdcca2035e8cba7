"""Registration, sign-in, passwords, profile and second factor with the in-memory identity provider."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pydantic import SecretStr

from domain.accounts.audit import AuditEventName, address_digest
from domain.accounts.audit_trail import AuditTrail
from domain.accounts.errors import (
    AccessTokenRequired,
    ChallengeFailed,
    InvalidCode,
    InvalidCredentials,
    InvalidRefreshToken,
    SignInNotRecent,
    UserNotFound,
    WeakPassword,
)
from domain.accounts.model import Challenge, ChallengeName, ProfilePatch, RequestSource, Tokens
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
from tests.support.fakes.audit_log import InMemoryAuditLog
from tests.support.fakes.identity_provider import InMemoryIdentityProvider, totp_code

PASSWORD = SecretStr("Correct-horse-1")
OTHER_PASSWORD = SecretStr("Another-horse-2")
SOURCE = RequestSource("192.0.2.1", "a browser", "api.example.com", "/v1/sessions")
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture
def log() -> InMemoryAuditLog:
    return InMemoryAuditLog()


@pytest.fixture
def audit(log: InMemoryAuditLog) -> AuditTrail:
    return AuditTrail(log, lambda: NOW)


def authenticate(provider: InMemoryIdentityProvider, email: str, password: SecretStr) -> Tokens | Challenge:
    return Authenticate(provider, AuditTrail(InMemoryAuditLog(), lambda: NOW), "Images")(
        email, password, SOURCE
    )


def answer_challenge(provider: InMemoryIdentityProvider) -> Callable[..., Tokens | Challenge]:
    use_case = AnswerChallenge(provider, AuditTrail(InMemoryAuditLog(), lambda: NOW), "Images")

    def answer(email: str, challenge: ChallengeName, session: str, **given: Any) -> Tokens | Challenge:
        return use_case(email, challenge, session, SOURCE, **given)

    return answer


@pytest.fixture
def provider() -> InMemoryIdentityProvider:
    return InMemoryIdentityProvider()


@dataclass
class SignedIn:
    """A confirmed user with tokens, and the caller of those tokens."""

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
    tokens = authenticate(provider, "ann@example.com", PASSWORD)
    assert isinstance(tokens, Tokens)
    caller = Caller(
        user.user_id, user.user_id, authenticated_at=NOW, access_token=SecretStr(tokens.access_token)
    )
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
    assert isinstance(authenticate(provider, "aNN@example.com", PASSWORD), Tokens)


def test_invalid_registrations_are_refused_by_field(provider: InMemoryIdentityProvider) -> None:
    register = RegisterUser(provider)
    assert invalid_fields(lambda: register("ann", PASSWORD)) == ["email"]
    assert invalid_fields(lambda: register("ann@example.com", SecretStr(""))) == ["password"]
    assert invalid_fields(lambda: register("ann@example.com", PASSWORD, "")) == ["given_name"]
    assert invalid_fields(lambda: register("ann@example.com", PASSWORD, "Ann", "\0")) == ["family_name"]
    assert provider.accounts == {}


def test_no_operation_passes_on_an_address_that_the_directory_cannot_hold(
    provider: InMemoryIdentityProvider, audit: AuditTrail
) -> None:
    label = "d" * 60
    too_long = f"ann@{label}.{label}.com"
    assert len(too_long) > provider.limits.max_email_length
    acts: list[Callable[[], object]] = [
        lambda: RegisterUser(provider)(too_long, PASSWORD),
        lambda: ConfirmUser(provider)(too_long, "123456"),
        lambda: ResendConfirmationCode(provider)(too_long),
        lambda: authenticate(provider, too_long, PASSWORD),
        lambda: answer_challenge(provider)(too_long, TOTP, "session", code="123456"),
        lambda: RequestPasswordReset(provider, audit)(too_long, SOURCE),
        lambda: ResetPassword(provider, audit)(too_long, "123456", PASSWORD, SOURCE),
    ]
    for act in acts:
        assert invalid_fields(act) == ["email"]


def test_a_refresh_token_gives_new_tokens(provider: InMemoryIdentityProvider, ann: SignedIn) -> None:
    assert RefreshTokens(provider)(ann.refresh_token).access_token != ann.tokens.access_token


@pytest.mark.parametrize("token", ["", "with space", "é", "tab\t", "x" * 4097, "unknown"])
def test_what_is_no_refresh_token_neither_renews_nor_needs_revoking(
    provider: InMemoryIdentityProvider, token: str
) -> None:
    with pytest.raises(InvalidRefreshToken) as refusal:
        RefreshTokens(provider)(SecretStr(token))
    if token != "unknown":
        assert refusal.value.detail == "The refresh token is malformed."
    RevokeRefreshToken(provider)(SecretStr(token))


def test_a_token_as_long_as_the_limit_reaches_the_directory(provider: InMemoryIdentityProvider) -> None:
    with pytest.raises(InvalidRefreshToken) as refusal:
        RefreshTokens(provider)(SecretStr("x" * provider.limits.max_token_length))

    assert refusal.value.detail != "The refresh token is malformed."


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
    challenge = authenticate(provider, "bob@example.com", SecretStr("Temporary-pass-1"))
    assert isinstance(challenge, Challenge)
    answer = answer_challenge(provider)
    with pytest.raises(WeakPassword):
        answer("bob@example.com", challenge.challenge, challenge.session, new_password=SecretStr("weak"))
    assert isinstance(
        answer("Bob@example.com", challenge.challenge, challenge.session, new_password=PASSWORD), Tokens
    )


def test_where_a_second_factor_is_required_a_sign_in_sets_it_up(
    provider: InMemoryIdentityProvider, ann: SignedIn
) -> None:
    provider.requires_second_factor = True
    challenge = authenticate(provider, "ann@example.com", PASSWORD)
    assert isinstance(challenge, Challenge)
    assert challenge.challenge is ChallengeName.MFA_SETUP
    secret = challenge.parameters["secret"]
    assert challenge.parameters["otpauth_uri"].startswith("otpauth://totp/Images:ann%40example.com?")
    assert secret not in repr(challenge)
    answer = answer_challenge(provider)
    with pytest.raises(ChallengeFailed):
        answer("ann@example.com", challenge.challenge, challenge.session, code="1")
    assert isinstance(
        answer("ann@example.com", challenge.challenge, challenge.session, code=totp_code(secret)), Tokens
    )
    again = authenticate(provider, "ann@example.com", PASSWORD)
    assert isinstance(again, Challenge)
    assert again.challenge is ChallengeName.SOFTWARE_TOKEN_MFA


def test_an_answer_may_lead_to_the_set_up_of_a_second_factor(provider: InMemoryIdentityProvider) -> None:
    provider.invite("bob@example.com", "Temporary-pass-1")
    provider.requires_second_factor = True
    invited = authenticate(provider, "bob@example.com", SecretStr("Temporary-pass-1"))
    assert isinstance(invited, Challenge)

    set_up = answer_challenge(provider)(
        "Bob@example.com", invited.challenge, invited.session, new_password=PASSWORD
    )

    assert isinstance(set_up, Challenge)
    assert set_up.challenge is ChallengeName.MFA_SETUP
    assert set_up.parameters["otpauth_uri"].startswith("otpauth://totp/Images:bob%40example.com?")


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
        return answer_challenge(provider)("ann@example.com", challenge, "session", **answer)

    assert invalid_fields(act) == fields


def test_an_unfit_answer_is_told_what_is_missing_and_what_is_too_much(
    provider: InMemoryIdentityProvider,
) -> None:
    with pytest.raises(InvalidRequest) as refusal:
        answer_challenge(provider)("ann@example.com", NEW_PASSWORD_REQUIRED, "session", code="1")

    assert [error.message for error in refusal.value.errors] == [
        "is not allowed to answer NEW_PASSWORD_REQUIRED",
        "is required to answer NEW_PASSWORD_REQUIRED",
    ]
    assert refusal.value.detail == (
        "code is not allowed to answer NEW_PASSWORD_REQUIRED; "
        "new_password is required to answer NEW_PASSWORD_REQUIRED."
    )


@pytest.mark.parametrize("session", ["", "a b", "x" * 4097, "unknown"])
def test_an_impossible_session_fails_the_challenge(
    provider: InMemoryIdentityProvider, session: str
) -> None:
    with pytest.raises(ChallengeFailed) as refusal:
        answer_challenge(provider)("ann@example.com", TOTP, session, code="123456")
    if session != "unknown":
        assert refusal.value.detail == "The session is not valid; sign in again."


def test_a_forgotten_password_is_reset_and_all_sign_ins_end(
    provider: InMemoryIdentityProvider, ann: SignedIn, audit: AuditTrail
) -> None:
    RequestPasswordReset(provider, audit)("Ann@example.com", SOURCE)
    code = provider.accounts["ann@example.com"].reset_code
    assert code is not None
    with pytest.raises(InvalidCode):
        ResetPassword(provider, audit)("ann@example.com", "wrong", OTHER_PASSWORD, SOURCE)
    assert RefreshTokens(provider)(ann.refresh_token)
    ResetPassword(provider, audit)("ann@example.com", f" {code} ", OTHER_PASSWORD, SOURCE)
    assert isinstance(authenticate(provider, "ann@example.com", OTHER_PASSWORD), Tokens)
    with pytest.raises(InvalidRefreshToken):
        RefreshTokens(provider)(ann.refresh_token)


def test_a_reset_for_an_unknown_address_says_nothing(
    provider: InMemoryIdentityProvider, audit: AuditTrail
) -> None:
    RequestPasswordReset(provider, audit)("nobody@example.com", SOURCE)
    assert provider.accounts == {}


def test_only_the_current_password_changes_the_password(
    provider: InMemoryIdentityProvider, ann: SignedIn, audit: AuditTrail
) -> None:
    use_case = ChangePassword(provider, audit)

    def change(caller: Caller, current: SecretStr, new: SecretStr) -> None:
        use_case(caller, current, new, SOURCE)

    with pytest.raises(InvalidCredentials):
        change(ann.caller, OTHER_PASSWORD, OTHER_PASSWORD)
    change(ann.caller, PASSWORD, OTHER_PASSWORD)
    assert isinstance(authenticate(provider, "ann@example.com", OTHER_PASSWORD), Tokens)
    assert invalid_fields(lambda: change(ann.caller, SecretStr(""), PASSWORD)) == ["current_password"]
    assert invalid_fields(lambda: change(ann.caller, PASSWORD, SecretStr(""))) == ["new_password"]


def test_a_patch_changes_what_it_names(provider: InMemoryIdentityProvider, ann: SignedIn) -> None:
    update = UpdateProfile(provider)
    profile = update(ann.caller, ProfilePatch(given_name=None, family_name=" Lee "))
    assert (profile.given_name, profile.family_name) == (None, "Lee")
    assert update(ann.caller, ProfilePatch()) == profile == GetProfile(provider)(ann.caller)
    assert invalid_fields(lambda: update(ann.caller, ProfilePatch(family_name=" "))) == ["family_name"]


def test_one_time_passwords_are_turned_on_and_off(
    provider: InMemoryIdentityProvider, ann: SignedIn, audit: AuditTrail
) -> None:
    enrolment = StartTotpEnrolment(provider, lambda: NOW, "Images")(ann.caller)
    assert "/Images:ann%40example.com?" in enrolment.otpauth_uri
    code = totp_code(enrolment.secret)
    VerifyTotp(provider, audit)(ann.caller, f"{code[:3]} {code[3:]}", SOURCE)
    assert isinstance(authenticate(provider, "ann@example.com", PASSWORD), Challenge)
    DisableTotp(provider, audit)(ann.caller, SOURCE)
    assert isinstance(authenticate(provider, "ann@example.com", PASSWORD), Tokens)


def test_one_time_passwords_need_the_access_token(
    provider: InMemoryIdentityProvider, ann: SignedIn, audit: AuditTrail
) -> None:
    caller = Caller(ann.caller.user_id, ann.caller.username)
    acts: list[Callable[[], object]] = [
        lambda: StartTotpEnrolment(provider, lambda: NOW, "Images")(caller),
        lambda: VerifyTotp(provider, audit)(caller, "123456", SOURCE),
        lambda: DisableTotp(provider, audit)(caller, SOURCE),
    ]
    for act in acts:
        with pytest.raises(AccessTokenRequired) as refusal:
            act()
        assert refusal.value.detail == ("This operation requires the access token; an ID token was sent.")


@dataclass
class Sweeper:
    """Begins the deletion of images, or fails as often as it is told to."""

    failures: list[int]
    swept: list[str] = field(default_factory=list)

    def begin_deletion(self, owner_id: str) -> None:
        self.swept.append(owner_id)
        if len(self.swept) in self.failures:
            raise ServiceUnavailable("The store does not answer.")


def test_an_account_goes_once_nothing_more_can_be_stored_for_it(
    provider: InMemoryIdentityProvider, ann: SignedIn, audit: AuditTrail
) -> None:
    sweeper = Sweeper(failures=[])
    DeleteAccount(provider, sweeper, audit)(ann.caller, SOURCE)
    assert sweeper.swept == [ann.caller.user_id]
    with pytest.raises(UserNotFound):
        GetProfile(provider)(ann.caller)


def test_a_deletion_that_broke_off_can_be_repeated(
    provider: InMemoryIdentityProvider, ann: SignedIn, audit: AuditTrail
) -> None:
    sweeper = Sweeper(failures=[1])
    delete_account = DeleteAccount(provider, sweeper, audit)
    with pytest.raises(ServiceUnavailable):
        delete_account(ann.caller, SOURCE)
    assert "ann@example.com" in provider.accounts
    delete_account(ann.caller, SOURCE)
    assert provider.accounts == {}
    assert len(sweeper.swept) == 2


@pytest.mark.parametrize("at", [NOW - timedelta(minutes=10, seconds=1), None])
def test_an_older_sign_in_must_not_endanger_the_account(
    provider: InMemoryIdentityProvider, ann: SignedIn, audit: AuditTrail, at: datetime | None
) -> None:
    secret = StartTotpEnrolment(provider, audit.clock, "Images")(ann.caller).secret
    stale = replace(ann.caller, authenticated_at=at)
    acts: list[Callable[[], object]] = [
        lambda: StartTotpEnrolment(provider, audit.clock, "Images")(stale),
        lambda: VerifyTotp(provider, audit)(stale, totp_code(secret), SOURCE),
        lambda: DisableTotp(provider, audit)(stale, SOURCE),
        lambda: DeleteAccount(provider, Sweeper(failures=[1]), audit)(stale, SOURCE),
    ]
    for act in acts:
        with pytest.raises(SignInNotRecent, match="10 minutes"):
            act()
    assert provider.accounts["ann@example.com"].totp_secret is None


def test_a_sign_in_of_the_last_ten_minutes_may_do_all_with_the_account(
    provider: InMemoryIdentityProvider, ann: SignedIn, audit: AuditTrail
) -> None:
    recent = replace(ann.caller, authenticated_at=NOW - timedelta(minutes=10))
    secret = StartTotpEnrolment(provider, audit.clock, "Images")(recent).secret
    VerifyTotp(provider, audit)(recent, totp_code(secret), SOURCE)
    assert provider.accounts["ann@example.com"].totp_secret is not None
    DisableTotp(provider, audit)(recent, SOURCE)
    DeleteAccount(provider, Sweeper(failures=[]), audit)(recent, SOURCE)
    assert provider.accounts == {}


COMMON = SecretStr("P@ssw0rd2024!")


def test_a_common_password_is_refused_wherever_one_is_chosen(
    provider: InMemoryIdentityProvider, ann: SignedIn, audit: AuditTrail
) -> None:
    provider.invite("bob@example.com", "Temporary-pass-1")
    challenge = authenticate(provider, "bob@example.com", SecretStr("Temporary-pass-1"))
    assert isinstance(challenge, Challenge)
    provider.send_reset_code("ann@example.com")
    code = provider.accounts["ann@example.com"].reset_code or ""
    acts: list[Callable[[], object]] = [
        lambda: RegisterUser(provider)("zoe@example.com", COMMON),
        lambda: ResetPassword(provider, audit)("ann@example.com", code, COMMON, SOURCE),
        lambda: ChangePassword(provider, audit)(ann.caller, PASSWORD, COMMON, SOURCE),
        lambda: answer_challenge(provider)(
            "bob@example.com", challenge.challenge, challenge.session, new_password=COMMON
        ),
    ]
    for act in acts:
        with pytest.raises(WeakPassword):
            act()
    assert isinstance(authenticate(provider, "ann@example.com", PASSWORD), Tokens)


COMPOSED, DECOMPOSED = "Zo\u00eb-und-\u2168-Pferde-1", "Zoe\u0308-und-IX-Pferde-1"


def test_a_password_is_the_same_from_every_keyboard(
    provider: InMemoryIdentityProvider, ann: SignedIn, audit: AuditTrail
) -> None:
    ChangePassword(provider, audit)(ann.caller, PASSWORD, SecretStr(COMPOSED), SOURCE)
    assert isinstance(authenticate(provider, "ann@example.com", SecretStr(DECOMPOSED)), Tokens)
    ChangePassword(provider, audit)(ann.caller, SecretStr(DECOMPOSED), PASSWORD, SOURCE)
    RegisterUser(provider)("zoe@example.com", SecretStr(DECOMPOSED))
    provider.accounts["zoe@example.com"].confirmed = True
    assert isinstance(authenticate(provider, "zoe@example.com", SecretStr(COMPOSED)), Tokens)


def test_every_sign_in_tells_the_directory_where_it_comes_from(
    provider: InMemoryIdentityProvider, ann: SignedIn, audit: AuditTrail
) -> None:
    provider.sources.clear()
    source = replace(SOURCE, device_data="encoded")
    Authenticate(provider, audit, "Images")("ann@example.com", PASSWORD, source)
    ChangePassword(provider, audit)(ann.caller, PASSWORD, OTHER_PASSWORD, source)
    with pytest.raises(ChallengeFailed):
        AnswerChallenge(provider, audit, "Images")("ann@example.com", TOTP, "s", source, code="123456")
    assert provider.sources == [source] * 3


class TestAuditLog:
    """Events of an account are recorded without its address."""

    def test_a_failed_sign_in(
        self, provider: InMemoryIdentityProvider, ann: SignedIn, audit: AuditTrail, log: InMemoryAuditLog
    ) -> None:
        for email in ("ann@example.com", "nobody@example.com"):
            with pytest.raises(InvalidCredentials):
                Authenticate(provider, audit, "Images")(f" {email.upper()}", OTHER_PASSWORD, SOURCE)
        for session in ("unknown", ""):
            with pytest.raises(ChallengeFailed):
                AnswerChallenge(provider, audit, "Images")(
                    "ann@example.com", TOTP, session, SOURCE, code="123456"
                )
        assert [(event.name, event.account, event.reason) for event in log.events] == [
            (AuditEventName.SIGN_IN_FAILED, address_digest("ann@example.com"), "invalid-credentials"),
            (AuditEventName.SIGN_IN_FAILED, address_digest("nobody@example.com"), "invalid-credentials"),
            (AuditEventName.SIGN_IN_FAILED, address_digest("ann@example.com"), "challenge-failed"),
            (AuditEventName.SIGN_IN_FAILED, address_digest("ann@example.com"), "challenge-failed"),
        ]
        assert {(event.at, event.source_ip) for event in log.events} == {(NOW, SOURCE.ip_address)}
        assert "example.com" not in repr(log.events)

    def test_a_sign_in_that_succeeds_is_the_directorys_to_tell(
        self, provider: InMemoryIdentityProvider, ann: SignedIn, audit: AuditTrail, log: InMemoryAuditLog
    ) -> None:
        Authenticate(provider, audit, "Images")("ann@example.com", PASSWORD, SOURCE)
        assert log.events == []

    def test_an_invalid_request_and_an_unavailable_directory_are_no_failed_sign_ins(
        self,
        provider: InMemoryIdentityProvider,
        audit: AuditTrail,
        log: InMemoryAuditLog,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        def down(*_: object) -> None:
            raise ServiceUnavailable("The identity provider does not answer.")

        with pytest.raises(InvalidRequest):
            Authenticate(provider, audit, "Images")("no address", PASSWORD, SOURCE)
        monkeypatch.setattr(provider, "authenticate", down)
        with pytest.raises(ServiceUnavailable):
            Authenticate(provider, audit, "Images")("ann@example.com", PASSWORD, SOURCE)
        assert log.events == []

    def test_changes_of_a_password(
        self, provider: InMemoryIdentityProvider, ann: SignedIn, audit: AuditTrail, log: InMemoryAuditLog
    ) -> None:
        with pytest.raises(InvalidCredentials):
            ChangePassword(provider, audit)(ann.caller, OTHER_PASSWORD, OTHER_PASSWORD, SOURCE)
        with pytest.raises(WeakPassword):
            ChangePassword(provider, audit)(ann.caller, PASSWORD, SecretStr("weak"), SOURCE)
        ChangePassword(provider, audit)(ann.caller, PASSWORD, OTHER_PASSWORD, SOURCE)
        assert [(event.name, event.user_id, event.reason) for event in log.events] == [
            (AuditEventName.PASSWORD_CHANGE_FAILED, ann.caller.user_id, "invalid-credentials"),
            (AuditEventName.PASSWORD_CHANGED, ann.caller.user_id, None),
        ]

    def test_resets_of_a_password(
        self, provider: InMemoryIdentityProvider, ann: SignedIn, audit: AuditTrail, log: InMemoryAuditLog
    ) -> None:
        RequestPasswordReset(provider, audit)("ann@example.com", SOURCE)
        code = provider.accounts["ann@example.com"].reset_code or ""
        with pytest.raises(InvalidCode):
            ResetPassword(provider, audit)("ann@example.com", "wrong", OTHER_PASSWORD, SOURCE)
        ResetPassword(provider, audit)("ann@example.com", code, OTHER_PASSWORD, SOURCE)
        assert [(event.name, event.reason) for event in log.events] == [
            (AuditEventName.PASSWORD_RESET_REQUESTED, None),
            (AuditEventName.PASSWORD_RESET_FAILED, "invalid-code"),
            (AuditEventName.PASSWORD_RESET, None),
        ]
        assert {event.account for event in log.events} == {address_digest("ann@example.com")}

    def test_a_first_password_and_a_required_second_factor(
        self, provider: InMemoryIdentityProvider, audit: AuditTrail, log: InMemoryAuditLog
    ) -> None:
        provider.invite("bob@example.com", "Temporary-pass-1")
        answer = AnswerChallenge(provider, audit, "Images")
        first = authenticate(provider, "bob@example.com", SecretStr("Temporary-pass-1"))
        assert isinstance(first, Challenge)
        answer("bob@example.com", first.challenge, first.session, SOURCE, new_password=PASSWORD)
        provider.requires_second_factor = True
        second = authenticate(provider, "bob@example.com", PASSWORD)
        assert isinstance(second, Challenge)
        code = totp_code(second.parameters["secret"])
        answer("bob@example.com", second.challenge, second.session, SOURCE, code=code)
        assert [event.name for event in log.events] == [
            AuditEventName.PASSWORD_CHANGED,
            AuditEventName.TOTP_ENABLED,
        ]

    def test_the_second_factor_and_the_end_of_an_account(
        self, provider: InMemoryIdentityProvider, ann: SignedIn, audit: AuditTrail, log: InMemoryAuditLog
    ) -> None:
        secret = StartTotpEnrolment(provider, audit.clock, "Images")(ann.caller).secret
        with pytest.raises(InvalidCode):
            VerifyTotp(provider, audit)(ann.caller, "1", SOURCE)
        VerifyTotp(provider, audit)(ann.caller, totp_code(secret), SOURCE)
        DisableTotp(provider, audit)(ann.caller, SOURCE)
        DeleteAccount(provider, Sweeper(failures=[]), audit)(ann.caller, SOURCE)
        assert [event.name for event in log.events] == [
            AuditEventName.TOTP_ENABLED,
            AuditEventName.TOTP_DISABLED,
            AuditEventName.ACCOUNT_DELETED,
        ]
        assert {event.user_id for event in log.events} == {ann.caller.user_id}
