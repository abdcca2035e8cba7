"""Building ImageMagick's layer on this machine or in Docker, or downloading it from a release."""

import hashlib
import io
import json
import zipfile
from pathlib import Path

import pytest
from scripts.package_layer import LayerError, package_layer

from tests.support.stand_in_docker import StandInDocker


def layer_for(arch: str) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("imagemagick/MANIFEST.json", json.dumps({"architecture": arch}))
    return content.getvalue()


def release(
    folder: Path, content: bytes, monkeypatch: pytest.MonkeyPatch, checksum: str | None = None
) -> Path:
    """Publish a layer, and ask for it."""
    published = folder / "published.zip"
    published.write_bytes(content)
    monkeypatch.setenv("LAYER_URL", published.as_uri())
    monkeypatch.setenv("LAYER_SHA256", checksum or hashlib.sha256(content).hexdigest())
    return published


@pytest.fixture(autouse=True)
def _no_release(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LAYER_URL", raising=False)


def test_without_apt_it_is_built_in_a_container(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    StandInDocker(tmp_path, monkeypatch)
    output = tmp_path / "dist" / "imagemagick-arm64.zip"

    package_layer("arm64", output, locked=True)

    module, arguments, name, _ = json.loads(output.read_text())
    assert (module, name) == ("layers.imagemagick.build", output.name)
    assert arguments == ["--arch", "arm64", "--locked"]


def test_without_a_daemon_the_message_says_that_docker_failed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    StandInDocker(tmp_path, monkeypatch).fail()

    with pytest.raises(LayerError, match="docker could not build"):
        package_layer("arm64", tmp_path / "layer.zip", locked=False)


def test_without_apt_and_docker_the_message_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(LayerError, match=r"apt-get is needed .* install Docker or Podman.* LAYER_URL"):
        package_layer("arm64", tmp_path / "layer.zip", locked=False)


def test_a_releases_layer_is_taken_by_its_checksum(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    output = tmp_path / "dist" / "imagemagick-arm64.zip"
    published = release(tmp_path, layer_for("arm64"), monkeypatch)

    package_layer("arm64", output, locked=False)
    assert output.read_bytes() == published.read_bytes()

    published.unlink()
    package_layer("arm64", output, locked=False)  # it is there already
    assert output.read_bytes() == layer_for("arm64")


@pytest.mark.parametrize(
    ("content", "checksum", "said"),
    [
        (layer_for("arm64"), "0" * 64, "not LAYER_SHA256"),
        (layer_for("arm64"), "none", "64 hexadecimal digits"),
        (layer_for("x86_64"), None, "not a layer for arm64, but x86_64"),
        (b"<html>Not found</html>", None, "but something else"),
    ],
    ids=["other bytes", "no checksum", "other processor", "no layer"],
)
def test_any_other_layer_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: bytes, checksum: str | None, said: str
) -> None:
    output = tmp_path / "layer.zip"
    release(tmp_path, content, monkeypatch, checksum)

    with pytest.raises(LayerError, match=said):
        package_layer("arm64", output, locked=False)

    assert not output.exists()


@pytest.mark.parametrize("url", ["http://releases.test/layer.zip", "ftp://releases.test/layer.zip"])
def test_a_release_is_not_downloaded_without_tls(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    release(tmp_path, layer_for("arm64"), monkeypatch)
    monkeypatch.setenv("LAYER_URL", url)

    with pytest.raises(LayerError, match="https://"):
        package_layer("arm64", tmp_path / "layer.zip", locked=False)


def test_a_release_that_is_not_there_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    release(tmp_path, layer_for("arm64"), monkeypatch).unlink()

    with pytest.raises(LayerError, match=r"published\.zip cannot be read"):
        package_layer("arm64", tmp_path / "layer.zip", locked=False)
