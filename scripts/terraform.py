"""Runs Terraform on this project's configuration, even if its registry cannot be reached.

    python -m scripts.terraform init terraform

If `terraform init` cannot download the AWS provider, it is searched for on this machine: in the filesystem
mirrors in TERRAFORM_PROVIDER_MIRROR, separated as in PATH, and in the usual directories.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
CONFIGURATION = ROOT / "terraform"
OPENAPI = ROOT / "openapi.json"

MIRROR_VARIABLE = "TERRAFORM_PROVIDER_MIRROR"
MIRROR_FOLDERS = (
    "~/.terraform.d/plugins",
    "/usr/local/share/terraform/plugins",
    "/usr/share/terraform/plugins",
)
PROVIDER = Path("registry.terraform.io/hashicorp/aws")

_PROVIDER_VERSION = """\
terraform {{
  required_providers {{
    aws = {{
      source  = "hashicorp/aws"
      version = {version}
    }}
  }}
}}
"""

_MIRROR_SETTINGS = """\
provider_installation {{
  filesystem_mirror {{
    path = {path}
  }}
}}
"""

# Files that a run creates, and a team's own backend.
_NOT_STAGED = shutil.ignore_patterns(".terraform", ".terraform.lock.hcl", "*.tfstate*", "backend.tf")


class TerraformError(RuntimeError):
    """Terraform failed, or cannot run here; the message says why."""


class ProviderUnavailable(TerraformError):
    """Neither the registry nor this machine has the AWS provider, or Terraform is not installed."""


class Terraform:
    """A directory with a configuration, and the environment variables for running Terraform in it."""

    def __init__(self, directory: Path, environment: Mapping[str, str] | None = None) -> None:
        self.directory = directory
        # The schema of the AWS provider keeps Go's garbage collector busy, at a third of the time.
        defaults = {"GOGC": "800", "TF_IN_AUTOMATION": "1"}
        self._environment = {**defaults, **os.environ, **(environment or {})}

    def init(self, *arguments: str) -> None:
        """Install the provider from the registry or from this machine. Raises ProviderUnavailable."""
        if shutil.which("terraform") is None:
            raise ProviderUnavailable(
                "Terraform is not installed: https://developer.hashicorp.com/terraform"
            )
        from_registry = self._capture("init", "-input=false", *arguments)
        if from_registry.returncode == 0:
            return
        for mirror in provider_mirrors():
            if self._init_from(mirror, arguments):
                return
        raise ProviderUnavailable(
            f"terraform init failed, and no mirror of the AWS provider was found "
            f"({MIRROR_VARIABLE} can name one):\n{from_registry.stderr.strip()}"
        )

    def _init_from(self, mirror: Path, arguments: tuple[str, ...]) -> bool:
        with tempfile.NamedTemporaryFile("w", suffix=".tfrc") as settings:
            settings.write(_MIRROR_SETTINGS.format(path=json.dumps(str(mirror))))
            settings.flush()
            self._environment["TF_CLI_CONFIG_FILE"] = settings.name
            result = self._capture("init", "-input=false", *arguments)
        # The provider is linked into .terraform now, so later commands need no settings.
        del self._environment["TF_CLI_CONFIG_FILE"]
        return result.returncode == 0

    def run(self, *arguments: str) -> None:
        """Run a command and show its output. Raises TerraformError."""
        status = subprocess.run(
            ["terraform", *arguments], cwd=self.directory, env=self._environment, check=False
        ).returncode
        if status != 0:
            raise TerraformError(f"terraform {arguments[0]} failed ({status})")

    def text(self, *arguments: str) -> str:
        """Run a command and return its standard output. Raises TerraformError with all its output."""
        result = self._capture(*arguments)
        if result.returncode != 0:
            raise TerraformError(f"terraform {' '.join(arguments)}:\n{result.stdout}{result.stderr}")
        return result.stdout

    def json(self, *arguments: str) -> Any:
        """Run a command that prints JSON and parse it. Raises TerraformError."""
        return json.loads(self.text(*arguments))

    def outputs(self) -> dict[str, Any]:
        """Read the outputs of the applied configuration, by name. Raises TerraformError."""
        return {name: output["value"] for name, output in self.json("output", "-json").items()}

    def _capture(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            ["terraform", *arguments, *(["-no-color"] if arguments[0] != "fmt" else [])],
            cwd=self.directory,
            env=self._environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )


def stage(
    target: Path, environment: Mapping[str, str] | None = None, provider_version: str | None = None
) -> Terraform:
    """Copy the configuration to a directory, so that a run there does not change the original.

    An existing state in the directory stays; a configured backend is not copied, so the state is local.
    ``provider_version`` restricts the version of the AWS provider, such as ``~> 6.0``.
    """
    copy = target / CONFIGURATION.name
    shutil.copytree(CONFIGURATION, copy, ignore=_NOT_STAGED, dirs_exist_ok=True)
    shutil.copy(OPENAPI, target)
    if provider_version:
        narrowed = _PROVIDER_VERSION.format(version=json.dumps(provider_version))
        (copy / "provider_version_override.tf").write_text(narrowed)
    return Terraform(copy, environment)


def provider_mirrors() -> Iterator[Path]:
    """Find directories on this machine that are filesystem mirrors with the AWS provider."""
    named = [Path(folder) for folder in os.environ.get(MIRROR_VARIABLE, "").split(os.pathsep) if folder]
    usual = [Path(folder).expanduser() for folder in MIRROR_FOLDERS]
    for folder in [*named, *usual, *sorted(Path("/opt").glob("*"))]:
        if (folder / PROVIDER).is_dir():
            yield folder


def main() -> int:
    """Initialise a directory. Returns the exit status."""
    parser = argparse.ArgumentParser(description="Runs terraform init, even without the registry.")
    parser.add_argument("command", choices=["init"])
    parser.add_argument("directory", type=Path)
    arguments, options = parser.parse_known_args()
    try:
        Terraform(arguments.directory).init(*options)
    except TerraformError as error:
        sys.stderr.write(f"error: {error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
