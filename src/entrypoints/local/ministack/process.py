"""``python -m entrypoints.local.ministack.process``: MiniStack with corrections.

Its settings are MiniStack's own environment variables. Its standard input is a pipe from the process that
started it. When the pipe closes, it shuts down cleanly.
"""

import json
import os
import signal
import threading
from contextvars import ContextVar
from pathlib import Path
from typing import Any

import ministack.app
from ministack.core import persistence
from ministack.services import cognito, s3

from entrypoints.local.emulator import ENDS_WITH_STANDARD_INPUT
from entrypoints.local.freed_memory import keep_freed_memory
from entrypoints.local.ministack.challenge_sessions import ChallengeSessions
from entrypoints.local.ministack.durable_state import TABLES, DurableState, current_traces
from entrypoints.local.ministack.multipart_files import MultipartFiles
from entrypoints.local.ministack.state_files import StateFiles
from entrypoints.local.ministack.table_journal import TableJournal

_signed_in_at: ContextVar[int | None] = ContextVar("signed_in_at", default=None)


def keep_the_time_of_sign_in() -> None:
    """Make refreshed tokens contain the time of the sign-in (``auth_time``), as Cognito's do.

    MiniStack writes the time of the refresh. Its refresh tokens contain the time when they were issued.
    """
    refresh, sign = cognito._refresh_auth_result, cognito._signed_jwt

    def refresh_as_signed_in(pool: Any, pool_id: Any, client_id: Any, refresh_token: Any) -> Any:
        claims = cognito._token_claims(refresh_token) or {}
        before = _signed_in_at.set(claims.get("iat"))
        try:
            return refresh(pool, pool_id, client_id, refresh_token)
        finally:
            _signed_in_at.reset(before)

    def sign_as_signed_in(claims: dict[str, Any], *arguments: Any) -> str:
        at = _signed_in_at.get()
        changed = {**claims, "auth_time": at} if at is not None and "auth_time" in claims else claims
        token: str = sign(changed, *arguments)
        return token

    cognito._refresh_auth_result = refresh_as_signed_in
    cognito._signed_jwt = sign_as_signed_in


def snapshot(service: str) -> str:
    """Serialise the whole state of a service in MiniStack's format."""
    state = ministack.app._get_module(ministack.app._state_map[service]).get_state()
    version = persistence._state_format_version(service)
    return json.dumps(
        {"__ministack_format__": version, "payload": state}, default=persistence._json_default
    )


def note_lost_objects() -> None:
    """Record and drop objects that cannot be written to disk; MiniStack only logs a warning."""
    persist = s3._persist_object

    def persist_or_forget(bucket: str, key: str, record: Any) -> None:
        persist(bucket, key, record)
        # MiniStack drops the bytes from memory after writing them to disk.
        if isinstance(record, dict) and record.get("body") is not None:
            s3._buckets[bucket]["objects"].pop(key, None)
            traces = current_traces.get()
            if traces is not None:
                traces.object_lost = True

    s3._persist_object = persist_or_forget


def notify_at_once() -> None:
    """Make S3 send its notifications before it responds, so that both changes are saved together."""

    def fire(bucket: str, key: str, event: str, *arguments: Any, **options: Any) -> None:
        if bucket not in s3._bucket_notifications:
            return
        traces = current_traces.get()
        if traces is not None:
            traces.queues_changed = True
        s3._fire_s3_event(
            bucket, key, event, *arguments, sequencer=s3._next_event_sequencer(event), **options
        )

    s3._fire_s3_event_async = fire


def end_with_standard_input() -> None:
    """Stop as on SIGTERM when the process at the other end of standard input is gone."""
    pipe = os.dup(0)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)

    def wait() -> None:
        while os.read(pipe, 1):
            pass
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=wait, daemon=True).start()


def main() -> None:
    """Serve until SIGTERM."""
    if os.environ.pop(ENDS_WITH_STANDARD_INPUT, None):
        end_with_standard_input()
    keep_freed_memory()
    directory = Path(persistence.STATE_DIR)
    files = StateFiles(directory, snapshot, TABLES)
    keep_the_time_of_sign_in()
    TableJournal(files).install()
    MultipartFiles(directory / "multipart-uploads").install()
    note_lost_objects()
    notify_at_once()
    ministack.app.app = DurableState(ChallengeSessions(ministack.app.app), files)
    ministack.app.main()


if __name__ == "__main__":
    main()
