"""Challenges, log out, passwords, profile, second factor and deletion: over HTTP."""

import base64
import time
from collections.abc import Callable, Iterator
from urllib.parse import parse_qs, unquote, urlsplit

import httpx
import pytest

from tests.integration.backend import Backend
from tests.integration.test_accounts import problem_code
from tests.integration.test_authorization import protected_operations
from tests.integration.users import NEW_PASSWORD, PASSWORD, TEMPORARY_PASSWORD, User, log_in, new_email
from tests.support.fakes.identity_provider import totp_code
from tests.support.image_factory import photo

TOTP = "/v1/users/me/mfa/totp"


def refresh(api: httpx.Client, refresh_token: str) -> httpx.Response:
    return api.post("/v1/sessions/refresh", json={"refresh_token": refresh_token})


@pytest.fixture
def invited(backend: Backend) -> Iterator[str]:
    """Create a user as an administrator. Returns the e-mail address."""
    cognito, email = backend.aws("cognito-idp"), new_email()
    cognito.admin_create_user(
        UserPoolId=backend.user_pool_id,
        Username=email,
        TemporaryPassword=TEMPORARY_PASSWORD,
        UserAttributes=[{"Name": "email", "Value": email}, {"Name": "email_verified", "Value": "true"}],
        MessageAction="SUPPRESS",
    )
    yield email
    cognito.admin_delete_user(UserPoolId=backend.user_pool_id, Username=email)


class TestNewPasswordChallenge:
    def test_an_invited_user_sets_a_password_and_is_logged_in(
        self, api: httpx.Client, invited: str
    ) -> None:
        challenge = log_in(api, invited, TEMPORARY_PASSWORD)
        assert challenge.status_code == 200
        assert challenge.json()["challenge"] == "NEW_PASSWORD_REQUIRED"
        assert "access_token" not in challenge.json()

        tokens = api.post(
            "/v1/sessions/challenge",
            json={
                "email": invited.upper(),
                "challenge": "NEW_PASSWORD_REQUIRED",
                "session": challenge.json()["session"],
                "new_password": NEW_PASSWORD,
            },
        )

        assert tokens.status_code == 200
        me = api.get("/v1/users/me", headers={"authorization": f"Bearer {tokens.json()['access_token']}"})
        assert me.json()["email"] == invited
        assert "access_token" in log_in(api, invited, NEW_PASSWORD).json()

    @pytest.mark.parametrize("session", ["garbage", "", "é", "x" * 5000, "YWJj"])
    def test_a_made_up_session_fails(self, api: httpx.Client, invited: str, session: str) -> None:
        refused = api.post(
            "/v1/sessions/challenge",
            json={
                "email": invited,
                "challenge": "NEW_PASSWORD_REQUIRED",
                "session": session,
                "new_password": NEW_PASSWORD,
            },
        )
        assert (refused.status_code, problem_code(refused)) == (401, "challenge-failed")

    def test_a_well_formed_session_that_was_never_issued_fails(
        self, api: httpx.Client, invited: str
    ) -> None:
        content = "\n".join((invited, invited, base64.b64encode(bytes(32)).decode()))
        refused = api.post(
            "/v1/sessions/challenge",
            json={
                "email": invited,
                "challenge": "NEW_PASSWORD_REQUIRED",
                "session": base64.urlsafe_b64encode(content.encode()).decode().rstrip("="),
                "new_password": NEW_PASSWORD,
            },
        )
        assert (refused.status_code, problem_code(refused)) == (401, "challenge-failed")
        assert log_in(api, invited, TEMPORARY_PASSWORD).json()["challenge"] == "NEW_PASSWORD_REQUIRED"

    @pytest.mark.parametrize(
        ("answer", "fields"),
        [
            ({}, {"new_password"}),
            ({"code": "123456"}, {"code", "new_password"}),
            ({"code": "123456", "new_password": NEW_PASSWORD}, {"code"}),
            ({"new_password": " leading-Space-1"}, {"new_password"}),
        ],
    )
    def test_an_answer_must_fit_the_challenge(
        self, api: httpx.Client, answer: dict[str, str], fields: set[str]
    ) -> None:
        refused = api.post(
            "/v1/sessions/challenge",
            json={"email": new_email(), "challenge": "NEW_PASSWORD_REQUIRED", "session": "abc", **answer},
        )
        assert (refused.status_code, problem_code(refused)) == (422, "invalid-request")
        assert {error["field"] for error in refused.json()["errors"]} == fields

    def test_an_unknown_challenge_is_refused(self, api: httpx.Client) -> None:
        refused = api.post(
            "/v1/sessions/challenge", json={"email": new_email(), "challenge": "SMS_MFA", "session": "abc"}
        )
        assert (refused.status_code, problem_code(refused)) == (422, "invalid-request")


