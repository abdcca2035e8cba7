"""Moves the messages of a dead-letter queue back to its queue: redrive.py DEAD_LETTER_QUEUE_URL QUEUE_URL.

Run it after fixing the cause of the failures. It can be interrupted and repeated: a message is only deleted
after it was sent, and processing it twice is harmless. On AWS, ``aws sqs start-message-move-task`` does the
same; emulators lack it.
"""

import sys

import boto3


def main(dead_letter_queue_url: str, queue_url: str) -> int:
    """Move the messages. Returns the exit status."""
    queues = boto3.client("sqs")
    moved = 0
    while messages := queues.receive_message(
        QueueUrl=dead_letter_queue_url, MaxNumberOfMessages=10, WaitTimeSeconds=1
    ).get("Messages"):
        for message in messages:
            queues.send_message(QueueUrl=queue_url, MessageBody=message["Body"])
            queues.delete_message(QueueUrl=dead_letter_queue_url, ReceiptHandle=message["ReceiptHandle"])
            moved += 1
    print(f"Moved {moved} messages to {queue_url}")
    return 0


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(f"usage: {sys.argv[0]} DEAD_LETTER_QUEUE_URL QUEUE_URL")
    sys.exit(main(*sys.argv[1:]))
