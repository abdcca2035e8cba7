"""The prices in the documentation are computed from what is counted."""

import json
from pathlib import Path

from scripts import prices


def test_the_documentation_has_the_prices_of_the_counted_requests() -> None:
    assert prices.main(["--check"]) == 0


def test_more_requests_cost_more() -> None:
    counts = json.loads(Path("benchmarks/request_counts.json").read_text())
    counts["get"]["s3 GetObject"] += 10

    before = prices.table(json.loads(Path("benchmarks/request_counts.json").read_text()))

    assert prices.table(counts) != before


def test_every_kind_of_request_has_a_price() -> None:
    counts = json.loads(Path("benchmarks/request_counts.json").read_text())
    assert {kind for requests in counts.values() for kind in requests} <= set(prices.PER_MILLION)
