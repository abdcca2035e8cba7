"""A stand-in for Docker that records how it was called, and runs the command here, with stand-ins too."""

import json
import sys
from pathlib import Path

import pytest

_DOCKER = """#!{python}
import json, os, sys
folder = {folder!r}
image = next(n for n, argument in enumerate(sys.argv) if "@sha256:" in argument)
with open(folder + "/docker.json", "w") as file:
    json.dump(sys.argv[1:image + 1], file)
command = sys.argv[image + 1:]
path = folder + "/debian:/usr/bin:/bin"
os.execve("/bin/" + command[0], command, {{"PATH": path, "TMPDIR": folder}})
"""

_APT_GET = """#!/bin/sh
echo "$*" >> {folder}/apt-get.txt
"""

# The module has to be there with all that it imports; what it would build is the list of the files.
_PYTHON = """#!{python}
import importlib, json, pathlib, sys
sys.path.insert(0, "")
module, arguments, output = sys.argv[2], sys.argv[3:-2], pathlib.Path(sys.argv[-1])
importlib.import_module(module)
files = [str(path) for path in sorted(pathlib.Path().rglob("*")) if path.is_file()]
output.parent.mkdir()
output.write_text(json.dumps([module, arguments, output.name, files]))
print("Building", module)
"""

_FAILS = """#!/bin/sh
echo "Cannot connect to the Docker daemon" >&2
exit 125
"""


class StandInDocker:
    """Docker alone on PATH: no apt, no other Python."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self._folder = folder
        self._bin = folder / "bin"
        debian = folder / "debian"
        for program, script in (
            (self._bin / "docker", _DOCKER),
            (debian / "apt-get", _APT_GET),
            (debian / "python3", _PYTHON),
        ):
            program.parent.mkdir(exist_ok=True)
            program.write_text(script.format(python=sys.executable, folder=str(folder)))
            program.chmod(0o755)
        monkeypatch.setenv("PATH", str(self._bin))

    def fail(self) -> None:
        """Let it be a Docker without a daemon."""
        (self._bin / "docker").write_text(_FAILS)

    @property
    def arguments(self) -> list[str]:
        """What it was called with, up to the image."""
        called: list[str] = json.loads((self._folder / "docker.json").read_text())
        return called

    @property
    def installed(self) -> str:
        """What apt-get was called with."""
        return (self._folder / "apt-get.txt").read_text()
