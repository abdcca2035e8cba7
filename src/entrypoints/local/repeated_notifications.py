"""Notifies the queue of work again of incoming bytes.

S3 delivers a notification at least once. The emulator loses it if it is killed after it has stored an
object and before it has saved the queue.
"""

from adapters.s3.object_keys import INCOMING_PREFIX, image_of_incoming_key
from adapters.sqs.work_queue import SqsWorkQueue
from domain.images.work import Work
from entrypoints.local.emulator import Emulator
from entrypoints.local.provisioning import Resources


def repeat_notifications(emulator: Emulator, resources: Resources) -> None:
    """Queue the image of each object that has not been settled yet. Settling an image twice is harmless."""
    queue = SqsWorkQueue(emulator.client("sqs"), resources.queue_url)
    pages = emulator.client("s3").get_paginator("list_objects_v2")
    for page in pages.paginate(Bucket=resources.images_bucket, Prefix=INCOMING_PREFIX):
        for stored in page.get("Contents", []):
            if ref := image_of_incoming_key(stored["Key"]):
                queue.send(Work(ref.owner_id, ref.image_id))
