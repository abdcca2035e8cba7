"""The count of cold starts."""

import importlib
import json

import pytest

from entrypoints.functions import cold_start

FUNCTIONS = ["events", "images", "ingest", "render", "users"]


def test_the_first_invocation_of_a_process_is_counted_and_no_other(
    capsys: pytest.CaptureFixture[str],
) -> None:
    cold_start.count_cold_start.cache_clear()

    cold_start.count_cold_start()
    cold_start.count_cold_start()

    [line] = capsys.readouterr().out.splitlines()
    assert json.loads(line)["ColdStarts"] == [1]


@pytest.mark.parametrize("name", FUNCTIONS)
def test_functions_count_their_cold_starts(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    function = importlib.import_module(f"entrypoints.functions.{name}")
    monkeypatch.setattr(function, "begin", lambda *_: None)
    if hasattr(function, "_adapters"):
        monkeypatch.setattr(function, "_adapters", _Adapters)

    class Counted(Exception):
        pass

    def count() -> None:
        raise Counted

    monkeypatch.setattr(function, "count_cold_start", count)

    with pytest.raises(Counted):
        function.handler({}, None)


class _Adapters:
    def deadline(self) -> None:
        return None