class TestLogOut:
    def test_a_revoked_refresh_token_renews_nothing(self, api: httpx.Client, new_user: User) -> None:
        other = log_in(api, new_user.email).json()["refresh_token"]

        revoked = api.post("/v1/sessions/revoke", json={"refresh_token": new_user.refresh_token})

        assert (revoked.status_code, revoked.content) == (204, b"")
        refused = refresh(api, new_user.refresh_token)
        assert (refused.status_code, problem_code(refused)) == (401, "invalid-refresh-token")
        assert refresh(api, other).status_code == 200

    @pytest.mark.parametrize("token", ["garbage", "", "é", "x" * 5000])
    def test_revoking_something_else_than_a_token_is_not_an_error(
        self, api: httpx.Client, token: str
    ) -> None:
        assert api.post("/v1/sessions/revoke", json={"refresh_token": token}).status_code == 204

    def test_logging_out_everywhere_ends_every_sign_in(self, api: httpx.Client, new_user: User) -> None:
        other = log_in(api, new_user.email).json()["refresh_token"]

        assert new_user.api.delete("/v1/sessions").status_code == 204

        for token in (new_user.refresh_token, other):
            assert refresh(api, token).status_code == 401

    def test_an_id_token_logs_out_too(self, api: httpx.Client, new_user: User) -> None:
        headers = {"authorization": f"Bearer {new_user.id_token}"}
        assert api.delete("/v1/sessions", headers=headers).status_code == 204
        assert refresh(api, new_user.refresh_token).status_code == 401


class TestDisabledAccount:
    @pytest.mark.emulated
    def test_it_can_neither_log_in_nor_refresh_but_its_tokens_live_on(
        self, api: httpx.Client, backend: Backend, new_user: User
    ) -> None:
        backend.aws("cognito-idp").admin_disable_user(
            UserPoolId=backend.user_pool_id, Username=new_user.email
        )

        refused = log_in(api, new_user.email)

        assert (refused.status_code, problem_code(refused)) == (401, "invalid-credentials")
        assert refused.json() == log_in(api, new_email()).json()
        assert refresh(api, new_user.refresh_token).status_code == 401
        assert new_user.api.get("/v1/images").status_code == 200


class TestForgottenPassword:
    @pytest.mark.emulated
    def test_a_mailed_code_sets_a_new_password_and_ends_all_sign_ins(
        self, api: httpx.Client, backend: Backend, new_user: User
    ) -> None:
        assert api.post("/v1/passwords/forgot", json={"email": new_user.email}).status_code == 202

        reset = api.post(
            "/v1/passwords/reset",
            json={
                "email": new_user.email,
                "code": backend.mailed_code(new_user.email),
                "new_password": NEW_PASSWORD,
            },
        )

        assert (reset.status_code, reset.content) == (204, b"")
        assert log_in(api, new_user.email, NEW_PASSWORD).status_code == 200
        assert log_in(api, new_user.email, PASSWORD).status_code == 401
        assert refresh(api, new_user.refresh_token).status_code == 401

    def test_requesting_a_reset_reveals_nothing_about_users(
        self, api: httpx.Client, user: User, invited: str
    ) -> None:
        answers = [
            api.post("/v1/passwords/forgot", json={"email": email})
            for email in (user.email, invited, new_email())
        ]
        assert [(answer.status_code, answer.content) for answer in answers] == [(202, b"")] * 3

    def test_a_wrong_code_is_the_same_for_known_and_unknown_users(
        self, api: httpx.Client, user: User
    ) -> None:
        answers = [
            api.post(
                "/v1/passwords/reset",
                json={"email": email, "code": "000000", "new_password": NEW_PASSWORD},
            )
            for email in (user.email, new_email())
        ]
        assert [problem_code(answer) for answer in answers] == ["invalid-code"] * 2
        assert answers[0].json() == answers[1].json()

    @pytest.mark.emulated
    def test_a_weak_new_password_is_refused_and_the_code_still_works(
        self, api: httpx.Client, backend: Backend, new_user: User
    ) -> None:
        api.post("/v1/passwords/forgot", json={"email": new_user.email})
        body = {"email": new_user.email, "code": backend.mailed_code(new_user.email)}

        refused = api.post("/v1/passwords/reset", json={**body, "new_password": "weak"})

        assert (refused.status_code, problem_code(refused)) == (422, "weak-password")
        assert "at least" in refused.json()["detail"]
        reset = api.post("/v1/passwords/reset", json={**body, "new_password": NEW_PASSWORD})
        assert reset.status_code == 204


