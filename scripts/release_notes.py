"""Checks the tag of a release and prints its entry in the changelog.

python -m scripts.release_notes v1.0.0
"""

import datetime as dt
import re
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
_HEADING = re.compile(r"^## \[(?P<version>[^\]]+)\] - (?P<date>.+)$", re.MULTILINE)


class ReleaseError(ValueError):
    """The tag, the version and the changelog do not match; the message says how."""


def project_version() -> str:
    """Read the version in pyproject.toml."""
    version: str = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    return version


def newest_entry(changelog: str) -> tuple[str, str, str]:
    """Return the version, the date and the text of the changelog's first entry."""
    headings = list(_HEADING.finditer(changelog))
    if not headings:
        raise ReleaseError("the changelog has no entry")
    end = headings[1].start() if len(headings) > 1 else len(changelog)
    return headings[0]["version"], headings[0]["date"], changelog[headings[0].end() : end].strip()


def notes(tag: str, version: str, changelog: str) -> str:
    """Return the changelog's entry for the release with this tag. Raises ReleaseError."""
    listed, date, text = newest_entry(changelog)
    if not tag == f"v{version}" == f"v{listed}":
        raise ReleaseError(f"the tag is {tag}, pyproject.toml says {version}, CHANGELOG.md {listed}")
    try:
        dt.date.fromisoformat(date)
    except ValueError as error:
        raise ReleaseError(f"CHANGELOG.md has {date!r} instead of a date for {listed}") from error
    return text


def main() -> int:
    """Print the notes. Returns the exit status."""
    try:
        print(notes(sys.argv[1], project_version(), (ROOT / "CHANGELOG.md").read_text()))
    except (IndexError, ReleaseError) as error:
        sys.stderr.write(f"error: {error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
