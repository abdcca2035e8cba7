"""Rebuilds the records of ready images from storage: ``python -m entrypoints.rebuild_records``.

Use it if the table is lost and DynamoDB's point-in-time recovery, which restores more, is not possible. It
reads ``IMAGES_BUCKET``, ``RECORDS_TABLE`` and ``RENDITIONS``, as the functions do. It can be interrupted
and repeated.
"""

import sys
from collections import Counter

from adapters.s3.stored_originals import S3StoredOriginals
from domain.images.ports import StoredOriginals
from domain.images.use_cases.rebuilding import RebuildRecord, Rebuilt
from entrypoints.composition.image_adapters import ImageAdapters
from entrypoints.composition.ingest import image_inspector
from entrypoints.progress import with_progress


def rebuild_record(adapters: ImageAdapters, originals: StoredOriginals) -> RebuildRecord:
    """Compose the rebuilding of one record."""
    return RebuildRecord(
        adapters.image_records(),
        adapters.image_store(),
        originals,
        image_inspector(adapters),
        adapters.clock(),
        tuple(spec.name for spec in adapters.settings().renditions),
    )


def main() -> int:
    """Rebuild all records and print how many. Returns the exit status."""
    adapters = ImageAdapters()
    originals = S3StoredOriginals(adapters.s3_client(), adapters.settings().images_bucket)
    rebuild = rebuild_record(adapters, originals)
    found = with_progress(originals.list_all(), originals.count(), sys.stderr)
    counts = Counter(rebuild(original) for original in found)
    sys.stdout.write(
        f"{counts[Rebuilt.REBUILT]} images rebuilt, {counts[Rebuilt.KNOWN]} already known, "
        f"{counts[Rebuilt.REFUSED]} of accounts that are being deleted, "
        f"{counts[Rebuilt.UNREADABLE]} would be refused today\n"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
