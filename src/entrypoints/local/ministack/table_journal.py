"""Saves changes to MiniStack's tables and their streams as they happen.

MiniStack saves its tables only when it is stopped, and never saves its streams. Here, the changes of each
request are written to one line: the items together with their stream records, so that neither is saved
alone.
"""

import json
from typing import Any

import ministack.app
from ministack.core import persistence
from ministack.core.arn import parse_arn
from ministack.services import dynamodb

from entrypoints.local.ministack.durable_state import current_traces
from entrypoints.local.ministack.state_files import StateFiles

_RECORDS, _TRIMMED = "stream_records", "stream_trimmed"
_TABLE, _KEY, _ITEM, _TOLD = "table", "key", "item", "told"


class TableJournal:
    """Records changes to tables, and replays them when MiniStack loads its state."""

    def __init__(self, files: StateFiles) -> None:
        self._files = files
        self._put, self._remove = dynamodb._set_item, dynamodb._remove_item
        self._tell = dynamodb._build_change_record
        self._state, self._restore = dynamodb.get_state, dynamodb.load_persisted_state
        self._load = ministack.app._load_persisted_state

    def install(self) -> None:
        """Replace MiniStack's functions."""
        dynamodb._set_item, dynamodb._remove_item = self._put_and_note, self._remove_and_note
        dynamodb._build_change_record = self._tell_and_note
        dynamodb.get_state, dynamodb.load_persisted_state = self._state_with_streams, self._restore_streams
        ministack.app._load_persisted_state = self._load_and_catch_up

    def _note(self, table: Any, **change: Any) -> None:
        # It is serialised now, because MiniStack may change it afterwards.
        text = json.dumps({_TABLE: table["TableArn"], **change}, default=persistence._json_default)
        traces = current_traces.get()
        if traces is None:
            # A thread without a request removes expired items.
            self._files.append(f"[{text}]")
        else:
            traces.table_changes.append(text)

    def _put_and_note(self, table: Any, pk: Any, sk: Any, item: Any) -> Any:
        self._note(table, key=[pk, sk], item=item)
        return self._put(table, pk, sk, item)

    def _remove_and_note(self, table: Any, pk: Any, sk: Any) -> Any:
        self._note(table, key=[pk, sk], item=None)
        return self._remove(table, pk, sk)

    def _tell_and_note(self, table: Any, *change: Any) -> Any:
        told = self._tell(table, *change)
        self._note(table, told=told)
        return told

    def _state_with_streams(self) -> dict[str, Any]:
        return {**self._state(), _RECORDS: dynamodb._stream_records, _TRIMMED: dynamodb._stream_trimmed}

    def _restore_streams(self, state: dict[str, Any]) -> None:
        self._restore(state)
        dynamodb._stream_records.update(state.get(_RECORDS, {}))
        dynamodb._stream_trimmed.update(state.get(_TRIMMED, {}))

    def _load_and_catch_up(self) -> None:
        """Load the state and replay the changes in the journal that are missing from it."""
        self._load()
        tables = {table["TableArn"]: table for table in dynamodb._tables.all_values()}
        # The state may be newer than the journal.
        known = {_number(told) for records in dynamodb._stream_records.all_values() for told in records}
        for entry in self._files.entries():
            for change in json.loads(entry, object_hook=persistence._json_object_hook):
                table = tables.get(change[_TABLE])
                if table is None:
                    continue
                if _TOLD not in change:
                    self._carry_out(table, change[_KEY], change[_ITEM])
                elif _number(change[_TOLD]) not in known:
                    _add_to_stream(table, change[_TOLD])

    def _carry_out(self, table: Any, key: list[Any], item: Any) -> None:
        if item is None:
            self._remove(table, *key)
        else:
            self._put(table, *key, item)


def _number(told: dict[str, Any]) -> str:
    number: str = told["dynamodb"]["SequenceNumber"]
    return number


def _add_to_stream(table: Any, told: dict[str, Any]) -> None:
    if told["eventSourceARN"] != table.get("LatestStreamArn"):
        return
    arn = parse_arn(table["TableArn"])
    place = (arn.account_id, arn.region, table["TableName"])
    records = dynamodb._stream_records.get_scoped(*place, [])
    records.append(told)
    dynamodb._stream_records.set_scoped(*place, records)
