"""The functions' deployment package, for Lambda and for an emulator on this machine."""

import _imp
import marshal
import os
import re
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from types import CodeType

import pytest
from scripts.package_functions import DEFAULT_PYTHON, LOCAL, MAX_ZIPPED_BYTES, PackageError, build

from scripts import package_functions
from tests.support.packages import functions_package

pytestmark = pytest.mark.timeout(600)

ELF_MACHINES = {"arm64": 183, "x86_64": 62}
"""The field e_machine of an ELF header: EM_AARCH64 and EM_X86_64."""

MAGIC_NUMBER_OF_3_13 = (3571).to_bytes(2, "little") + b"\r\n"

HANDLERS = ("users", "images", "web", "ingest", "render", "events", "triggers")

SETTINGS = {
    "AWS_DEFAULT_REGION": "eu-central-1",
    "IMAGES_BUCKET": "images",
    "RECORDS_TABLE": "records",
    "USER_POOL_CLIENT_ID": "client",
    "USER_POOL_ID": "eu-central-1_pool",
}


@pytest.fixture(scope="module", params=list(ELF_MACHINES))
def architecture(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def package(architecture: str, tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    return zipfile.ZipFile(functions_package(architecture, tmp_path_factory))


@pytest.fixture(scope="module")
def local_package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return functions_package(LOCAL, tmp_path_factory)


def test_extension_modules_are_for_the_functions_python_and_processor(
    architecture: str, package: zipfile.ZipFile
) -> None:
    modules = [name for name in package.namelist() if name.endswith(".so")]

    assert any(name.startswith("pydantic_core/") for name in modules)
    for name in modules:
        assert "cpython-313-" in name or ".abi3." in name
        header = package.read(name)[:20]
        assert int.from_bytes(header[18:20], "little") == ELF_MACHINES[architecture], name


def test_it_holds_what_the_functions_need(package: zipfile.ZipFile) -> None:
    names = set(package.namelist())

    assert {f"entrypoints/functions/{handler}.py" for handler in HANDLERS} <= names
    assert "openapi.json" in names
    assert {f"web/{path.relative_to('web')}" for path in Path("web").rglob("*.*")} <= names
    assert "adapters/imagemagick/policy/ImageMagick/policy.xml" in names
    assert "adapters/imagemagick/reference_images/reference.heic" in names
    assert "adapters/imagemagick/rendering_policy/ImageMagick/policy.xml" in names
    assert "adapters/imagemagick/color_profiles/srgb.jpg" in names
    assert any(name.endswith("/swagger-ui-bundle.min.js") for name in names)
    described = {name.split("/")[2] for name in names if re.match("botocore/data/[^/]+/", name)}
    assert described == {"cognito-idp", "dynamodb", "events", "s3", "sqs", "sts"}


def test_it_holds_nothing_else(package: zipfile.ZipFile) -> None:
    names = package.namelist()

    assert not [name for name in names if name.endswith((".c", ".h", ".pyi", ".pyx"))]
    assert not [name for name in names if "/tests/" in name]
    left_out = ("entrypoints/event_schemas", "entrypoints/local/", "entrypoints/openapi/")
    assert not [name for name in names if name.startswith(left_out)]
    roots = {name.split("/")[0] for name in names}
    assert roots.isdisjoint({"bin", "cryptography", "hypercorn", "ministack", "starlette"})
    assert sum(entry.compress_size for entry in package.infolist()) < MAX_ZIPPED_BYTES


def test_every_module_has_bytecode_that_is_taken_without_a_look_at_the_source(
    package: zipfile.ZipFile,
) -> None:
    names = package.namelist()
    modules = {name for name in names if name.endswith(".py")}
    compiled = {name for name in names if name.endswith(".pyc")}

    assert "entrypoints/functions/users.py" in modules
    assert compiled == {
        re.sub(r"([^/]+)\.py$", r"__pycache__/\1.cpython-313.pyc", module) for module in modules
    }
    magic = {package.read(name)[:4] for name in compiled}
    assert magic == {MAGIC_NUMBER_OF_3_13}
    key = int.from_bytes(MAGIC_NUMBER_OF_3_13, "little")
    for module in modules:
        bytecode = package.read(re.sub(r"([^/]+)\.py$", r"__pycache__/\1.cpython-313.pyc", module))
        # https://peps.python.org/pep-0552/: unchecked hash-based.
        assert int.from_bytes(bytecode[4:8], "little") == 0b01, module
        assert bytecode[8:16] == _imp.source_hash(key, package.read(module)), module


def test_every_dependency_keeps_its_licence(package: zipfile.ZipFile) -> None:
    names = package.namelist()
    distributions = {name.split("/")[0] for name in names if ".dist-info/" in name}

    assert distributions
    for distribution in distributions:
        own = [name.upper() for name in names if name.startswith(f"{distribution}/")]
        assert any("LICENSE" in name or "COPYING" in name for name in own), distribution


def test_the_same_inputs_give_the_same_bytes(local_package: Path, tmp_path: Path) -> None:
    again = tmp_path / "functions.zip"
    build(LOCAL, DEFAULT_PYTHON, again, cache=tmp_path / "cache")

    assert again.read_bytes() == local_package.read_bytes()


def code_of(code: CodeType) -> Iterator[CodeType]:
    yield code
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from code_of(constant)


def test_tracebacks_name_files_where_lambda_unpacks_them(local_package: Path) -> None:
    with zipfile.ZipFile(local_package) as archive:
        compiled = [name for name in archive.namelist() if name.startswith("domain/shared/__pycache__/")]
        bytecode = {name: archive.read(name) for name in compiled}

    assert bytecode
    named = {
        code.co_filename for content in bytecode.values() for code in code_of(marshal.loads(content[16:]))
    }
    assert {name.rpartition("/")[0] for name in named} == {"/var/task/domain/shared"}


@pytest.mark.parametrize("handler", HANDLERS)
def test_a_handler_is_only_found_in_the_package(local_package: Path, tmp_path: Path, handler: str) -> None:
    with zipfile.ZipFile(local_package) as archive:
        archive.extractall(tmp_path)
    # -I and -S leave only the standard library of this machine's environment.
    script = (
        f"import sys; sys.path.insert(0, {str(tmp_path)!r}); "
        f"import entrypoints.functions.{handler} as module; "
        f"assert callable(module.handler); print(module.__file__)"
    )

    result = subprocess.run(
        [sys.executable, "-I", "-S", "-W", "error", "-c", script],
        env={"PATH": os.environ["PATH"], **SETTINGS},
        capture_output=True,
        text=True,
        check=False,
    )

    assert result.stdout.strip() == str(tmp_path / "entrypoints" / "functions" / f"{handler}.py"), (
        result.stderr
    )


def unpack_small_dependency(target: Path, _arch: str, _python: str) -> None:
    (target / "botocore" / "data").mkdir(parents=True)


def test_dependencies_are_unpacked_once_for_the_same_versions(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    unpacked: list[str] = []

    def counted(target: Path, arch: str, python: str) -> None:
        unpacked.append(arch)
        unpack_small_dependency(target, arch, python)

    monkeypatch.setattr(package_functions, "install_dependencies", counted)
    requirements = tmp_path / "requirements.txt"
    monkeypatch.setattr(package_functions, "REQUIREMENTS", requirements)
    for content in ("a==1", "a==1", "a==2", "a==2"):
        requirements.write_text(content)
        build(LOCAL, DEFAULT_PYTHON, tmp_path / "functions.zip", cache=tmp_path / "cache")

    assert len(unpacked) == 2
    assert len(list((tmp_path / "cache").iterdir())) == 1


def test_a_python_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(PackageError, match=r"python3\.99 is needed"):
        build("arm64", "3.99", tmp_path / "functions.zip")


def test_a_package_over_the_limit_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(package_functions, "install_dependencies", unpack_small_dependency)
    monkeypatch.setattr(package_functions, "MAX_ZIPPED_BYTES", 1000)

    with pytest.raises(PackageError, match="may have"):
        build(LOCAL, DEFAULT_PYTHON, tmp_path / "functions.zip", cache=tmp_path / "cache")

    assert not (tmp_path / "functions.zip").exists()
