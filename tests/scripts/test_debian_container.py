"""Building in Docker, with a stand-in for Docker that runs its commands here."""

import json
import re
from pathlib import Path

import pytest
from scripts.debian_container import IMAGE, ContainerError, build_in_container, container_program
from scripts.package_functions import NoCompiler, build_here_or_in_container

from scripts import package_functions
from tests.support.stand_in_docker import StandInDocker

LAYER_BUILD = "layers.imagemagick.build"


@pytest.fixture
def docker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> StandInDocker:
    return StandInDocker(tmp_path, monkeypatch)


def program() -> str:
    found = container_program()
    assert found
    return found


def built(output: Path) -> tuple[str, list[str], str, list[str]]:
    module, arguments, name, files = json.loads(output.read_text())
    return module, arguments, name, files


def test_the_image_is_pinned_by_digest() -> None:
    assert re.fullmatch(r"docker\.io/library/debian@sha256:[0-9a-f]{64}", IMAGE)


def test_a_program_gets_its_sources_and_its_output_comes_back(
    docker: StandInDocker, tmp_path: Path
) -> None:
    output = tmp_path / "dist" / "layer.zip"

    build_in_container(program(), LAYER_BUILD, ["--arch", "arm64"], output)

    module, arguments, name, files = built(output)
    assert (module, arguments, name) == (LAYER_BUILD, ["--arch", "arm64"], "layer.zip")
    assert {
        "layers/imagemagick/packages.lock.json",
        "openapi.json",
        "requirements/runtime.txt",
        "src/adapters/imagemagick/policy/ImageMagick/policy.xml",
        "src/entrypoints/functions/users.py",
    } <= set(files)
    assert not [file for file in files if file.startswith((".", "terraform", "tests"))]
    assert docker.arguments == ["run", "--rm", "--interactive", IMAGE]
    assert "update" in docker.installed
    assert [path.name for path in output.parent.iterdir()] == ["layer.zip"]


def test_the_settings_of_the_build_are_passed_on(
    docker: StandInDocker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LAYER_MIRROR", "http://mirror.test/debian")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")

    build_in_container(program(), LAYER_BUILD, [], tmp_path / "dist" / "layer.zip")

    settings = [argument for argument in docker.arguments if argument.startswith("--env")]
    assert "--env=LAYER_MIRROR" in settings
    assert "secret" not in " ".join(docker.arguments)
    assert "AWS" not in " ".join(settings)


def test_what_fails_leaves_what_was_there(docker: StandInDocker, tmp_path: Path) -> None:
    docker.fail()
    output = tmp_path / "layer.zip"
    output.write_bytes(b"before")

    with pytest.raises(ContainerError, match=r"docker could not build layer\.zip"):
        build_in_container(program(), LAYER_BUILD, [], output)

    assert output.read_bytes() == b"before"
    assert not (tmp_path / "layer.zip.partial").exists()


def test_podman_does_as_well(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    podman = tmp_path / "podman"
    podman.touch(mode=0o755)
    monkeypatch.setenv("PATH", str(tmp_path))

    assert container_program() == str(podman)


@pytest.fixture
def no_compiler(monkeypatch: pytest.MonkeyPatch) -> None:
    def build(*_: object) -> None:
        raise NoCompiler("There is no Python 3.13")

    monkeypatch.setattr(package_functions, "build", build)


@pytest.mark.usefixtures("no_compiler")
def test_functions_that_cannot_be_compiled_here_are_packaged_in_a_container(
    docker: StandInDocker, tmp_path: Path
) -> None:
    output = tmp_path / "functions.zip"

    build_here_or_in_container("arm64", "3.13", output)

    module, arguments, name, _ = built(output)
    assert (module, name) == ("scripts.package_functions", "functions.zip")
    assert arguments == ["--arch", "arm64", "--python", "3.13"]


@pytest.mark.usefixtures("no_compiler", "docker")
@pytest.mark.parametrize(("arch", "python"), [("arm64", "3.12"), ("local", "3.13")])
def test_what_debian_has_no_python_for_is_refused(arch: str, python: str, tmp_path: Path) -> None:
    with pytest.raises(NoCompiler):
        build_here_or_in_container(arch, python, tmp_path / "functions.zip")


@pytest.mark.usefixtures("no_compiler")
def test_without_docker_the_user_is_told_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(NoCompiler, match=r"Install python3\.13, or Docker or Podman"):
        build_here_or_in_container("arm64", "3.13", tmp_path / "functions.zip")
