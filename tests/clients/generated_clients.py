"""Generated clients compile and work, and other tools can read openapi.json.

`make test-clients` runs this. Java (a JDK), npm and the generators in `.local/clients` are needed.
"""

import json
import os
import re
import shutil
import subprocess
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from tests.integration.backend import Backend
from tests.integration.users import PASSWORD, new_email
from tests.support.availability import unavailable
from tests.support.image_factory import photo

HERE = Path(__file__).parent
DESCRIPTION = Path("openapi.json").resolve()
GENERATORS = Path(".local/clients").resolve()
NODE_MODULES = HERE / "node_modules"
JARS = [Path("/usr/share/java") / f"{name}.jar" for name in ("httpmime", "jakarta-annotation-api")]
"""What a generated client in Java needs, and openapi-generator does not bring along itself."""

NOT_OURS = (
    "OpenAPI 3.1 support is still in beta",
    # Said of every enumeration in Python.
    "Failed to get the schema name: null",
    # Said of every request body with an example, which its clients in Java have no place for.
    "Ignoring complex example on request body",
)
"""Warnings of openapi-generator about itself."""

OPTIONS: dict[str, dict[str, Any]] = {
    "python": {"packageName": "images_client"},
    "typescript-fetch": {"importFileExtension": ".js"},
    "java": {
        "library": "native",
        "useJakartaEe": True,
        "openApiNullable": False,
        "useSingleRequestParameter": True,
    },
    "kotlin": {},
}

GUIDE = Path("docs/clients.md").read_text(encoding="utf-8")

pytestmark = pytest.mark.timeout(600)
PHOTO = photo("jpeg-complete.jpg")


def run(
    *command: str | Path, folder: Path | None = None, environment: Mapping[str, str] | None = None
) -> str:
    """What a program prints; the test fails if it fails."""
    result = subprocess.run(
        command,
        cwd=folder,
        env={**os.environ, **(environment or {})},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        timeout=300,
    )
    assert result.returncode == 0, result.stdout
    return result.stdout


def written(value: Any) -> str:
    """The value of a generator's option as on a command line."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def needed(program: str) -> str:
    found = shutil.which(program)
    if found is None:
        unavailable(f"{program} is missing; make test-clients says what is needed")
    return found


def of_generators(program: str) -> Path:
    path = GENERATORS / "bin" / program
    if not path.exists():
        unavailable(f"{program} is not installed; make test-clients installs it")
    return path


def of_node(program: str) -> Path:
    needed("node")
    path = NODE_MODULES / ".bin" / program
    if not path.exists():
        unavailable(f"{program} is not installed; make test-clients installs it")
    return path


@pytest.fixture(scope="session")
def jar() -> Path:
    """openapi-generator."""
    needed("java")
    of_generators("openapi-generator-cli")
    [found] = GENERATORS.rglob("openapi-generator.jar")
    return found


@pytest.fixture(scope="session")
def generate(jar: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Generates a client in a language with openapi-generator, without a warning."""

    def generated(language: str) -> Path:
        target = tmp_path_factory.mktemp("generated") / language
        options = ",".join(f"{name}={written(value)}" for name, value in OPTIONS[language].items())
        assert f"-g {language} -o " in GUIDE
        assert not options or f"--additional-properties {options}`" in GUIDE
        properties = "apiDocs=false,modelDocs=false,apiTests=false,modelTests=false"
        said = run(
            *("java", "-jar", jar, "generate", "-i", DESCRIPTION, "-g", language, "-o", target),
            *("--additional-properties", options or "sortParamsByRequiredFlag=true"),
            *("--global-property", properties),
        )
        assert [
            line
            for line in said.splitlines()
            if ("WARN" in line or "ERROR" in line) and not any(known in line for known in NOT_OURS)
        ] == []
        return target

    return generated


def assert_works(backend: Backend, command: Sequence[str | Path], tmp_path: Path, **options: Any) -> None:
    """Run a client's program, and check what it saw."""
    email = new_email()
    file = tmp_path / "a photo.jpg"
    file.write_bytes(PHOTO.content)
    run(*command, "register", backend.api_url, email, PASSWORD, **options)
    code = backend.mailed_code(email)
    said = run(*command, "use", backend.api_url, email, PASSWORD, code, file, **options)

    seen = json.loads(said.splitlines()[-1])
    assert seen["uploaded"] == seen["listed"]
    assert seen == {
        "status": "signed-in",
        "uploaded": seen["uploaded"],
        "filename": "a photo.jpg",
        "listed": seen["listed"],
        "camera": seen["camera"],
        "size": len(PHOTO.content),
        "afterwards": "image-not-found",
    }
    assert seen["camera"]


