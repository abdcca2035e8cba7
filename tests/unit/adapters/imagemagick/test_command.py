"""Where ``identify`` and ``convert`` are found."""

from pathlib import Path

import pytest

from adapters.imagemagick.command import (
    POLICY_DIRECTORY,
    RENDERING_POLICY_DIRECTORY,
    ImageMagickNotFound,
    locate_convert,
    locate_identify,
)


def executable(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("#!/bin/sh\n")
    path.chmod(0o755)
    return path


def test_a_bundle_is_started_by_its_own_loader_with_its_own_libraries(tmp_path: Path) -> None:
    executable(tmp_path / "lib" / "ld.so")
    executable(tmp_path / "bin" / "identify")

    command = locate_identify(imagemagick_home=tmp_path, identify_path=Path("/ignored"))

    assert command.arguments == (
        f"{tmp_path}/lib/ld.so", "--library-path", f"{tmp_path}/lib", f"{tmp_path}/bin/identify"
    )  # fmt: skip
    assert command.environment == {
        "MAGICK_CODER_MODULE_PATH": f"{tmp_path}/coders",
        "MAGICK_CONFIGURE_PATH": f"{POLICY_DIRECTORY}:{tmp_path}/etc",
        "XDG_CONFIG_HOME": str(POLICY_DIRECTORY.parent),
    }


@pytest.mark.parametrize("present", ["lib/ld.so", "bin/identify"])
def test_a_bundle_that_lacks_a_part_is_not_used(tmp_path: Path, present: str) -> None:
    executable(tmp_path / present)

    with pytest.raises(ImageMagickNotFound, match="missing from the ImageMagick bundle"):
        locate_identify(imagemagick_home=tmp_path)


def test_a_named_binary_is_used(tmp_path: Path) -> None:
    binary = executable(tmp_path / "identify-im6")

    command = locate_identify(identify_path=binary)

    assert command.arguments == (str(binary),)
    assert command.environment == {
        "MAGICK_CONFIGURE_PATH": str(POLICY_DIRECTORY),
        "XDG_CONFIG_HOME": str(POLICY_DIRECTORY.parent),
    }


def test_magick_is_given_its_subcommand(tmp_path: Path) -> None:
    binary = executable(tmp_path / "magick")

    assert locate_identify(identify_path=binary).arguments == (str(binary), "identify")


def test_a_named_binary_that_is_missing_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ImageMagickNotFound, match="is not an executable file"):
        locate_identify(identify_path=tmp_path / "identify")


def test_the_path_is_searched_for_identify_and_then_magick(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ImageMagickNotFound, match="install ImageMagick"):
        locate_identify()

    magick = executable(tmp_path / "magick")
    assert locate_identify().arguments == (str(magick), "identify")

    identify = executable(tmp_path / "identify")
    assert locate_identify().arguments == (str(identify),)


def test_the_policies_are_there() -> None:
    assert (POLICY_DIRECTORY / "policy.xml").is_file()
    assert (RENDERING_POLICY_DIRECTORY / "policy.xml").is_file()


def test_a_bundle_converts_with_the_same_program_under_another_name(tmp_path: Path) -> None:
    executable(tmp_path / "lib" / "ld.so")
    executable(tmp_path / "bin" / "identify")

    command = locate_convert(imagemagick_home=tmp_path, identify_path=Path("/ignored"))

    assert command.arguments == (
        f"{tmp_path}/lib/ld.so", "--argv0", "magick", "--library-path", f"{tmp_path}/lib",
        f"{tmp_path}/bin/identify",
    )  # fmt: skip
    assert command.environment == {
        "MAGICK_CODER_MODULE_PATH": f"{tmp_path}/coders",
        "LIBHEIF_PLUGIN_PATH": f"{tmp_path}/decoders",
        "MAGICK_CONFIGURE_PATH": str(RENDERING_POLICY_DIRECTORY),
        "XDG_CONFIG_HOME": str(RENDERING_POLICY_DIRECTORY.parent),
    }


@pytest.mark.parametrize("name", ["identify", "identify-im6.q16", "magick"])
def test_an_installed_convert_is_the_one_of_the_same_imagemagick(tmp_path: Path, name: str) -> None:
    binary = executable(tmp_path / name)
    beside = executable(tmp_path / name.replace("identify", "convert"))

    command = locate_convert(identify_path=binary)

    assert command.arguments == (str(beside),)
    assert command.environment["MAGICK_CONFIGURE_PATH"] == str(RENDERING_POLICY_DIRECTORY)


@pytest.mark.parametrize("name", ["identify", "another-name"])
def test_an_identify_without_a_convert_is_an_error(tmp_path: Path, name: str) -> None:
    with pytest.raises(ImageMagickNotFound, match="no convert beside"):
        locate_convert(identify_path=executable(tmp_path / name))
