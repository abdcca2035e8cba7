"""The steps of the layer's build that need no Debian packages."""

import json
import os
import zipfile
from pathlib import Path

import pytest
from layers.imagemagick import build, debian
from layers.imagemagick.debian import BuildError, Mirrors
from layers.imagemagick.licenses import license_names, referenced_texts
from layers.reproducible_zip import write_zip

RECORDED = {"arm64": {"libc6": {"version": "2.41-12", "sha256": "aa" * 32}}}
NEWER = {"libc6": {"version": "2.41-13", "sha256": "bb" * 32}}


def make_tree(root: Path, names: list[str], mtime: int) -> Path:
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name * 1000)
        path.chmod(0o700 if name.startswith("bin/") else 0o640)
        os.utime(path, (mtime, mtime))
    return root


def test_a_zip_depends_on_nothing_but_the_files(tmp_path: Path) -> None:
    names = ["lib/b.so", "bin/identify", "lib/a.so", "MANIFEST.json"]
    write_zip(make_tree(tmp_path / "one", names, 1_000_000_000), tmp_path / "one.zip", "top/")
    write_zip(make_tree(tmp_path / "two", names[::-1], 1_500_000_000), tmp_path / "new/two.zip", "top/")
    assert (tmp_path / "one.zip").read_bytes() == (tmp_path / "new/two.zip").read_bytes()


def test_a_zip_keeps_what_may_be_executed(tmp_path: Path) -> None:
    write_zip(make_tree(tmp_path / "tree", ["bin/identify", "lib/a.so"], 0), tmp_path / "a.zip")
    with zipfile.ZipFile(tmp_path / "a.zip") as archive:
        modes = {entry.filename: oct(entry.external_attr >> 16) for entry in archive.infolist()}
    assert modes == {"bin/identify": "0o100755", "lib/a.so": "0o100644"}


def test_a_machine_readable_copyright_file_names_its_licences() -> None:
    text = "Format: https://…\n\nFiles: *\nLicense: LGPL-3+\n\nFiles: debian/*\nLicense: GPL-3+ \n"
    text += "\nLicense: LGPL-3+\n This library is free software…\n"
    assert license_names("libheif", text) == ["GPL-3+", "LGPL-3+"]


def test_a_prose_copyright_file_is_known_by_its_source_or_refused() -> None:
    assert license_names("liblqr", "This package was debianized by …") == ["LGPL-3.0-only"]
    with pytest.raises(BuildError, match="newcomer names no licence"):
        license_names("newcomer", "This package was debianized by …")


def test_cited_licence_texts_are_found_at_the_end_of_a_sentence_too() -> None:
    text = "see /usr/share/common-licenses/LGPL-2.1.\nand `/usr/share/common-licenses/GPL'"
    assert referenced_texts(text) == {"LGPL-2.1", "GPL"}


def test_packages_other_than_the_recorded_ones_are_reported(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lock = tmp_path / "lock.json"
    lock.write_text(json.dumps(RECORDED))
    build.check_lock("arm64", NEWER, locked=False, write=False, path=lock)
    assert "libc6 is 2.41-13 (bbbbbbbbbbbb), recorded 2.41-12 (aaaaaaaaaaaa)" in capsys.readouterr().out
    with pytest.raises(BuildError, match="not the recorded ones"):
        build.check_lock("arm64", NEWER, locked=True, write=False, path=lock)
    assert json.loads(lock.read_text()) == RECORDED


def test_the_recorded_packages_are_accepted_when_locked(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lock = tmp_path / "lock.json"
    lock.write_text(json.dumps(RECORDED))
    build.check_lock("arm64", RECORDED["arm64"], locked=True, write=False, path=lock)
    assert capsys.readouterr().out == ""


def test_recording_keeps_the_other_architecture(tmp_path: Path) -> None:
    lock = tmp_path / "lock.json"
    lock.write_text(json.dumps(RECORDED))
    build.check_lock("x86_64", NEWER, locked=False, write=True, path=lock)
    assert json.loads(lock.read_text()) == RECORDED | {"x86_64": NEWER}


def test_a_directory_replaces_the_one_before(tmp_path: Path) -> None:
    old = make_tree(tmp_path / "target", ["bin/old"], 0)
    build.replace_directory(make_tree(tmp_path / "source", ["bin/new"], 0), old)
    assert [path.name for path in (tmp_path / "target/bin").iterdir()] == ["new"]
    assert {path.name for path in tmp_path.iterdir()} == {"target", "source"}


@pytest.mark.parametrize(
    ("os_release", "expected"),
    [
        (
            {"ID": "debian", "VERSION_CODENAME": "bookworm"},
            Mirrors("http://mirror.test/debian", "https://other.test/debian-security"),
        ),
        (
            {"ID": "ubuntu", "VERSION_CODENAME": "noble"},
            Mirrors(debian.DEFAULT_MIRROR, debian.DEFAULT_SECURITY_MIRROR),
        ),
    ],
    ids=["Debian", "Ubuntu"],
)
def test_a_debian_machines_own_mirrors_are_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, os_release: dict[str, str], expected: Mirrors
) -> None:
    uris = """'http://tools.test/apt/dists/stable/InRelease' x 0
'http://mirror.test/debian/dists/bookworm/InRelease' x 0
'http://mirror.test/debian/dists/bookworm-updates/InRelease' x 0
'https://other.test/debian-security/dists/bookworm-security/InRelease' x 0
'http://mirror.test/debian/dists/bookworm/main/binary-amd64/Packages.xz' x 0
"""
    apt_get = tmp_path / "apt-get"
    apt_get.write_text(f'#!/bin/sh\necho "{uris}"\n')
    apt_get.chmod(0o755)
    release = tmp_path / "os-release"
    release.write_text("".join(f'{key}="{value}"\n' for key, value in os_release.items()))
    monkeypatch.setenv("PATH", str(tmp_path))
    assert debian.machine_mirrors(release) == expected


def test_a_missing_tool_or_keyring_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mirrors = Mirrors("http://mirror.test", "http://mirror.test")
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(BuildError, match="apt-get is needed"):
        debian.download(["base-files"], "amd64", tmp_path, mirrors)
    for tool in ("apt-get", "dpkg-deb"):
        (tmp_path / tool).touch(mode=0o755)
    with pytest.raises(BuildError, match="debian-archive-keyring"):
        debian.download(["base-files"], "amd64", tmp_path, mirrors, keyring=tmp_path / "none.gpg")
