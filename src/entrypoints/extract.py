"""Prints the metadata document of local image files: ``python -m entrypoints.extract FILE…``.

It prints one JSON line for each file, in the given order: the document that an upload of the file would
get, or ``{"file": …, "error": {"code": …, "detail": …}}`` if an upload would be refused. The exit status is
1 if any file was refused.
"""

import argparse
import io
import json
import os
import stat
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from adapters.imagemagick.command import ImageMagickNotFound
from domain.images.inspection import ImageInspector
from domain.images.model import ImageLimits
from domain.metadata.location import LocationPolicy
from domain.shared.errors import DomainError, ServiceUnavailable
from entrypoints.composition.metadata_extractor import MetadataExtractorSettings, metadata_extractor
from entrypoints.progress import with_progress


class _Settings(MetadataExtractorSettings):
    allow_camera_raw: bool = ImageLimits().allow_camera_raw
    location: LocationPolicy = LocationPolicy.KEEP


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line. Returns the exit status."""
    options = _parser().parse_args(arguments)
    settings = _Settings.from_environment()
    try:
        extractor = metadata_extractor(settings)
    except ImageMagickNotFound as error:
        print(error, file=sys.stderr)
        return 2
    limits = ImageLimits(allow_camera_raw=settings.allow_camera_raw)
    inspector = ImageInspector(extractor, limits, settings.location)
    if isinstance(sys.stdout, io.TextIOWrapper):
        # JSON is UTF-8 in every locale.
        sys.stdout.reconfigure(encoding="utf-8")
    all_accepted = True
    with ThreadPoolExecutor(max_workers=options.jobs) as pool:
        results = pool.map(lambda path: inspect_file(inspector, path), options.files)
        for accepted, line in with_progress(results, len(options.files), sys.stderr):
            sys.stdout.write(line + "\n")
            all_accepted = all_accepted and accepted
    return 0 if all_accepted else 1


def inspect_file(inspector: ImageInspector, path: str) -> tuple[bool, str]:
    """Return whether an upload of this file would be accepted, and its line of output."""
    try:
        with open(path, "rb", opener=_open_without_waiting) as content:
            if not stat.S_ISREG(os.fstat(content.fileno()).st_mode):
                return False, _error_line(path, "unreadable-file", "Not a regular file")
            return True, inspector.inspect(content).document.to_json().decode()
    except DomainError as error:
        return False, _error_line(path, error.code, error.detail)
    except MemoryError:
        detail = "There is not enough memory to read the file."
        return False, _error_line(path, ServiceUnavailable.code, detail)
    except OSError as error:
        return False, _error_line(path, "unreadable-file", error.strerror or type(error).__name__)


def _open_without_waiting(path: str, flags: int) -> int:
    """Open a file without waiting for the writer of a FIFO."""
    return os.open(path, flags | os.O_NONBLOCK)


def _error_line(path: str, code: str, detail: str) -> str:
    name = path.encode(errors="surrogateescape").decode(errors="replace")
    return json.dumps({"file": name, "error": {"code": code, "detail": detail}}, ensure_ascii=False)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m entrypoints.extract", description=__doc__)
    parser.add_argument("files", nargs="+", metavar="FILE")
    parser.add_argument(
        "--jobs", type=_positive, default=os.cpu_count() or 1, metavar="N", help="files to read at a time"
    )
    return parser


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise ValueError(text)
    return number


if __name__ == "__main__":
    sys.exit(main())
