"""Releases: one version everywhere, and the workflows that build them."""

import json
import re
from pathlib import Path

import pytest
from scripts.release_notes import ReleaseError, newest_entry, notes, project_version

ROOT = Path(__file__).parents[2]
WORKFLOWS = sorted((ROOT / ".github/workflows").glob("*.yml"))
CHANGELOG = """\
# Changelog

## [1.1.0] - 2026-02-01

### Added

- This.

## [1.0.0] - 2026-01-01

- That.
"""


def test_project_api_and_changelog_have_one_version() -> None:
    listed, _, text = newest_entry((ROOT / "CHANGELOG.md").read_text())
    described = json.loads((ROOT / "openapi.json").read_text())["info"]["version"]

    assert {project_version(), described} == {listed}
    assert text


def test_the_notes_of_a_release_are_only_its_entry() -> None:
    assert notes("v1.1.0", "1.1.0", CHANGELOG) == "### Added\n\n- This."


@pytest.mark.parametrize(
    ("tag", "version", "changelog", "reason"),
    [
        ("v1.0.0", "1.1.0", CHANGELOG, "the tag is v1.0.0"),
        ("v1.2.0", "1.2.0", CHANGELOG, "CHANGELOG.md 1.1.0"),
        ("v1.1.0", "1.1.0", CHANGELOG.replace("2026-02-01", "unreleased"), "instead of a date"),
        ("v1.1.0", "1.1.0", "# Changelog\n", "no entry"),
    ],
)
def test_a_tag_that_fits_nothing_is_refused(tag: str, version: str, changelog: str, reason: str) -> None:
    with pytest.raises(ReleaseError, match=re.escape(reason)):
        notes(tag, version, changelog)


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda workflow: workflow.name)
def test_actions_are_pinned_by_digest_with_their_version_in_a_comment(workflow: Path) -> None:
    used = re.findall(r"^\s*(?:- )?uses: (.*)$", workflow.read_text(), re.MULTILINE)

    assert used
    assert [use for use in used if not re.fullmatch(r"[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", use)] == []


def test_an_action_has_the_same_digest_everywhere() -> None:
    digests: dict[str, set[str]] = {}
    for workflow in WORKFLOWS:
        for action, digest in re.findall(r"uses: ([\w./-]+)@(\w+)", workflow.read_text()):
            digests.setdefault(action, set()).add(digest)

    assert {action: found for action, found in digests.items() if len(found) > 1} == {}


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda workflow: workflow.name)
def test_workflows_call_targets_that_exist(workflow: Path) -> None:
    targets = {
        target
        for file in (ROOT / "Makefile", *(ROOT / "make").glob("*.mk"))
        for target in re.findall(r"^([a-z-]+):", file.read_text(), re.MULTILINE)
    }
    assert set(re.findall(r"run: make ([a-z-]+)", workflow.read_text())) <= targets
