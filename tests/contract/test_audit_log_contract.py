"""What every audit log promises: each event is kept whole, in order, once."""

import io
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone

import pytest

from adapters.audit_log import JsonLinesAuditLog
from domain.accounts.audit import AuditEvent, AuditEventName
from domain.accounts.ports import AuditLog
from tests.support.fakes.audit_log import InMemoryAuditLog

AT = datetime(2026, 3, 1, 12, 0, 0, 250_000, tzinfo=UTC)
Read = Callable[[], list[AuditEvent]]


def in_memory() -> tuple[AuditLog, Read]:
    log = InMemoryAuditLog()
    return log, lambda: log.events


def json_lines() -> tuple[AuditLog, Read]:
    stream = io.StringIO()

    def read() -> list[AuditEvent]:
        lines = [json.loads(line) for line in stream.getvalue().splitlines()]
        return [
            AuditEvent(
                AuditEventName(line["audit"]),
                datetime.fromisoformat(line["timestamp"]),
                **{
                    name: value
                    for name, value in line.items()
                    if name not in {"audit", "level", "timestamp"}
                },
            )
            for line in lines
        ]

    return JsonLinesAuditLog(stream), read


@pytest.fixture(params=[in_memory, json_lines])
def audit_log(request: pytest.FixtureRequest) -> tuple[AuditLog, Read]:
    made: tuple[AuditLog, Read] = request.param()
    return made


def event(**members: str) -> AuditEvent:
    given = {"user_id": "b0c1", "client_id": "client-1", "trigger": "PostAuthentication"} | members
    return AuditEvent(AuditEventName.USER_SIGNED_IN, AT, **given)


def test_events_are_kept_in_order(audit_log: tuple[AuditLog, Read]) -> None:
    log, read = audit_log
    events = [event(user_id=f"user-{number}") for number in range(3)]
    for each in events:
        log.record(each)
    assert read() == events


def test_what_an_event_lacks_stays_absent(audit_log: tuple[AuditLog, Read]) -> None:
    log, read = audit_log
    failed = AuditEvent(
        AuditEventName.SIGN_IN_FAILED,
        AT,
        account="b" * 64,
        source_ip="192.0.2.1",
        reason="invalid-credentials",
    )
    log.record(failed)
    assert read() == [failed]


@pytest.mark.parametrize("text", ['"quoted"', "two\nlines", '{"audit": "forged"}\n', "Zoë \u2028", "\x00"])
def test_no_text_breaks_out_of_its_event(audit_log: tuple[AuditLog, Read], text: str) -> None:
    log, read = audit_log
    log.record(event(user_id=text, trigger=text))
    assert read() == [event(user_id=text, trigger=text)]


def test_times_of_any_zone_stay_the_same_instant(audit_log: tuple[AuditLog, Read]) -> None:
    log, read = audit_log
    local = AT.astimezone(timezone(timedelta(hours=2)))
    log.record(AuditEvent(AuditEventName.USER_SIGNED_IN, local, user_id="b0c1"))
    assert [kept.at for kept in read()] == [AT]
