"""What nobody has settled in time, on stores in memory."""

from datetime import datetime, timedelta

from domain.images.use_cases.due_work import QueuedWork
from domain.images.work import DueWork, Work
from tests.support.application import JPEG, Application
from tests.support.fakes.image_records import InMemoryImageRecords
from tests.support.samples import CALLER, NOW


def test_what_is_due_is_sent_longest_due_first_and_due_again_later() -> None:
    app = Application()
    first = app.announce().image.id
    app.clock.advance(timedelta(seconds=1))
    second = app.announce().image.id
    app.upload(CALLER, JPEG)
    assert app.queue_due().count == 0
    app.clock.advance(timedelta(minutes=30))

    assert app.queue_due().count == 2
    assert app.queue.sent == [Work(CALLER.user_id, first), Work(CALLER.user_id, second)]
    assert app.queue_due().count == 0
    app.clock.advance(timedelta(minutes=15))
    assert app.queue_due().count == 2


def test_more_than_a_page_is_sent_and_the_rest_the_next_time() -> None:
    app = Application()
    for number in range(1050):
        app.close_account.begin_deletion(f"user-{number}")

    assert app.queue_due().count == 1000
    assert app.queue_due().count == 50
    assert len(set(app.queue.sent)) == 1050


def test_pages_follow_each_other_while_what_was_sent_still_seems_due() -> None:
    class Delayed(InMemoryImageRecords):
        """Its index of what is due follows later, as an index that is eventually consistent does."""

        def postpone(self, item: DueWork, due_at: datetime) -> None:
            pass

    app = Application(records=Delayed(lambda: NOW))
    for number in range(150):
        app.close_account.begin_deletion(f"user-{number:03}")

    assert app.queue_due().count == 150
    assert len(set(app.queue.sent)) == 150


def test_it_tells_for_how_long_the_first_has_been_due() -> None:
    app = Application()
    assert app.queue_due() == QueuedWork(0, timedelta())
    app.close_account.begin_deletion("user-1")
    app.clock.advance(timedelta(minutes=5))
    app.close_account.begin_deletion("user-2")
    app.clock.advance(timedelta(hours=2))

    assert app.queue_due() == QueuedWork(2, timedelta(hours=2, minutes=5))
