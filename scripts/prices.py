"""Computes what AWS charges for each operation, from the requests that a test counts.

``python -m scripts.prices`` writes the tables between the markers in ``docs/deploy.md``. With ``--check``,
nothing is written, and the exit status is 1 if they are out of date.
"""

import json
import re
import sys
from pathlib import Path

PRICES_OF = "November 2025"
"""When the list prices below were last checked (US East, N. Virginia, on demand, no free tier)."""

PER_MILLION = {
    "s3 PutObject": 5.00,
    "s3 CopyObject": 5.00,
    "s3 GetObject": 0.40,
    "s3 DeleteObject": 0.00,
    "s3 DeleteObjects": 0.00,
    "dynamodb GetItem": 0.125,
    "dynamodb Query": 0.125 * 10,
    "dynamodb PutItem": 0.625 * 2 * 2,
    "dynamodb UpdateItem": 0.625 * 2 * 2,
    "dynamodb TransactWriteItems": 0.00,
    "items in transactions": 0.625 * 2 * 2,
}
"""USD for a million requests. Assumes records of 2 KB, pages of lists of 40 KB, and that each write goes to
the table and one index. A transaction is charged twice for each of its items."""
GATEWAY_PER_MILLION = 1.00
"""For each 512 KB of a request."""
PHOTO_UNITS = 6
"""Assumes small uploads of 3 MB."""
SQS_PER_MILLION = 3 * 0.40
"""A message is sent, received and deleted."""
EVENT_PER_MILLION = 1.00
LAMBDA_GB_SECOND, LAMBDA_PER_MILLION = 0.0000133334, 0.20
IMAGES_GB, INGEST_GB, RENDER_GB, EVENTS_GB = 1.728, 1.728, 2.9375, 0.5

SECONDS = {
    "small upload": 0.3,
    "small upload with an idempotency key": 0.3,
    "small upload repeated with its key": 0.2,
    "small upload of a duplicate": 0.3,
}
"""Assumed durations of the function ``images``; 0.05 s for all other operations."""
SETTLING_S, RENDERING_S, EVENTS_S = 0.6, 1.2, 0.05
RENDERING = "renditions of an image"
MAKES_EVENT = {
    RENDERING,
    "small upload",
    "small upload with an idempotency key",
    "small upload of a duplicate",
    "direct upload and its settling",
    "edit",
    "delete",
}

FIXED = (
    ("storage of bytes in S3", "0.023 per GB and month"),
    (
        "storage of records, with point-in-time recovery",
        "0.45 per GB and month: 0.90 for a million records of 2 KB",
    ),
    ("36 alarms over 60 metrics", "6.00 per month"),
    (
        "the functions' own metrics",
        "0.30 per month for each one that has values; about forty if all of them occur",
    ),
    ("`detailed_metrics`", "up to 2.00 per month and route"),
    ("logs, about 2 KB per request", "0.50 per GB"),
    ("the dashboard", "3.00 per month, beyond the first three of the account"),
    (
        "SnapStart",
        "3.90 per month and GB of memory for each published version, and 0.00014 per GB for each restore",
    ),
    ("traffic to the internet", "0.09 per GB"),
    ("Cognito, Essentials", "0.015 per month for each active user beyond the first 10,000"),
)


def lambda_per_million(seconds: float, memory_gb: float) -> float:
    """Compute the price of a million invocations."""
    return LAMBDA_PER_MILLION + 1e6 * seconds * memory_gb * LAMBDA_GB_SECOND


def table(counts: dict[str, dict[str, int]]) -> str:
    """Write the prices as a table in Markdown."""
    lines = [
        f"| list prices of {PRICES_OF} | S3 and DynamoDB | gateway, functions, queue, events | sum |",
        "|---|---|---|---|",
    ]
    for operation, requests in counts.items():
        data = sum(PER_MILLION[kind] * number for kind, number in requests.items())
        units = PHOTO_UNITS if operation.startswith("small") else 1
        rest = units * GATEWAY_PER_MILLION + lambda_per_million(SECONDS.get(operation, 0.05), IMAGES_GB)
        if operation == RENDERING:
            rest = SQS_PER_MILLION + lambda_per_million(RENDERING_S, RENDER_GB)
        if operation.startswith("direct upload"):
            rest += SQS_PER_MILLION + lambda_per_million(SETTLING_S, INGEST_GB)
        if operation in MAKES_EVENT:
            rest += EVENT_PER_MILLION + lambda_per_million(EVENTS_S, EVENTS_GB)
        lines.append(f"| {operation} | {data:.2f} | {rest:.2f} | {data + rest:.2f} |")
    lines += ["", "| other costs | USD |", "|---|---|", *(f"| {name} | {price} |" for name, price in FIXED)]
    return "\n".join(lines)


def main(arguments: list[str]) -> int:
    """Write or check the table. Returns the exit status."""
    counts = json.loads(Path("benchmarks/request_counts.json").read_text())
    document = Path("docs/deploy.md")
    text = document.read_text()
    current = re.sub(
        r"(?<=<!-- prices -->\n).*?(?=<!-- /prices -->)",
        lambda _: f"{table(counts)}\n",
        text,
        flags=re.DOTALL,
    )
    if "--check" in arguments:
        return int(current != text)
    document.write_text(current)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
