"""A sandbox like the one in which Lambda runs a function.

Nothing but the package, the layer, Python and AWS's runtime client is there, read-only but for ``/tmp``,
and no shared memory; the user is nobody. Linux only, and only where mount namespaces are permitted.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from scripts.runtime_python import (
    DEBIAN_VERSION,
    PythonUnavailable,
    debian_interpreter,
    unpacked_debian_python,
)

ROOT = Path(__file__).parents[3]
CLIENT = ROOT / ".local" / "awslambdaric"
"""AWS's runtime client, where make installs it."""

PYTHON = f"/usr/bin/python{DEBIAN_VERSION}"
NOBODY = "65534"

_SCRIPT = Path(__file__).with_name("sandbox.sh")


class SandboxUnavailable(RuntimeError):
    """There is no sandbox on this machine; the message says what is missing."""


@dataclass(frozen=True)
class _Privileges:
    """How to get the permission to mount, and how to become nobody at the end: arguments of unshare."""

    to_mount: tuple[str, ...]
    become_nobody: str


_ROOTS = _Privileges(("--mount",), f"--setgid {NOBODY} --setuid {NOBODY}")
_ANYBODYS = _Privileges(
    ("--user", "--map-root-user", "--mount"), f"--user --map-user={NOBODY} --map-group={NOBODY}"
)


@dataclass(frozen=True)
class Sandbox:
    """What every function's sandbox has."""

    python: Path
    client: Path
    privileges: _Privileges

    def command(
        self, root: Path, *, task: Path, layer: Path, temporary_mb: int, program: Sequence[str]
    ) -> list[str]:
        """Return the command that runs a program in a sandbox; ``root`` is an empty folder."""
        folders = (self.python / "usr", self.client, task, layer)
        return [
            *("unshare", *self.privileges.to_mount, "sh", str(_SCRIPT), str(root), str(temporary_mb)),
            *map(str, folders),
            self.privileges.become_nobody,
            *program,
        ]


def find_sandbox(scratch: Path) -> Sandbox:
    """Find out how this machine can create a sandbox; ``scratch`` is an empty folder to try it in.

    Raises SandboxUnavailable.
    """
    if sys.platform != "linux":
        raise SandboxUnavailable("a sandbox like Lambda's needs Linux")
    for program in ("unshare", "prlimit"):
        if shutil.which(program) is None:
            raise SandboxUnavailable(f"{program} is missing (util-linux)")
    if not (CLIENT / "awslambdaric").exists():
        raise SandboxUnavailable("awslambdaric is not installed; make test-tools installs it")
    try:
        python = unpacked_debian_python()
        compiled = debian_interpreter(python).run("-m", "compileall", "-q", str(python), str(CLIENT))
    except PythonUnavailable as error:
        raise SandboxUnavailable(str(error)) from error
    if compiled.returncode != 0:
        raise SandboxUnavailable(f"Lambda's Python cannot be compiled: {compiled.stdout}{compiled.stderr}")
    folders = [scratch / name for name in ("root", "task", "layer")]
    for folder in folders:
        folder.mkdir()
    said = ""
    for privileges in (_ROOTS, _ANYBODYS) if os.geteuid() == 0 else (_ANYBODYS,):
        sandbox = Sandbox(python, CLIENT, privileges)
        command = sandbox.command(
            folders[0], task=folders[1], layer=folders[2], temporary_mb=1, program=[PYTHON, "-V"]
        )
        tried = subprocess.run(command, capture_output=True, text=True, check=False)
        if tried.returncode == 0:
            return sandbox
        said = tried.stderr.strip()
    raise SandboxUnavailable(f"neither root nor a user namespace that may mount: {said}")
