"""Objects of Amazon S3 as files on disk."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, BinaryIO, cast

from adapters.s3.errors import translated_errors
from adapters.temporary_storage import temporary_file, translated_disk_errors

if TYPE_CHECKING:
    from botocore.response import StreamingBody

_CHUNK_BYTES = 1024 * 1024


@contextmanager
def downloaded(body: "StreamingBody", *, suffix: str, head: bytes = b"") -> Iterator[BinaryIO]:
    """Write ``head`` and the rest of an object to a temporary file, in constant memory, and open it."""
    with temporary_file(suffix) as file:
        with translated_disk_errors():
            file.write(head)
        with translated_errors():
            for chunk in body.iter_chunks(_CHUNK_BYTES):
                with translated_disk_errors():
                    file.write(chunk)
        with translated_disk_errors():
            file.flush()
            file.seek(0)
        yield cast("BinaryIO", file)
