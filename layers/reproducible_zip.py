"""Writes zip archives whose bytes depend only on the files in them."""

import zipfile
from pathlib import Path

_EARLIEST_TIME = (1980, 1, 1, 0, 0, 0)
_MADE_BY_UNIX = 3
_REGULAR_FILE = 0o100000


def write_zip(directory: Path, output: Path, prefix: str = "") -> None:
    """Archive the files under a directory, with ``prefix`` before their relative paths.

    Files are sorted by path, have the year 1980, and the mode 0755 if their owner may execute them, else
    0644. Links are followed. An existing output is replaced atomically.
    """
    output.parent.mkdir(parents=True, exist_ok=True)
    partial = output.with_name(f"{output.name}.partial")
    with zipfile.ZipFile(partial, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for path in sorted(path for path in directory.rglob("*") if path.is_file()):
            entry = zipfile.ZipInfo(prefix + path.relative_to(directory).as_posix(), _EARLIEST_TIME)
            entry.create_system = _MADE_BY_UNIX
            entry.external_attr = (_REGULAR_FILE | (0o755 if path.stat().st_mode & 0o100 else 0o644)) << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, path.read_bytes(), compresslevel=9)
    partial.replace(output)
