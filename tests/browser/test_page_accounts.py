"""The page and accounts: register, log in, second factor, deletion."""

import io
from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import pytest
import zxingcpp
from PIL import Image
from playwright.sync_api import Route
from tests.browser.visitor import Visitor
from tests.integration.backend import Backend
from tests.integration.users import (
    NEW_PASSWORD,
    PASSWORD,
    TEMPORARY_PASSWORD,
    WRONG_PASSWORD,
    User,
    new_email,
)
from tests.support.fakes.identity_provider import totp_code


@pytest.fixture
def invited(backend: Backend) -> Iterator[str]:
    """The address of a user whom an administrator has created."""
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


def stored(visitor: Visitor) -> dict[str, str]:
    """What the tab keeps in sessionStorage; it must keep nothing elsewhere."""
    assert visitor.page.evaluate("() => localStorage.length") == 0
    assert visitor.context.cookies() == []
    kept: dict[str, str] = visitor.page.evaluate("() => ({...sessionStorage})")
    return kept


def test_an_account_from_registration_to_deletion(visitor: Visitor, backend: Backend) -> None:
    email = new_email()
    visitor.open()
    visitor.page.get_by_role("link", name="Create an account").click()
    visitor.field("E-mail").fill(email)
    visitor.page.get_by_label("Given name").fill("Ada")
    visitor.fill_in("Create account", Password="password")
    visitor.is_seen("one of the first that attackers try")
    visitor.fill_in("Create account", Password=PASSWORD)

    visitor.heading("Check your e-mail").wait_for()
    visitor.fill_in("Confirm", Code="000000")
    visitor.page.locator(".failure, .complaint").filter(has_text="code").wait_for()
    visitor.button("Send a new code").click()
    visitor.is_seen("A new code is on its way.")
    visitor.fill_in("Confirm", Code=backend.mailed_code(email))

    visitor.heading("No photos yet").wait_for()
    assert visitor.page.evaluate("() => location.hash") == "#/"
    assert stored(visitor).keys() == {"refresh-token"}
    visitor.page.reload()
    visitor.heading("No photos yet").wait_for()
    visitor.page.get_by_role("link", name="Account").click()
    visitor.field("Family name").fill("Lovelace")
    visitor.button("Save names").click()
    visitor.is_seen("Saved.")
    visitor.page.get_by_text("AL", exact=True).wait_for(state="attached")
    visitor.field("Current password").fill(WRONG_PASSWORD)
    visitor.fill_in("Change password", New_password=NEW_PASSWORD)
    visitor.is_seen("The current password is wrong.")
    visitor.fill_in("Change password", Current_password=PASSWORD)
    visitor.is_seen("Your password has been changed.")

    visitor.button("Delete account").click()
    visitor.button("Cancel").click()
    visitor.button("Delete account").click()
    visitor.button("Delete everything").click()
    visitor.is_seen("Your account has been deleted.")
    assert stored(visitor) == {}
    visitor.log_in_by_form(email, NEW_PASSWORD)
    visitor.is_seen("The e-mail address or the password is wrong.")


def test_a_forgotten_password_is_replaced(visitor: Visitor, backend: Backend, new_user: User) -> None:
    visitor.open()
    visitor.log_in_by_form(new_user.email, WRONG_PASSWORD)
    visitor.is_seen("The e-mail address or the password is wrong.")
    visitor.page.get_by_role("link", name="Forgot your password?").click()
    visitor.button("Send code").click()
    visitor.heading("Check your e-mail").wait_for()
    visitor.field("Code").fill(backend.mailed_code(new_user.email))
    visitor.fill_in("Set password", New_password=NEW_PASSWORD)

    visitor.is_seen("Your new password has been set.")
    visitor.log_in_by_form(new_user.email, NEW_PASSWORD)
    visitor.heading("No photos yet").wait_for()


