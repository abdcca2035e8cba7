"""The pinned versions: deployed and local packages are the tested ones."""

import re
from pathlib import Path

import pytest

REQUIREMENTS = Path("requirements")
_PIN = re.compile(r"^[\w.-]+==.+\n(?:    --hash=.+\n)+", re.MULTILINE)


def pins(name: str) -> set[str]:
    """Parse the name, version, condition and hashes of each package."""
    return set(_PIN.findall((REQUIREMENTS / f"{name}.txt").read_text()))


@pytest.mark.parametrize("name", ["runtime", "local"])
def test_every_package_has_the_version_under_test(name: str) -> None:
    pinned = pins(name)

    assert {pin.partition("==")[0] for pin in pinned} >= {"botocore", "pydantic"}
    assert pinned - pins("dev") == set()
