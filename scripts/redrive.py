"""Sends the messages of a dead-letter queue to its queue again: redrive.py DEAD_LETTER_QUEUE_URL QUEUE_URL.

For after the cause of their failure was removed. Whatever is interrupted can be repeated: a message is
taken from the one queue after the other has it, and a message that comes twice does no harm. On AWS,
``aws sqs start-message-move-task`` does the same; emulators do not have it.
"""

import sys

import boto3


def main(dead_letter_queue_url: str, queue_url: str) -> int:
    """Returns the exit status."""
    queues = boto3.client("sqs")
    moved = 0
    while messages := queues.receive_message(
        QueueUrl=dead_letter_queue_url, MaxNumberOfMessages=10, WaitTimeSeconds=1
    ).get("Messages"):
        for message in messages:
            queues.send_message(QueueUrl=queue_url, MessageBody=message["Body"])
            queues.delete_message(QueueUrl=dead_letter_queue_url, ReceiptHandle=message["ReceiptHandle"])
            moved += 1
    print(f"{moved} messages were sent to {queue_url} again")
    return 0


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(f"usage: {sys.argv[0]} DEAD_LETTER_QUEUE_URL QUEUE_URL")
    sys.exit(main(*sys.argv[1:]))
