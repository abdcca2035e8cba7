"""Posts the events that a webhook did not accept: redrive_webhook.py NAME < WEBHOOKS.

WEBHOOKS is the Terraform output ``webhooks``, in JSON. Run it once the receiver responds again. An event is
only deleted after it was accepted; the script stops at the first one that is not. It can be interrupted and
repeated.
"""

import http.client
import json
import sys
from typing import Any
from urllib.parse import urlsplit

import boto3

from entrypoints.local.webhook import HEADERS, TIMEOUT_S


def post(webhook: dict[str, str], secret: str, event: str) -> str | None:
    """Post an event as EventBridge does. Returns what went wrong, if anything."""
    parts = urlsplit(webhook["url"])
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    connection = kind(parts.hostname or "", parts.port, timeout=TIMEOUT_S)
    query = f"?{parts.query}" if parts.query else ""
    try:
        headers = {**HEADERS, webhook["secret_header"]: secret}
        connection.request("POST", f"{parts.path or '/'}{query}", event.encode(), headers)
        status = connection.getresponse().status
    except (OSError, http.client.HTTPException) as error:
        return repr(error)
    finally:
        connection.close()
    return None if 200 <= status < 300 else f"the response was {status}"


def redrive(webhook: dict[str, str]) -> int:
    """Post the undelivered events. Returns the exit status."""
    secrets, queues = boto3.client("secretsmanager"), boto3.client("sqs")
    secret = secrets.get_secret_value(SecretId=webhook["secret_arn"])["SecretString"]
    queue: dict[str, Any] = {"QueueUrl": webhook["undelivered_queue_url"]}
    posted = 0
    while messages := queues.receive_message(**queue, MaxNumberOfMessages=1, WaitTimeSeconds=1).get(
        "Messages"
    ):
        [message] = messages
        if failure := post(webhook, secret, message["Body"]):
            # So that the next run receives it at once.
            queues.change_message_visibility(
                **queue, ReceiptHandle=message["ReceiptHandle"], VisibilityTimeout=0
            )
            sys.stderr.write(f"error: after {posted} events, one was not accepted: {failure}\n")
            return 1
        queues.delete_message(**queue, ReceiptHandle=message["ReceiptHandle"])
        posted += 1
    print(f"Posted {posted} events to {webhook['url']}")
    return 0


def main(name: str) -> int:
    """Find the webhook and post its undelivered events. Returns the exit status."""
    webhooks = json.load(sys.stdin)
    if name not in webhooks:
        sys.stderr.write(
            f"error: name a webhook: WEBHOOK={' or '.join(webhooks) or '…, but there is none'}\n"
        )
        return 1
    return redrive(webhooks[name])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
