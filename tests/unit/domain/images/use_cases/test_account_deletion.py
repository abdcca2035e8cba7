"""What becomes of the images of an account that is deleted, on stores in memory."""

from datetime import timedelta

import pytest

from domain.images.errors import AccountClosed
from domain.images.model import ImageRef
from domain.images.record import WRITERS_END_WITHIN
from domain.images.use_cases.account_deletion import CLOSED_FOR
from domain.shared.caller import Caller
from domain.shared.errors import ServiceUnavailable
from tests.support.application import JPEG, LARGE, PART, Application
from tests.support.samples import CALLER

OTHER = Caller(user_id="another-user", username="another-user")


@pytest.fixture
def app() -> Application:
    return Application()


def fill(app: Application) -> None:
    for _ in range(3):
        app.upload(CALLER, JPEG, idempotency_key=f"key-{len(app.items())}")
    app.delete.delete_one(CALLER, app.upload(CALLER, JPEG).id)
    app.settle(app.send(b"<html>"))
    app.send()
    app.send_parts(app.announce(LARGE, part_bytes=PART).image.id, 1)


def test_nothing_is_left_of_a_deleted_account_and_others_are_untouched(app: Application) -> None:
    fill(app)
    theirs = app.upload(OTHER, JPEG)

    app.close_account.begin_deletion(CALLER.user_id)
    app.run_due_work()

    assert {ref.owner_id for ref in app.bytes.refs} == {OTHER.user_id}
    assert app.bytes.parts == {}
    assert {ref.owner_id for ref in app.memory_records.records} == {OTHER.user_id}
    assert app.memory_records.tombstones == {}
    assert app.memory_records.claims == {}
    assert app.get(OTHER, theirs.id).image == theirs
    account = app.records.find_account(CALLER.user_id)
    assert account.deleted_at == app.clock()
    assert account.due_at == app.clock() + WRITERS_END_WITHIN


def test_what_a_function_was_still_writing_is_removed_once_it_must_have_ended() -> None:
    def end(request: str) -> None:
        if request.startswith("purge"):
            app.bytes.documents[app_ref] = b"{}"

    app = Application(before_request=end)
    app_ref = ImageRef(CALLER.user_id, app.upload(CALLER, JPEG).id)
    app.close_account.begin_deletion(CALLER.user_id)
    app.run_due_work()
    deleted_at = app.records.find_account(CALLER.user_id).deleted_at
    assert app.bytes.refs == {app_ref}
    app.clock.advance(WRITERS_END_WITHIN)

    app.run_due_work()

    account = app.records.find_account(CALLER.user_id)
    assert (account.deleted_at, account.due_at) == (deleted_at, None)


def test_what_is_more_than_one_step_removes_is_removed_in_several(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("domain.images.use_cases.account_deletion.MAX_REMOVED_AT_ONCE", 2)
    app = Application()
    fill(app)
    app.close_account.begin_deletion(CALLER.user_id)
    steps = 0

    app.queue_due()
    while app.queue.sent:
        app.settle_work(app.queue.sent.pop(0))
        steps += 1

    assert steps > 3
    assert app.bytes.refs == set()
    assert app.memory_records.records == {}
    assert app.records.find_account(CALLER.user_id).deleted_at


def test_a_step_that_fails_is_repeated_when_it_is_due_again() -> None:
    alive = True

    def die(request: str) -> None:
        if alive and request.startswith("purge"):
            raise ServiceUnavailable("-")

    app = Application(before_request=die)
    fill(app)
    app.close_account.begin_deletion(CALLER.user_id)
    with pytest.raises(ServiceUnavailable):
        app.run_due_work()
    alive = False
    app.clock.advance(timedelta(minutes=15))

    app.run_due_work()

    assert app.memory_records.records == {}


def test_a_closed_account_takes_nothing_until_every_token_and_link_has_expired(app: Application) -> None:
    app.close_account.begin_deletion(CALLER.user_id)
    app.run_due_work()
    app.clock.advance(CLOSED_FOR - timedelta(seconds=1))
    with pytest.raises(AccountClosed):
        app.upload(CALLER, JPEG)
    app.clock.advance(timedelta(seconds=1))
    app.upload(CALLER, JPEG)


def test_beginning_again_changes_nothing(app: Application) -> None:
    app.close_account.begin_deletion(CALLER.user_id)
    before = app.records.find_account(CALLER.user_id)
    app.clock.advance(timedelta(seconds=1))

    app.close_account.begin_deletion(CALLER.user_id)

    assert app.records.find_account(CALLER.user_id) == before


def test_an_account_that_is_not_being_deleted_keeps_everything(app: Application) -> None:
    image = app.upload(CALLER, JPEG)

    app.settle_account(CALLER.user_id)

    assert app.items()[0].id == image.id


def test_an_account_whose_deletion_has_ended_is_left_alone() -> None:
    requests: list[str] = []
    app = Application(before_request=requests.append)
    app.close_account.begin_deletion(CALLER.user_id)
    app.run_due_work()
    app.clock.advance(WRITERS_END_WITHIN)
    app.run_due_work()
    requests.clear()

    app.settle_account(CALLER.user_id)

    assert len(requests) == 1, "only the account was read"
