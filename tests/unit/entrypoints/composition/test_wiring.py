"""The type checker covers the wiring: a wrongly wired use case fails ``make check``."""

import subprocess
import sys
from pathlib import Path

import pytest

COMPOSITION = Path("src/entrypoints/composition")

MISTAKES = [
    (
        "images",
        "EditImage(records, views)",
        "EditImage(policy, views)",
        'Argument 1 to "EditImage" has incompatible type',
    ),
    (
        "images",
        "ListParts(records, incoming, clock)",
        "ListParts(records, incoming, clock, lifetime)",
        'Too many arguments for "ListParts"',
    ),
    (
        "users",
        "RegisterUser(directory)",
        "RegisterUser()",
        'argument "identity_provider" in call to "RegisterUser"',
    ),
    (
        "users",
        "CloseAccount(adapters.image_records(), adapters.clock())",
        "directory",
        'Argument 2 to "DeleteAccount" has incompatible type',
    ),
]


@pytest.mark.timeout(300)
def test_a_wrong_wiring_does_not_pass_the_type_checker(tmp_path: Path) -> None:
    changed: dict[str, str] = {}
    for module, right, wrong, _ in MISTAKES:
        text = changed.get(module) or (COMPOSITION / f"{module}.py").read_text(encoding="utf-8")
        assert right in text
        changed[module] = text.replace(right, wrong)
    shadows: list[str | Path] = []
    for module, text in changed.items():
        (tmp_path / f"{module}.py").write_text(text, encoding="utf-8")
        shadows += ["--shadow-file", COMPOSITION / f"{module}.py", tmp_path / f"{module}.py"]

    # A cache would not notice that a file replaces another.
    modules = [f"-mentrypoints.composition.{module}" for module in changed]
    result = subprocess.run(
        [sys.executable, "-m", "mypy", "--no-incremental", *shadows, *modules],
        capture_output=True,
        text=True,
        check=False,
    )

    assert result.returncode == 1, result.stdout + result.stderr
    for _, _, wrong, complaint in MISTAKES:
        assert complaint in result.stdout, wrong
    assert result.stdout.count("error:") == len(MISTAKES)