class TestPasswordChange:
    @pytest.mark.parametrize("kind", ["access_token", "id_token"])
    def test_the_current_password_is_exchanged_for_a_new_one(
        self, api: httpx.Client, new_user: User, kind: str
    ) -> None:
        changed = api.put(
            "/v1/users/me/password",
            json={"current_password": PASSWORD, "new_password": NEW_PASSWORD},
            headers={"authorization": f"Bearer {getattr(new_user, kind)}"},
        )

        assert (changed.status_code, changed.content) == (204, b"")
        assert log_in(api, new_user.email, NEW_PASSWORD).status_code == 200
        assert log_in(api, new_user.email, PASSWORD).status_code == 401
        assert refresh(api, new_user.refresh_token).status_code == 200

    def test_a_wrong_current_password_changes_nothing(self, api: httpx.Client, new_user: User) -> None:
        refused = new_user.api.put(
            "/v1/users/me/password",
            json={"current_password": NEW_PASSWORD, "new_password": NEW_PASSWORD},
        )
        assert (refused.status_code, problem_code(refused)) == (401, "invalid-credentials")
        assert log_in(api, new_user.email, PASSWORD).status_code == 200

    def test_a_weak_new_password_changes_nothing(self, api: httpx.Client, new_user: User) -> None:
        refused = new_user.api.put(
            "/v1/users/me/password", json={"current_password": PASSWORD, "new_password": "weak"}
        )
        assert (refused.status_code, problem_code(refused)) == (422, "weak-password")
        assert log_in(api, new_user.email, PASSWORD).status_code == 200


class TestProfile:
    def test_names_are_set_kept_and_removed(self, new_user: User) -> None:
        set_both = new_user.api.patch("/v1/users/me", json={"given_name": " Ada ", "family_name": "Løve"})
        assert set_both.status_code == 200
        assert (set_both.json()["given_name"], set_both.json()["family_name"]) == ("Ada", "Løve")

        removed = new_user.api.patch("/v1/users/me", json={"family_name": None})
        assert removed.status_code == 200
        assert removed.json()["given_name"] == "Ada"
        assert "family_name" not in removed.json()

        assert new_user.api.patch("/v1/users/me", json={}).json() == removed.json()
        assert new_user.api.get("/v1/users/me").json() == removed.json()

    @pytest.mark.parametrize(
        ("body", "field"),
        [
            ({"given_name": "  "}, "given_name"),
            ({"family_name": "a\nb"}, "family_name"),
            ({"given_name": "x" * 300}, "given_name"),
            ({"email": "other@example.com"}, "email"),
            ({"given_name": 7}, "given_name"),
        ],
    )
    def test_an_invalid_change_is_refused(self, user: User, body: dict[str, object], field: str) -> None:
        refused = user.api.patch("/v1/users/me", json=body)
        assert (refused.status_code, problem_code(refused)) == (422, "invalid-request")
        assert {error["field"] for error in refused.json()["errors"]} == {field}


class TestSecondFactor:
    @pytest.mark.emulated  # Cognito accepts a code once, and the current one was used to enrol
    def test_an_enrolled_user_logs_in_with_password_and_code(
        self, api: httpx.Client, new_user: User
    ) -> None:
        enrolment = new_user.api.post(TOTP)
        assert enrolment.status_code == 200
        secret = enrolment.json()["secret"]
        assert base64.b32decode(secret + "=" * (-len(secret) % 8))
        uri = urlsplit(enrolment.json()["otpauth_uri"])
        assert (uri.scheme, uri.netloc) == ("otpauth", "totp")
        issuer = parse_qs(uri.query)["issuer"][0]
        assert unquote(uri.path) == f"/{issuer}:{new_user.email}"
        assert parse_qs(uri.query)["secret"] == [secret]
        assert "access_token" in log_in(api, new_user.email).json()

        assert new_user.api.put(TOTP, json={"code": totp_code(secret)}).status_code == 204

        assert new_user.api.get("/v1/users/me").json()["mfa_enabled"] is True
        challenge = log_in(api, new_user.email).json()
        assert challenge["challenge"] == "SOFTWARE_TOKEN_MFA"
        body = {"email": new_user.email, "challenge": "SOFTWARE_TOKEN_MFA", "session": challenge["session"]}
        wrong = api.post("/v1/sessions/challenge", json={**body, "code": a_wrong_code(secret)})
        assert (wrong.status_code, problem_code(wrong)) == (401, "challenge-failed")
        code = totp_code(secret)
        right = api.post("/v1/sessions/challenge", json={**body, "code": f"{code[:3]} {code[3:]}"})
        assert right.status_code == 200
        assert "access_token" in right.json()

    def test_a_password_is_changed_though_the_factor_is_on(self, api: httpx.Client, new_user: User) -> None:
        secret = new_user.api.post(TOTP).json()["secret"]
        new_user.api.put(TOTP, json={"code": totp_code(secret)})

        changed = new_user.api.put(
            "/v1/users/me/password", json={"current_password": PASSWORD, "new_password": NEW_PASSWORD}
        )

        assert changed.status_code == 204
        assert log_in(api, new_user.email, NEW_PASSWORD).json()["challenge"] == "SOFTWARE_TOKEN_MFA"

    def test_a_wrong_code_does_not_turn_it_on(self, new_user: User) -> None:
        before = new_user.api.put(TOTP, json={"code": "123456"})
        assert (before.status_code, problem_code(before)) == (400, "invalid-code")
        secret = new_user.api.post(TOTP).json()["secret"]

        for code in (a_wrong_code(secret), "1", "letters"):
            refused = new_user.api.put(TOTP, json={"code": code})
            assert (refused.status_code, problem_code(refused)) == (400, "invalid-code")

        assert new_user.api.get("/v1/users/me").json()["mfa_enabled"] is False

    def test_it_can_be_turned_off(self, api: httpx.Client, new_user: User) -> None:
        secret = new_user.api.post(TOTP).json()["secret"]
        new_user.api.put(TOTP, json={"code": totp_code(secret)})

        assert new_user.api.delete(TOTP).status_code == 204

        assert new_user.api.get("/v1/users/me").json()["mfa_enabled"] is False
        assert "access_token" in log_in(api, new_user.email).json()

    @pytest.mark.parametrize(
        ("method", "body"), [("POST", None), ("PUT", {"code": "123456"}), ("DELETE", None)]
    )
    def test_an_id_token_is_not_enough(
        self, api: httpx.Client, user: User, method: str, body: dict[str, str] | None
    ) -> None:
        refused = api.request(method, TOTP, json=body, headers={"authorization": f"Bearer {user.id_token}"})
        assert (refused.status_code, problem_code(refused)) == (403, "access-token-required")


