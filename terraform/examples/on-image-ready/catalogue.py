"""A Lambda function that keeps a catalogue of photos with their cameras and capture times.

It receives image.ready and image.deleted from a queue, at least once and in any order. An entry only
replaces one with a smaller version, so repeated and late events do no harm.
"""

import json
import logging
import os
import time
from typing import Any

import boto3
from botocore.exceptions import ClientError

logger = logging.getLogger()
storage = boto3.client("s3")
catalogue = boto3.resource("dynamodb").Table(os.environ["CATALOGUE_TABLE"])
BUCKET = os.environ["IMAGES_BUCKET"]

DELETED_ARE_KEPT_S = 35 * 86400
"""Longer than any event can be delayed."""


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Record each event. Only messages that fail are delivered again."""
    failed = []
    for message in event["Records"]:
        try:
            take_note(json.loads(message["body"]))
        except Exception:
            logger.exception("The event will be delivered again")
            failed.append({"itemIdentifier": message["messageId"]})
    return {"batchItemFailures": failed}


def take_note(event: dict[str, Any]) -> None:
    """Write an image's entry, unless there is a later one."""
    detail = event["detail"]
    if event["detail-type"] == "image.deleted":
        entry = {"deleted": True, "expires_at": int(time.time()) + DELETED_ARE_KEPT_S}
    else:
        summary = summary_of(detail["user_id"], detail["image_id"])
        if summary is None:
            return
        entry = {name: summary[name] for name in ("camera_model", "captured_at") if name in summary}
    key = {"image_id": detail["image_id"], "user_id": detail["user_id"], "version": detail["version"]}
    try:
        catalogue.put_item(
            Item={**key, **entry},
            ConditionExpression="attribute_not_exists(image_id) OR #version < :version",
            ExpressionAttributeNames={"#version": "version"},
            ExpressionAttributeValues={":version": detail["version"]},
        )
    except ClientError as error:
        if error.response["Error"]["Code"] != "ConditionalCheckFailedException":
            raise


def summary_of(user_id: str, image_id: str) -> dict[str, Any] | None:
    """Read the summary of an image's metadata; ``None`` if the image has been deleted in the meantime."""
    key = f"users/{user_id}/images/{image_id}/metadata.json"
    try:
        document = storage.get_object(Bucket=BUCKET, Key=key)["Body"].read()
    except ClientError as error:
        if error.response["Error"]["Code"] == "NoSuchKey":
            return None
        raise
    summary: dict[str, Any] = json.loads(document)["summary"]
    return summary