def test_python(backend: Backend, generate: Callable[[str], Path], tmp_path: Path) -> None:
    client = generate("python")
    command = (of_generators("python"), HERE / "journeys/journey.py")

    assert_works(backend, command, tmp_path, environment={"PYTHONPATH": str(client)})


def test_openapi_python_client(backend: Backend, tmp_path: Path) -> None:
    (tmp_path / "configuration.yaml").write_text("post_hooks: []\n")
    said = run(
        *(of_generators("openapi-python-client"), "generate", "--path", DESCRIPTION, "--meta", "none"),
        *("--config", tmp_path / "configuration.yaml", "--output-path", tmp_path / "httpx_client"),
        *("--fail-on-warning",),
    )
    assert "WARNING" not in said
    command = (of_generators("python"), HERE / "journeys/journey_httpx.py")

    assert_works(backend, command, tmp_path, environment={"PYTHONPATH": str(tmp_path)})


def compile_typescript(folder: Path) -> None:
    (folder / "node_modules").symlink_to(NODE_MODULES)
    (folder / "package.json").write_text('{"type": "module"}')
    compiler = of_node("tsc")
    options = (
        "--strict",
        "--noEmitOnError",
        "--skipLibCheck",
        "--module",
        "nodenext",
        "--target",
        "es2022",
    )
    run(
        *(compiler, *options, "--types", "node", "--lib", "es2022,dom,dom.iterable"),
        *folder.glob("*.ts"),
        folder=folder,
    )


def test_typescript(backend: Backend, generate: Callable[[str], Path], tmp_path: Path) -> None:
    of_node("tsc")
    generate("typescript-fetch").rename(tmp_path / "generated")
    shutil.copy(HERE / "journeys/journey.ts", tmp_path)
    compile_typescript(tmp_path)

    assert_works(backend, ("node", tmp_path / "journey.js"), tmp_path)


def test_openapi_typescript(backend: Backend, tmp_path: Path) -> None:
    run(of_node("openapi-typescript"), DESCRIPTION, "-o", tmp_path / "schema.d.ts")
    shutil.copy(HERE / "journeys/journey_fetch.ts", tmp_path)
    compile_typescript(tmp_path)

    assert_works(backend, ("node", tmp_path / "journey_fetch.js"), tmp_path)


def test_java(backend: Backend, generate: Callable[[str], Path], jar: Path, tmp_path: Path) -> None:
    needed("javac")
    if missing := [str(library) for library in JARS if not library.exists()]:
        unavailable(f"not installed: {', '.join(missing)}; make test-clients installs them")
    sources = generate("java") / "src/main/java"
    # openapi-generator itself is made with most of what its clients in Java need.
    class_path = ":".join(map(str, [tmp_path, *JARS, jar]))
    files = [HERE / "journeys/Journey.java", *sources.rglob("*.java")]
    run("javac", "-nowarn", "-proc:none", "-cp", class_path, "-d", tmp_path, *files)

    assert_works(backend, ("java", "-cp", class_path, "Journey"), tmp_path)


def test_kotlin(generate: Callable[[str], Path]) -> None:
    [source] = generate("kotlin").rglob("SignIn.kt")
    parameters = re.findall(r"^    val (\w+): [\w.<>, ]+(\?? ?=? ?\w*)", source.read_text(), re.MULTILINE)

    assert [name for name, default in parameters if "null" not in default] == ["status"]
    assert {"accessToken", "challenge", "session", "parameters"} <= {name for name, _ in parameters}


def test_postman(tmp_path: Path) -> None:
    run(of_node("openapi2postmanv2"), "-s", DESCRIPTION, "-o", tmp_path / "collection.json", "-p")
    collection = json.loads((tmp_path / "collection.json").read_text())
    variables = {variable["key"]: variable["value"] for variable in collection["variable"]}

    assert variables["origin"] == "http://127.0.0.1:8080"
    assert "{{origin}}" in variables["baseUrl"]
    requests = list(requests_in(collection))
    described = json.loads(DESCRIPTION.read_text())["paths"]
    assert len(requests) == sum(len(operations) for operations in described.values())
    assert {request["url"]["host"][0] for request in requests} == {"{{baseUrl}}"}


def requests_in(folder: dict[str, Any]) -> list[dict[str, Any]]:
    found = [folder["request"]] if "request" in folder else []
    for item in folder.get("item", ()):
        found += requests_in(item)
    return found
