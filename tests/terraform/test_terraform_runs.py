"""How Terraform finds its provider, and what a staged configuration contains."""

from pathlib import Path

import pytest
from scripts.terraform import MIRROR_VARIABLE, PROVIDER, provider_mirrors, stage

from scripts import terraform


def test_named_mirrors_are_tried_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    named, also_named, usual = tmp_path / "named", tmp_path / "also", tmp_path / "usual"
    for folder in (named, also_named, usual):
        (folder / PROVIDER).mkdir(parents=True)
    monkeypatch.setattr(terraform, "MIRROR_FOLDERS", (str(usual), str(tmp_path / "absent")))
    monkeypatch.setenv(MIRROR_VARIABLE, f"{named}:{also_named}")

    assert list(provider_mirrors())[:3] == [named, also_named, usual]


def test_a_folder_without_providers_is_not_a_mirror(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(terraform, "MIRROR_FOLDERS", ())
    monkeypatch.setenv(MIRROR_VARIABLE, str(tmp_path))

    assert tmp_path not in list(provider_mirrors())


def test_a_staged_configuration_keeps_its_state_and_takes_no_backend(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    original = tmp_path / "original" / "terraform"
    original.mkdir(parents=True)
    for name in ("main.tf", "backend.tf", "terraform.tfstate", ".terraform.lock.hcl"):
        (original / name).write_text("original")
    monkeypatch.setattr(terraform, "CONFIGURATION", original)
    target = tmp_path / "staged"
    (target / "terraform").mkdir(parents=True)
    (target / "terraform" / "terraform.tfstate").write_text("staged")

    staged = stage(target)

    files = {path.name: path.read_text() for path in staged.directory.iterdir()}
    assert files == {"main.tf": "original", "terraform.tfstate": "staged"}
    assert (target / "openapi.json").is_file()
