"""Updates, scans and owners in the repository's settings cover the existing files."""

import fnmatch
import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]
NOT_OURS = {".git", ".local", ".venv", "dist", "mutants", "node_modules"}
UPDATED_BY_OTHERS = {"checkov", "localstack"}
"""Programs that pin their packages themselves."""
INCLUDED = {"runtime"}
"""What is scanned as part of the packages that are deployed."""


def files(pattern: str) -> Iterator[Path]:
    for folder, subfolders, names in os.walk(ROOT):
        subfolders[:] = [name for name in subfolders if name not in NOT_OURS]
        for name in fnmatch.filter(names, pattern):
            yield Path(folder, name).relative_to(ROOT)


def updated(ecosystem: str) -> set[Path]:
    """The folders in which Dependabot looks for updates of this kind."""
    settings = yaml.safe_load((ROOT / ".github/dependabot.yml").read_text())["updates"]
    patterns = [
        pattern.lstrip("/")
        for entry in settings
        if entry["package-ecosystem"] == ecosystem
        for pattern in entry.get("directories", [entry.get("directory")])
    ]
    found = [folder for pattern in patterns for folder in (ROOT.glob(pattern) if pattern else [ROOT])]
    assert len(found) >= len(patterns), "a folder is missing"
    return {folder.relative_to(ROOT) for folder in found}


@pytest.mark.parametrize(
    ("ecosystem", "name"),
    [
        ("docker", "Dockerfile"),
        ("docker-compose", "compose.yaml"),
        ("npm", "package-lock.json"),
        ("pip", "*.in"),
        ("terraform", "versions.tf"),
    ],
)
def test_updates_are_proposed_for_every_file_that_names_versions(ecosystem: str, name: str) -> None:
    assert {path.parent for path in files(name)} == updated(ecosystem)


def test_all_locked_packages_are_scanned_for_vulnerabilities() -> None:
    workflow = (ROOT / ".github/workflows/ci.yml").read_text()
    scanned = set(re.findall(r"--lockfile=(?:requirements\.txt:)?(\S+/\S+)", workflow))

    locked = {str(path) for path in files("package-lock.json")} | {
        f"requirements/{path.name}"
        for path in (ROOT / "requirements").glob("*.txt")
        if path.stem not in UPDATED_BY_OTHERS | INCLUDED
    }
    assert scanned == locked


def test_the_owners_own_what_is_there() -> None:
    lines = (ROOT / ".github/CODEOWNERS.example").read_text().splitlines()
    named = [line.split()[0] for line in lines if line.startswith("/")]

    assert named
    assert [path for path in named if not (ROOT / path.strip("/")).is_dir()] == []