def test_an_unconfirmed_account_is_confirmed_at_its_first_log_in(
    visitor: Visitor, backend: Backend
) -> None:
    email = new_email()
    visitor.open("#/register")
    visitor.field("E-mail").fill(email)
    visitor.fill_in("Create account", Password=PASSWORD)
    visitor.heading("Check your e-mail").wait_for()

    visitor.open()
    visitor.page.reload()
    visitor.log_in_by_form(email)
    visitor.heading("Check your e-mail").wait_for()
    visitor.fill_in("Confirm", Code=backend.mailed_code(email))
    visitor.heading("No photos yet").wait_for()


def test_an_invited_user_chooses_a_password(visitor: Visitor, invited: str) -> None:
    visitor.open()
    visitor.log_in_by_form(invited, TEMPORARY_PASSWORD)
    visitor.heading("Choose a new password").wait_for()
    visitor.fill_in("Continue", New_password=NEW_PASSWORD)

    visitor.heading("No photos yet").wait_for()


def test_an_authenticator_app_is_a_second_lock(visitor: Visitor, new_user: User) -> None:
    visitor.log_in(new_user, "#/account")
    visitor.button("Set up").click()
    picture = visitor.page.get_by_label("QR code for the authenticator app").screenshot()
    [code] = zxingcpp.read_barcodes(Image.open(io.BytesIO(picture)))
    secret = parse_qs(urlsplit(code.text).query)["secret"][0]
    assert visitor.page.locator(".secret").inner_text().replace(" ", "") == secret
    assert code.text.startswith("otpauth://totp/")
    visitor.fill_in("Turn on", Code=totp_code(secret))
    visitor.is_seen("Logging in requires a code from your app.")

    visitor.button("Log out").click()
    visitor.is_seen("You are logged out.")
    assert stored(visitor) == {}
    visitor.log_in_by_form(new_user.email)
    visitor.heading("Enter your code").wait_for()
    visitor.fill_in("Continue", Code="000000")
    visitor.is_seen("That was wrong, or it took too long.")
    visitor.fill_in("Continue", Code=totp_code(secret))
    visitor.heading("No photos yet").wait_for()
    visitor.page.get_by_role("link", name="Account").click()
    visitor.button("Turn off").click()
    visitor.button("Turn off").click()
    visitor.is_seen("Your authenticator app is off.")


def test_what_needs_a_recent_log_in_asks_for_the_password(visitor: Visitor, new_user: User) -> None:
    refusals = [{"code": "sign-in-not-recent", "status": 403, "detail": "Log in again."}]

    def refuse_once(route: Route) -> None:
        if refusals:
            route.fulfill(status=403, json=refusals.pop())
        else:
            route.continue_()

    visitor.page.route("**/v1/users/me/mfa/totp", refuse_once)
    visitor.log_in(new_user, "#/account")
    visitor.button("Set up").click()
    visitor.heading("Confirm that it is you").wait_for()
    visitor.fill_in("Continue", Password=WRONG_PASSWORD)
    visitor.is_seen("The password is wrong.")
    visitor.fill_in("Continue", Password=PASSWORD)

    visitor.page.get_by_label("QR code for the authenticator app").wait_for()


def test_a_tab_asks_for_new_tokens_once_however_many_requests_wait(
    visitor: Visitor, new_user: User
) -> None:
    refreshes: list[str] = []
    visitor.page.on("request", lambda one: refreshes.append(one.url) if "/refresh" in one.url else None)

    visitor.log_in(new_user)
    visitor.heading("No photos yet").wait_for()

    assert len(refreshes) == 1


def test_a_sign_in_that_was_ended_elsewhere_ends_here(visitor: Visitor, new_user: User) -> None:
    visitor.log_in(new_user)
    visitor.heading("No photos yet").wait_for()
    assert new_user.api.delete("/v1/sessions").status_code == 204

    visitor.page.reload()

    visitor.is_seen("Please log in again.")
    assert stored(visitor) == {}


def test_log_out_everywhere_ends_all_sign_ins(visitor: Visitor, new_user: User) -> None:
    visitor.log_in(new_user, "#/account")
    visitor.button("Log out everywhere").click()

    visitor.is_seen("You are logged out.")
    refused = new_user.api.post("/v1/sessions/refresh", json={"refresh_token": new_user.refresh_token})
    assert refused.status_code == 401
