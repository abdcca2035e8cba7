"""The ImageMagick layer is self-contained: it runs in an otherwise empty file system."""

import hashlib
import json
import os
import platform
import shutil
import subprocess
import zipfile
from pathlib import Path

import pytest
from layers.imagemagick import build, bundle, debian
from layers.imagemagick.debian import BuildError
from PIL import Image

from adapters.imagemagick.command import RENDERING_POLICY_DIRECTORY, locate_convert
from adapters.imagemagick.reference_image import reference_image
from domain.shared.image_format import ImageFormat
from tests.support.availability import unavailable
from tests.support.image_factory import Photo, photos
from tests.support.packages import MACHINES, OWN_ARCHITECTURE, imagemagick_layer, layer_packages, unpack

ROOT = Path(__file__).resolve().parents[2]
LAYER_BUDGET_BYTES = 40_000_000
CODERS = {"avif": "heic"}
PHOTOS = photos()

pytestmark = pytest.mark.timeout(600)  # packages may have to be downloaded first


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.fixture(scope="session", params=sorted(bundle.ARCHITECTURES))
def layer(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The layer's zip file."""
    return imagemagick_layer(request.param, tmp_path_factory)


@pytest.fixture(scope="session")
def opt(layer: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The layer, unpacked as by AWS Lambda into ``opt`` of an otherwise empty root."""
    return unpack(layer, tmp_path_factory.mktemp("root") / "opt")


@pytest.fixture(scope="session")
def launcher(opt: Path, tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """The command that starts the layer's programs in its root; empty if they are for this processor."""
    arch = json.loads((opt / "imagemagick/MANIFEST.json").read_text())["architecture"]
    if arch == OWN_ARCHITECTURE:
        return []
    name = f"qemu-{MACHINES[arch]}"
    found = shutil.which(f"{name}-static")
    if found is None and os.environ.get("REQUIRE_ALL") != "1":
        pytest.skip(
            f"{name}-static (Debian's package qemu-user-static) is needed to run the {arch} layer here"
        )
    program = Path(found) if found else downloaded_emulator(name, tmp_path_factory.mktemp("emulator"))
    shutil.copy(program, opt.parent / "launcher")
    return ["/launcher"]


def downloaded_emulator(name: str, folder: Path) -> Path:
    """QEMU's user-mode emulator from Debian, without installing it."""
    if OWN_ARCHITECTURE is None:
        unavailable(f"no emulator is known for {platform.machine()}")
    own = bundle.ARCHITECTURES[OWN_ARCHITECTURE].debian
    folder_of_apt = ROOT / ".local/debian" / f"emulator-{own}"
    try:
        downloaded = debian.download(["qemu-user"], own, folder_of_apt, debian.machine_mirrors())
    except BuildError as error:
        unavailable(f"{name} cannot be downloaded: {error}")
    next(package for package in downloaded if package.name == "qemu-user").unpack(folder)
    return folder / "usr/bin" / name


HOME = "/opt/imagemagick"


def identify(root: Path, launcher: list[str], *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the layer's ``identify`` as the functions do, in a root with nothing but the layer."""
    program = [f"{HOME}/lib/ld.so", "--library-path", f"{HOME}/lib", f"{HOME}/bin/identify"]
    return run_in(root, [*launcher, *program, *arguments], {"MAGICK_CONFIGURE_PATH": f"{HOME}/etc"})


def convert(root: Path, launcher: list[str], *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the layer's ``convert`` as the functions do, in the same way."""
    command = locate_convert(imagemagick_home=root / HOME[1:])
    policy = root / "policy"
    shutil.copytree(RENDERING_POLICY_DIRECTORY, policy, dirs_exist_ok=True)
    program = [argument.replace(str(root), "") for argument in command.arguments]
    variables = {"MAGICK_CONFIGURE_PATH": "/policy", "LIBHEIF_PLUGIN_PATH": f"{HOME}/decoders"}
    return run_in(root, [*launcher, *program, *arguments], variables)


def run_in(root: Path, program: list[str], variables: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """Run a program in a root with nothing but the layer."""
    enter = (
        ["chroot", str(root)]
        if os.geteuid() == 0
        else ["unshare", "--user", "--map-root-user", f"--root={root}", "--wd=/"]
    )
    return subprocess.run(
        [*enter, *program],
        env={"PATH": os.environ["PATH"], "MAGICK_CODER_MODULE_PATH": f"{HOME}/coders", **variables},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="session")
def root(opt: Path, launcher: list[str]) -> Path:
    """A root directory in which ``identify`` can run."""
    started = identify(opt.parent, launcher, "-version")
    if started.returncode != 0 and "unshare" in started.stderr:
        unavailable(f"neither root nor a user namespace to enter another root: {started.stderr.strip()}")
    assert started.stdout.startswith("Version: ImageMagick 7."), started.stderr
    return opt.parent


@pytest.mark.parametrize("image", PHOTOS, ids=[photo.name for photo in PHOTOS])
def test_every_image_is_read_in_an_otherwise_empty_root(
    root: Path, launcher: list[str], image: Photo
) -> None:
    (root / "image").write_bytes(image.content)
    coder = CODERS.get(image.format, image.format)
    result = identify(root, launcher, "-ping", "-format", "%m %w %h", f"{coder}:/image[0]")
    assert result.returncode == 0, result.stderr
    name, *sides = result.stdout.split()
    assert name == image.format.upper()
    # Unlike the other decoders, libheif has applied the image's orientation.
    assert sorted(map(int, sides)) == sorted(
        (image.expected.image["width"], image.expected.image["height"])
    )


@pytest.mark.parametrize(
    "source",
    ["svg:/image", "mvg:/image", "text:/image", "https://127.0.0.1:1/a.png", "@/image", "pdf:/image"],
)
def test_nothing_but_the_allowed_formats_is_read(root: Path, launcher: list[str], source: str) -> None:
    (root / "image").write_text('<svg xmlns="http://www.w3.org/2000/svg" width="7" height="5"/>')
    result = identify(root, launcher, "-ping", "-format", "%m %w %h\n", source)
    assert result.returncode != 0
    assert result.stdout == ""


@pytest.mark.parametrize("image_format", ImageFormat)
def test_every_format_is_decoded_and_written_as_webp_in_an_otherwise_empty_root(
    root: Path, launcher: list[str], image_format: ImageFormat
) -> None:
    shutil.copy(reference_image(image_format), root / "image")
    coder = CODERS.get(image_format.value, image_format.value)
    result = convert(root, launcher, f"{coder}:/image[0]", "-resize", "16x16>", "webp:/rendition")
    assert result.returncode == 0, result.stderr
    with Image.open(root / "rendition") as rendition:
        assert (rendition.format, max(rendition.size)) == ("WEBP", 16)
    (root / "rendition").unlink()


def test_every_needed_library_is_in_the_layer(opt: Path) -> None:
    home = opt / "imagemagick"
    assert bundle.missing_libraries(home) == set()
    (home / "lib/libz.so.1").rename(opt / "aside")
    try:
        assert bundle.missing_libraries(home) == {"libz.so.1"}
    finally:
        (opt / "aside").rename(home / "lib/libz.so.1")


def test_the_layer_has_only_the_coders_of_the_allowed_formats(opt: Path) -> None:
    coders = {path.stem for path in (opt / "imagemagick/coders").iterdir()}
    assert coders == {"gif", "heic", "jpeg", "png", "tiff", "webp"}


def test_the_layers_policy_is_that_of_the_functions(opt: Path) -> None:
    own = ROOT / "src/adapters/imagemagick/policy/ImageMagick/policy.xml"
    assert (opt / "imagemagick/etc/policy.xml").read_bytes() == own.read_bytes()
    assert [path.name for path in (opt / "imagemagick/etc").iterdir()] == ["policy.xml"]


def test_the_manifest_accounts_for_every_file_from_a_package(opt: Path) -> None:
    home = opt / "imagemagick"
    manifest = json.loads((home / "MANIFEST.json").read_text())
    listed = [name for package in manifest["packages"] for name in package["files"]]
    present = [
        path.relative_to(home).as_posix()
        for folder in ("bin", "lib", "coders", "decoders")
        for path in (home / folder).iterdir()
    ]
    assert sorted(listed) == sorted(present)
    for package in manifest["packages"]:
        assert package["version"]
        assert package["source_version"]
        assert package["licenses"]
        assert (home / package["license_file"]).stat().st_size > 0


def test_the_licence_texts_that_copyright_files_cite_are_in_the_layer(opt: Path) -> None:
    texts = {path.name for path in (opt / "imagemagick/licenses/common-licenses").iterdir()}
    assert {"GPL-3", "LGPL-2.1", "LGPL-3"} <= texts


def test_the_decoders_of_heic_and_avif_come_with_their_licences(opt: Path) -> None:
    manifest = json.loads((opt / "imagemagick/MANIFEST.json").read_text())
    licences = {package["name"]: set(package["licenses"]) for package in manifest["packages"]}
    assert "LGPL-3+" in licences["libde265-0"]
    assert "BSD-2-clause" in licences["libdav1d7"]
    assert "LGPL-3+" in licences["libheif-plugin-libde265"] & licences["libheif-plugin-dav1d"]


def test_the_layer_leaves_room_for_the_functions(layer: Path) -> None:
    with zipfile.ZipFile(layer) as archive:
        assert sum(entry.file_size for entry in archive.infolist()) < LAYER_BUDGET_BYTES
        assert all(entry.filename.startswith("imagemagick/") for entry in archive.infolist())


@pytest.mark.parametrize("layer", ["arm64"], indirect=True)  # one is enough: it is built again
def test_the_same_packages_give_the_same_bytes(layer: Path, tmp_path: Path) -> None:
    again = tmp_path / "again.zip"
    build.build(build.parse_arguments(["--arch", "arm64", "--output", str(again)]), layer_packages("arm64"))
    assert sha256(again) == sha256(layer)


def test_an_archive_without_a_valid_signature_is_refused(tmp_path: Path) -> None:
    if not (shutil.which("apt-get") and debian.KEYRING.exists()):
        unavailable("apt and Debian's archive keyring are not installed")
    for suite in ("trixie", "trixie-updates", "trixie-security"):
        binaries = tmp_path / "mirror/dists" / suite / "main/binary-amd64"
        binaries.mkdir(parents=True)
        (binaries / "Packages").write_text("")
        (binaries.parents[1] / "Release").write_text(
            f"Suite: {suite}\nCodename: {suite}\nComponents: main\n"
        )
    mirror = f"file:{tmp_path / 'mirror'}"
    with pytest.raises(BuildError, match="not signed"):
        debian.download(["base-files"], "amd64", tmp_path / "apt", debian.Mirrors(mirror, mirror))
