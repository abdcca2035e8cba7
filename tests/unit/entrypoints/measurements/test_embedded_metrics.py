"""The log lines from which CloudWatch extracts metrics."""

import json
from datetime import datetime
from typing import Any

import pytest

from entrypoints.measurements import Measurement, Name, Unit
from entrypoints.measurements.embedded_metrics import EmbeddedMetrics


def lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


@pytest.fixture
def metrics(monkeypatch: pytest.MonkeyPatch) -> EmbeddedMetrics:
    monkeypatch.setenv("POWERTOOLS_METRICS_NAMESPACE", "images-test")
    monkeypatch.setenv("POWERTOOLS_SERVICE_NAME", "images-test-users")
    return EmbeddedMetrics()


def test_a_measurement_is_a_line_that_names_its_metric(
    metrics: EmbeddedMetrics, capsys: pytest.CaptureFixture[str]
) -> None:
    metrics.add([Measurement(Name.UPLOADED_BYTES, 1234, Unit.BYTES, {"way": "form"})])

    [line] = lines(capsys)
    [definition] = line["_aws"]["CloudWatchMetrics"]
    [dimensions] = definition["Dimensions"]
    assert definition["Namespace"] == "images-test"
    assert definition["Metrics"] == [{"Name": "UploadedBytes", "Unit": "Bytes"}]
    assert {name: line[name] for name in dimensions} == {"way": "form", "service": "images-test-users"}
    assert line["UploadedBytes"] == [1234]


def test_measurements_do_not_share_their_dimensions(
    metrics: EmbeddedMetrics, capsys: pytest.CaptureFixture[str]
) -> None:
    metrics.add(
        [Measurement(Name.REJECTIONS, dimensions={"code": "a"}), Measurement(Name.THROTTLED)],
    )

    first, second = lines(capsys)
    assert first["code"] == "a"
    assert second["_aws"]["CloudWatchMetrics"][0]["Dimensions"] == [["service"]]


def test_no_level_of_the_log_leaves_a_measurement_out(
    metrics: EmbeddedMetrics, capsys: pytest.CaptureFixture[str]
) -> None:
    metrics.add([Measurement(Name.SIGN_INS)])

    [line] = lines(capsys)
    assert line["level"] == "FATAL"
    assert datetime.fromisoformat(line["timestamp"]).tzinfo


def test_where_nothing_is_configured_there_is_a_namespace_all_the_same(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("POWERTOOLS_METRICS_NAMESPACE", raising=False)

    EmbeddedMetrics().add([Measurement(Name.THROTTLED)])

    [line] = lines(capsys)
    assert line["_aws"]["CloudWatchMetrics"][0]["Namespace"] == "images-upload-api"
