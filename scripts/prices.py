"""Computes what AWS charges for each operation, from the requests that a test counts.

``python -m scripts.prices`` writes the tables between the markers in ``docs/deploy.md`` and in the
decision on records. With ``--check``, nothing is written, and the exit status is 1 if they are out of date.
"""

import json
import re
import sys
from pathlib import Path

PRICES_OF = "November 2025"
"""When the list prices below were last checked (US East, N. Virginia, on demand, no free tier)."""

PER_MILLION = {
    "s3 PutObject": 5.00,
    "s3 POST by the client": 5.00,
    "s3 PUT by the client": 5.00,
    "s3 CopyObject": 5.00,
    "s3 CreateMultipartUpload": 5.00,
    "s3 CompleteMultipartUpload": 5.00,
    "s3 ListMultipartUploads": 5.00,
    "s3 ListParts": 5.00,
    "s3 GetObject": 0.40,
    "s3 DeleteObject": 0.00,
    "s3 DeleteObjects": 0.00,
    "dynamodb GetItem": 0.125,
    "dynamodb BatchGetItem": 0.125 * 10,
    "dynamodb Query": 0.125 * 10,
    "dynamodb write units": 0.625,
    "dynamodb PutItem": 0.00,
    "dynamodb UpdateItem": 0.00,
    "dynamodb TransactWriteItems": 0.00,
    "dynamodb items written": 0.00,
}
"""USD for a million requests. Writes to DynamoDB are charged by their units. Assumes records of up to 4 KB,
and that a page of a list, or what is read at once, has 40 KB."""
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
API_REQUESTS = {"upload in one part and its settling": 3}
"""How many requests to the API an operation takes; all others take one."""
RENDERING = "renditions of an image"
BEHIND_A_QUEUE = {RENDERING: (RENDERING_S, RENDER_GB), "settling of a deleted image": (0.05, INGEST_GB)}
"""What is no request to the API: the seconds and the memory of the function that does it."""
SETTLED = {
    "direct upload and its settling",
    "upload in one part and its settling",
    "direct upload that is rejected",
}
TEN_DELETIONS = "delete ten at once"
MAKES_EVENT = {
    *SETTLED,
    RENDERING,
    "small upload",
    "small upload with an idempotency key",
    "small upload of a duplicate",
    "edit",
    "delete",
}

ALARMS, ALARM_METRICS, ALARM_METRIC = 36, 59, 0.10
"""With the default settings, which ``terraform/tests/observability.tftest.hcl`` counts; USD per month."""
BEFORE = {"direct upload and its settling": 90.70, "content link": 8.15}
"""What they cost while S3 was the only store."""

FIXED = (
    ("storage of bytes in S3", "0.023 per GB and month"),
    (
        "storage of records, with point-in-time recovery",
        "0.45 per GB and month: 0.90 for a million records of 2 KB",
    ),
    (f"{ALARMS} alarms over {ALARM_METRICS} metrics", f"{ALARM_METRICS * ALARM_METRIC:.2f} per month"),
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
    ("what clients read with signed links", "0.40 for a million requests to S3"),
    ("traffic to the internet", "0.09 per GB"),
    ("Cognito, Essentials", "0.015 per month for each active user beyond the first 10,000"),
)


_BETWEEN_MARKERS = re.compile(r"(?<=<!-- prices -->\n).*?(?=<!-- /prices -->)", re.DOTALL)


def lambda_per_million(seconds: float, memory_gb: float) -> float:
    """Compute the price of a million invocations."""
    return LAMBDA_PER_MILLION + 1e6 * seconds * memory_gb * LAMBDA_GB_SECOND


def price(operation: str, requests: dict[str, int]) -> tuple[float, float]:
    """Compute the price of a million of this operation: at S3 and DynamoDB, and at all other services."""
    data = sum(PER_MILLION[kind] * number for kind, number in requests.items())
    units = PHOTO_UNITS if operation.startswith("small") else 1
    rest = units * GATEWAY_PER_MILLION + lambda_per_million(SECONDS.get(operation, 0.05), IMAGES_GB)
    rest *= API_REQUESTS.get(operation, 1)
    if operation in BEHIND_A_QUEUE:
        rest = SQS_PER_MILLION + lambda_per_million(*BEHIND_A_QUEUE[operation])
    if operation in SETTLED:
        rest += SQS_PER_MILLION + lambda_per_million(SETTLING_S, INGEST_GB)
    events = 1 if operation in MAKES_EVENT else 10 if operation == TEN_DELETIONS else 0
    return data, rest + events * (EVENT_PER_MILLION + lambda_per_million(EVENTS_S, EVENTS_GB))


def table(counts: dict[str, dict[str, int]]) -> str:
    """Write the prices as a table in Markdown."""
    lines = [
        f"| list prices of {PRICES_OF} | S3 and DynamoDB | gateway, functions, queue, events | sum |",
        "|---|---|---|---|",
    ]
    for operation, requests in counts.items():
        data, rest = price(operation, requests)
        lines.append(f"| {operation} | {data:.2f} | {rest:.2f} | {data + rest:.2f} |")
    lines += ["", "| other costs | USD |", "|---|---|", *(f"| {name} | {price} |" for name, price in FIXED)]
    return "\n".join(lines)


def comparison(counts: dict[str, dict[str, int]]) -> str:
    """Write what the records changed as a table in Markdown."""
    direct, link = "direct upload and its settling", "content link"
    reads = [counts[direct].get(f"s3 {kind}", 0) for kind in ("ListObjectsV2", "HeadObject", "GetObject")]
    read_price = reads[0] * 5.00 + (reads[1] + reads[2]) * 0.40
    reads_now = f"{read_price:.2f}: {reads[0]}, {reads[1]} and {reads[2]} each"
    return "\n".join(
        [
            f"| list prices of {PRICES_OF}, for a million, in USD | S3 alone | with records |",
            "|---|---|---|",
            f"| direct upload | {BEFORE[direct]:.2f} | {sum(price(direct, counts[direct])):.2f} |",
            f"| of this, LIST, HEAD and GET requests to S3 | 42.20: 7, 16 and 2 each | {reads_now} |",
            f"| content link | {BEFORE[link]:.2f} | {sum(price(link, counts[link])):.2f} |",
        ]
    )


def main(arguments: list[str]) -> int:
    """Write or check the tables. Returns the exit status."""
    counts = json.loads(Path("benchmarks/request_counts.json").read_text())
    outdated = False
    for name, written in (
        ("docs/deploy.md", table(counts)),
        ("docs/decisions/0007-records.md", comparison(counts)),
    ):
        document = Path(name)
        text = document.read_text()
        current = _BETWEEN_MARKERS.sub(lambda _, written=written: f"{written}\n", text)
        outdated = outdated or current != text
        if "--check" not in arguments:
            document.write_text(current)
    return int(outdated and "--check" in arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
