"""Requests missing and failed renditions: ``python -m entrypoints.render_missing``.

Use it for images that became ready before their renditions were set, or after a problem that made
renditions fail was fixed. It reads ``IMAGES_BUCKET``, ``RECORDS_TABLE``, ``RENDITIONS`` and
``RENDER_QUEUE_URL``, as the functions do. It can be interrupted and repeated.
"""

import sys

from adapters.s3.stored_originals import S3StoredOriginals
from domain.images.use_cases.rendering import RequestRenditions
from entrypoints.composition.render_queue import RenderQueueAdapters
from entrypoints.composition.storage_adapters import StorageAdapters
from entrypoints.progress import with_progress


def main() -> int:
    """Request the renditions of all images and print for how many. Returns the exit status."""
    adapters, queue = StorageAdapters(), RenderQueueAdapters()
    settings = adapters.settings()
    ask = RequestRenditions(adapters.image_records(), queue.render_queue(), settings.renditions)
    originals = S3StoredOriginals(adapters.s3_client(), settings.images_bucket)
    found = with_progress(originals.list_all(), originals.count(), sys.stderr)
    asked = [ask(original.ref) for original in found]
    sys.stdout.write(f"{sum(asked)} of {len(asked)} images queued for rendering\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
