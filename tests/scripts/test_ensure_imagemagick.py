"""The script that finds or installs ImageMagick, run with stand-ins for installed programs."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / "scripts/ensure_imagemagick.py"
VERSION = "Version: ImageMagick 7.1.1-43 Q16 x86_64 22550 https://imagemagick.org"
FORMATS = """\
   Format  Module    Mode  Description
     AVIF* HEIC      rw+   AV1 Image File Format (1.15.1)
      GIF* rw+   CompuServe graphics interchange format
     HEIC* HEIC      r--   Apple High efficiency Image Format (1.15.1)
     JPEG* JPEG      rw-   Joint Photographic Experts Group JFIF format
      PNG* PNG       rw-   Portable Network Graphics
     TIFF* TIFF      rw+   Tagged Image File Format
     WEBP* WEBP      rw+   WebP Image Format
"""


def install(path: Path, version: str = VERSION, formats: str = FORMATS) -> Path:
    """Create an executable that answers ``-version`` and ``[identify] -list format`` like ImageMagick."""
    path.parent.mkdir(parents=True, exist_ok=True)
    answers = f"*-version) echo '{version}' ;;\n*'-list format') echo '{formats}' ;;"
    script = f'#!/bin/sh\ncase "$*" in\n{answers}\nesac\n'
    path.write_text(script)
    path.chmod(0o755)
    return path


def install_bundle(home: Path) -> Path:
    """Create a bundle whose program responds in the same way. Returns its loader."""
    (home / "decoders").mkdir(parents=True)
    return install(home / "lib/ld.so")


def ensure(path: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(SCRIPT), "--bundle", str(path / "no-bundle"), *arguments],
        env={"PATH": str(path), **environment},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("name", ["identify", "magick"])
def test_an_installed_imagemagick_is_found_on_path(tmp_path: Path, name: str) -> None:
    tool = install(tmp_path / name)
    assert ensure(tmp_path, "--env").stdout == f"unset IMAGEMAGICK_HOME; IDENTIFY_PATH={tool}\n"


def test_the_command_of_magick_names_its_subcommand(tmp_path: Path) -> None:
    tool = install(tmp_path / "magick")
    assert ensure(tmp_path).stdout == f"{tool} identify\n"


def test_the_configured_binary_comes_before_path(tmp_path: Path) -> None:
    install(tmp_path / "bin/identify")
    chosen = install(tmp_path / "own version/identify")
    found = ensure(tmp_path / "bin", "--env", IDENTIFY_PATH=str(chosen))
    assert found.stdout == f"unset IMAGEMAGICK_HOME; IDENTIFY_PATH='{chosen}'\n"


def test_the_configured_bundle_is_run_with_its_own_loader(tmp_path: Path) -> None:
    home = tmp_path / "home"
    loader = install_bundle(home)
    found = ensure(tmp_path, IMAGEMAGICK_HOME=str(home))
    assert found.stdout == f"{loader} --library-path {home}/lib {home}/bin/identify\n"


def test_a_bundle_comes_before_a_binary_as_for_the_application(tmp_path: Path) -> None:
    install_bundle(tmp_path / "home")
    settings = {
        "IMAGEMAGICK_HOME": str(tmp_path / "home"),
        "IDENTIFY_PATH": str(install(tmp_path / "identify")),
    }
    found = ensure(tmp_path, "--env", **settings)
    assert found.stdout == f"unset IDENTIFY_PATH; IMAGEMAGICK_HOME={tmp_path}/home\n"


def test_an_older_bundle_that_cannot_decode_every_format_is_passed_over(tmp_path: Path) -> None:
    tool = install(tmp_path / "identify")
    home = tmp_path / "home"
    install_bundle(home)
    (home / "decoders").rmdir()
    found = ensure(tmp_path, "--env", IMAGEMAGICK_HOME=str(home))
    assert found.stdout == f"unset IMAGEMAGICK_HOME; IDENTIFY_PATH={tool}\n"


def test_a_broken_bundle_is_not_left_in_the_applications_way(tmp_path: Path) -> None:
    tool = install(tmp_path / "identify")
    found = ensure(tmp_path, "--env", IMAGEMAGICK_HOME=str(tmp_path / "none"))
    assert found.stdout == f"unset IMAGEMAGICK_HOME; IDENTIFY_PATH={tool}\n"


@pytest.mark.parametrize(
    ("version", "formats", "reason"),
    [
        ("Version: ImageMagick 6.8.9-9 Q16", FORMATS, "too old"),
        ("GraphicsMagick 1.4 Q16", FORMATS, "is not ImageMagick"),
        (VERSION, FORMATS.replace("AVIF* HEIC      rw+", "AVIF* HEIC      -w+"), "cannot read AVIF"),
    ],
    ids=["old", "another program", "without a format"],
)
def test_an_unfit_tool_is_passed_over_with_the_reason(
    tmp_path: Path, version: str, formats: str, reason: str
) -> None:
    install(tmp_path / "identify", version, formats)
    tool = install(tmp_path / "magick")
    found = ensure(tmp_path)
    assert reason in found.stderr
    assert found.stdout.startswith(str(tool))


def test_where_nothing_can_be_set_up_the_user_is_told_what_to_install(tmp_path: Path) -> None:
    found = ensure(tmp_path)
    assert found.returncode == 1
    assert found.stdout == ""
    assert "brew install imagemagick" in found.stderr
    assert "apt-get install imagemagick" in found.stderr


def test_root_installs_the_package_where_apt_get_is(tmp_path: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("needs root, as the installation itself does")
    template = install(tmp_path / "stand-in")
    apt_get = tmp_path / "bin/apt-get"
    apt_get.parent.mkdir()
    on_install = f"/bin/cp {template} {apt_get.parent}/identify"
    apt_get.write_text(f'#!/bin/sh\ncase "$*" in *install*) {on_install} ;; *) exit 100 ;; esac\n')
    apt_get.chmod(0o755)
    assert (
        ensure(apt_get.parent, "--env").stdout
        == f"unset IMAGEMAGICK_HOME; IDENTIFY_PATH={apt_get.parent}/identify\n"
    )


def with_imagemagick(path: Path, *command: str, **environment: str) -> subprocess.CompletedProcess[str]:
    venv = path / "venv"
    (venv / "bin").mkdir(parents=True)
    (venv / "bin/python").symlink_to(sys.executable)
    return subprocess.run(
        [str(SCRIPT.parent / "with-imagemagick"), *command],
        env={"PATH": f"{path}:/usr/bin:/bin", "VENV": str(venv), **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_command_only_runs_with_the_setting(tmp_path: Path) -> None:
    tool = install(tmp_path / "own version" / "identify")
    environment = {"IDENTIFY_PATH": str(tool), "IMAGEMAGICK_HOME": str(tmp_path / "none")}
    ran = with_imagemagick(tmp_path, "env", **environment)
    assert f"IDENTIFY_PATH={tool}\n" in ran.stdout
    assert "IMAGEMAGICK_HOME" not in ran.stdout


def test_a_commands_arguments_and_status_are_its_own(tmp_path: Path) -> None:
    install(tmp_path / "identify")
    ran = with_imagemagick(tmp_path, "sh", "-c", 'echo "$1"; exit 7', "sh", "two  words")
    assert (ran.stdout, ran.returncode) == ("two  words\n", 7)


def test_without_an_imagemagick_the_command_does_not_run(tmp_path: Path) -> None:
    broken = tmp_path / "venv/bin/python"
    broken.parent.mkdir(parents=True)
    broken.write_text("#!/bin/sh\nexit 1\n")
    broken.chmod(0o755)
    ran = subprocess.run(
        [str(SCRIPT.parent / "with-imagemagick"), "touch", str(tmp_path / "trace")],
        env={"PATH": "/usr/bin:/bin", "VENV": str(tmp_path / "venv")},
        check=False,
    )
    assert ran.returncode == 1
    assert not (tmp_path / "trace").exists()