def wait_until(holds: Callable[[], bool]) -> None:
    """Wait for what the schedule sets in motion."""
    for _ in range(600):
        if holds():
            return
        time.sleep(0.1)
    raise AssertionError("it did not happen")


class TestAccountDeletion:
    def test_the_account_goes_and_all_its_images(
        self, api: httpx.Client, backend: Backend, new_user: User
    ) -> None:
        for name in ("jpeg-complete.jpg", "jpeg-complete.jpg"):
            assert new_user.upload(photo(name).content).status_code == 201
        assert len(backend.object_keys(f"users/{new_user.id}/")) == 4

        deleted = new_user.api.delete("/v1/users/me")

        assert (deleted.status_code, deleted.content) == (204, b"")
        refused = new_user.upload(photo("jpeg-complete.jpg").content)
        assert (refused.status_code, problem_code(refused)) == (403, "account-closed")
        assert log_in(api, new_user.email).status_code == 401
        assert refresh(api, new_user.refresh_token).status_code == 401
        gone = new_user.api.get("/v1/users/me")
        assert (gone.status_code, problem_code(gone)) == (404, "user-not-found")
        assert new_user.api.post(TOTP).status_code == 404
        assert new_user.api.delete("/v1/users/me").status_code == 204
        if backend.state_dir:
            # A deployment's schedule runs every five minutes only.
            wait_until(lambda: backend.object_keys(f"users/{new_user.id}/", with_renditions=True) == [])
            # The records go right after the bytes.
            wait_until(lambda: new_user.api.get("/v1/images").json() == {"items": []})

    def test_other_people_keep_theirs(self, backend: Backend, new_user: User, other_user: User) -> None:
        image = other_user.upload(photo("jpeg-complete.jpg").content).json()

        assert new_user.api.delete("/v1/users/me").status_code == 204
        if backend.state_dir:
            # A deployment's schedule runs every five minutes only.
            wait_until(lambda: backend.object_keys(f"users/{new_user.id}/", with_renditions=True) == [])
        assert new_user.api.get("/v1/images").json() == {"items": []}

        assert other_user.api.get(image["links"]["self"]).status_code == 200
        assert other_user.api.get("/v1/users/me").status_code == 200

    @pytest.mark.parametrize(("method", "path"), protected_operations())
    def test_a_token_that_outlives_its_user_never_causes_a_server_error(
        self, new_user: User, method: str, path: str
    ) -> None:
        assert new_user.api.delete("/v1/users/me").status_code == 204
        body = {
            "PUT /v1/users/me/mfa/totp": {"code": "123456"},
            "PUT /v1/users/me/password": {"current_password": PASSWORD, "new_password": NEW_PASSWORD},
            "PATCH /v1/users/me": {"given_name": "Ada"},
        }.get(f"{method} {path}")

        assert new_user.api.request(method, path, json=body).status_code < 500


def a_wrong_code(secret: str) -> str:
    """Return six digits that are not a code of any half minute around now."""
    right = {totp_code(secret, time.time() + drift) for drift in (-60, -30, 0, 30, 60)}
    return next(code for code in (f"{number:06d}" for number in range(10)) if code not in right)
