"""Both writers of measurements write the same lines."""

import json
from datetime import datetime
from typing import Any

import pytest

from entrypoints.measurements import Measurement, Name, Unit
from entrypoints.measurements.embedded_metrics import EmbeddedMetrics
from entrypoints.measurements.plain_metrics import PlainMetrics

MEASUREMENTS = [
    Measurement(Name.SIGN_INS, dimensions={"outcome": "signed-in"}),
    Measurement(Name.OVERDUE, 300, Unit.SECONDS),
]


def lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    written = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    for line in written:
        assert abs(line["_aws"].pop("Timestamp") - 1000 * _seconds(line.pop("timestamp"))) < 1000
        for metric in line["_aws"]["CloudWatchMetrics"]:
            metric["Dimensions"] = [sorted(names) for names in metric["Dimensions"]]
    return written


def _seconds(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()


@pytest.mark.parametrize("service", [None, "images-upload-test-triggers"])
def test_the_lines_are_those_of_powertools(
    service: str | None, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("POWERTOOLS_METRICS_NAMESPACE", "images-upload-test")
    monkeypatch.delenv("POWERTOOLS_SERVICE_NAME", raising=False)
    if service:
        monkeypatch.setenv("POWERTOOLS_SERVICE_NAME", service)

    EmbeddedMetrics().add(MEASUREMENTS)
    expected = lines(capsys)
    PlainMetrics().add(MEASUREMENTS)

    assert lines(capsys) == expected
    assert len(expected) == len(MEASUREMENTS)
