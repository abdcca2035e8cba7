"""Writes all hostile files into a folder."""

import argparse
from pathlib import Path

from tests.support.hostile import hostile_files


def main() -> None:
    """Write the files."""
    parser = argparse.ArgumentParser(prog="python -m tests.support.hostile", description=__doc__)
    parser.add_argument("folder", type=Path, help="folder to write to; made if missing")
    folder: Path = parser.parse_args().folder
    folder.mkdir(parents=True, exist_ok=True)
    for file in hostile_files():
        (folder / file.name).write_bytes(file.make())


if __name__ == "__main__":
    main()
