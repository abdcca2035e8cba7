"""Runs Terraform on this project's configuration, also where its registry cannot be reached.

    python -m scripts.terraform init terraform

Where `terraform init` cannot get the AWS provider, it is looked for in folders of this machine: the
filesystem mirrors of HashiCorp's providers that TERRAFORM_PROVIDER_MIRROR names, one or several as in
PATH, and those under the usual folders.
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

# What a run leaves behind, and where a team keeps its own state.
_NOT_STAGED = shutil.ignore_patterns(".terraform", ".terraform.lock.hcl", "*.tfstate*", "backend.tf")


class TerraformError(RuntimeError):
    """Terraform failed, or cannot run here; the message says why."""


class ProviderUnavailable(TerraformError):
    """Neither the registry nor this machine has the AWS provider, or Terraform is not installed."""


class Terraform:
    """A folder with a configuration, and the environment in which Terraform works on it."""

    def __init__(self, directory: Path, environment: Mapping[str, str] | None = None) -> None:
        self.directory = directory
        self._environment = {**os.environ, "TF_IN_AUTOMATION": "1", **(environment or {})}

    def init(self, *arguments: str) -> None:
        """Get the provider, from the registry or from this machine. Raises ProviderUnavailable."""
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
        # The provider is linked into .terraform now: later commands need no settings.
        del self._environment["TF_CLI_CONFIG_FILE"]
        return result.returncode == 0

    def run(self, *arguments: str) -> None:
        """Run a command whose output people shall see. Raises TerraformError."""
        status = subprocess.run(
            ["terraform", *arguments], cwd=self.directory, env=self._environment, check=False
        ).returncode
        if status != 0:
            raise TerraformError(f"terraform {arguments[0]} failed ({status})")

    def text(self, *arguments: str) -> str:
        """Standard output of a command. Raises TerraformError with all that it said."""
        result = self._capture(*arguments)
        if result.returncode != 0:
            raise TerraformError(f"terraform {' '.join(arguments)}:\n{result.stdout}{result.stderr}")
        return result.stdout

    def json(self, *arguments: str) -> Any:
        """The JSON that a command prints. Raises TerraformError."""
        return json.loads(self.text(*arguments))

    def outputs(self) -> dict[str, Any]:
        """The outputs of what is applied, by name. Raises TerraformError."""
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
    """Copy the configuration into a folder, so that a run there leaves the original as it is.

    A state that is in the folder already stays; a configured backend is left out, which makes it local.
    ``provider_version`` narrows the versions of the AWS provider that may be used, such as ``~> 6.0``.
    """
    copy = target / CONFIGURATION.name
    shutil.copytree(CONFIGURATION, copy, ignore=_NOT_STAGED, dirs_exist_ok=True)
    shutil.copy(OPENAPI, target)
    if provider_version:
        narrowed = _PROVIDER_VERSION.format(version=json.dumps(provider_version))
        (copy / "provider_version_override.tf").write_text(narrowed)
    return Terraform(copy, environment)


def provider_mirrors() -> Iterator[Path]:
    """The folders of this machine that hold the AWS provider as a filesystem mirror does."""
    named = [Path(folder) for folder in os.environ.get(MIRROR_VARIABLE, "").split(os.pathsep) if folder]
    usual = [Path(folder).expanduser() for folder in MIRROR_FOLDERS]
    for folder in [*named, *usual, *sorted(Path("/opt").glob("*"))]:
        if (folder / PROVIDER).is_dir():
            yield folder


def main() -> int:
    """Initialise the folder that the command line names. Returns the exit status."""
    parser = argparse.ArgumentParser(description="Runs terraform init, also without the registry.")
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
