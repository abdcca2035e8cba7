"""Writes all photos and ``expected.json`` into a folder."""

import argparse
import json
from dataclasses import asdict
from pathlib import Path

from tests.support.image_factory import photos


def main() -> None:
    """Write the files."""
    parser = argparse.ArgumentParser(prog="python -m tests.support.image_factory", description=__doc__)
    parser.add_argument("folder", type=Path, help="folder to write to; made if missing")
    folder: Path = parser.parse_args().folder
    folder.mkdir(parents=True, exist_ok=True)
    for photo in photos():
        (folder / photo.name).write_bytes(photo.content)
    expected = {photo.name: asdict(photo.expected) for photo in photos()}
    (folder / "expected.json").write_text(
        json.dumps(expected, ensure_ascii=False, indent=1) + "\n", "utf-8"
    )


if __name__ == "__main__":
    main()
