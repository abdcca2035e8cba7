"""Deploys the API with Terraform to an AWS emulator, or removes it from there.

    python -m scripts.deploy_local up
    python -m scripts.deploy_local down

The emulator is the one at AWS_ENDPOINT_URL, by default http://127.0.0.1:4566. If nothing listens on that
port of this machine, MiniStack is started there. MiniStack runs the functions with this machine's Python
and ignores layers, so they are packaged for this machine and use the ImageMagick in IDENTIFY_PATH or
IMAGEMAGICK_HOME. For an emulator that runs functions in Docker, use ``--functions lambda``, which deploys
them as in AWS. The state is kept under ``.local/deployment``.
"""

import argparse
import contextlib
import http.client
import json
import os
import platform
import shlex
import shutil
import signal
import sys
import urllib.parse
from pathlib import Path
from typing import Any

from scripts.package_functions import LOCAL, PackageError
from scripts.terraform import Terraform, TerraformError, stage

from entrypoints.local.emulator import CREDENTIALS, HOST, REGION, Emulator, EmulatorError
from scripts import package_functions

ROOT = Path(__file__).resolve().parent.parent
DEPLOYMENT = ROOT / ".local" / "deployment"
DEFAULT_ENDPOINT = f"http://{HOST}:4566"
VARIABLES_FILE = "environments/local.tfvars"
OVERRIDE_FILE = "emulator/emulator_override.tf"
"""Overrides for emulators; they only take effect in the configuration's own directory."""
ENVIRONMENT_FILE = "environment"
LAMBDA = "lambda"
AWS_DOMAINS = (".amazonaws.com", ".amazonaws.com.cn", ".amazonaws.eu", ".api.aws")

PARALLELISM = "-parallelism=40"
"""The provider mostly waits, and an emulator does not throttle."""


class DeploymentError(RuntimeError):
    """The API cannot be deployed; the message says why."""


def up(directory: Path, endpoint_url: str, functions: str) -> Terraform:
    """Deploy, or update a deployment. Returns the staged configuration.

    Raises DeploymentError, EmulatorError, PackageError or TerraformError.
    """
    _start_emulator_unless_one_listens(directory, endpoint_url)
    variables = _variables(directory, endpoint_url, functions)
    terraform = stage(directory, _environment(endpoint_url))
    shutil.copy(terraform.directory / OVERRIDE_FILE, terraform.directory)
    (terraform.directory / "deployment.auto.tfvars.json").write_text(json.dumps(variables, indent=2))
    terraform.init()
    terraform.run("apply", "-input=false", "-auto-approve", PARALLELISM, f"-var-file={VARIABLES_FILE}")
    return terraform


def down(directory: Path, endpoint_url: str) -> None:
    """Remove the deployment, and stop the emulator if this script started it. Raises TerraformError."""
    terraform = Terraform(directory / "terraform", _environment(endpoint_url))
    if not (terraform.directory / "terraform.tfstate").exists():
        raise DeploymentError("Nothing is deployed.")
    if _is_listening(endpoint_url):
        terraform.run(
            "destroy", "-input=false", "-auto-approve", PARALLELISM, f"-var-file={VARIABLES_FILE}"
        )
        _stop_emulator(directory)
    shutil.rmtree(directory)


def api_url(endpoint_url: str, api_id: str) -> str:
    """Return the URL of an HTTP API in an emulator, with a host name that resolves in curl and browsers."""
    address = urllib.parse.urlsplit(endpoint_url)
    domain = "localhost" if address.hostname == HOST else address.hostname
    return f"{address.scheme}://{api_id}.execute-api.{domain}:{address.port}"


def environment_of_clients(endpoint_url: str, outputs: dict[str, Any]) -> dict[str, str]:
    """Return the environment variables with which tests and scripts find the deployment."""
    return {
        **CREDENTIALS,
        # Not every resolver knows subdomains of localhost, so the API is in the path.
        "API_URL": f"{endpoint_url}/_aws/execute-api/{outputs['api_id']}/$default",
        "AWS_ENDPOINT_URL": endpoint_url,
        "USER_POOL_ID": outputs["user_pool_id"],
        "USER_POOL_CLIENT_ID": outputs["server_client_id"],
        "USER_POOL_PUBLIC_CLIENT_ID": outputs["public_client_id"],
        "IMAGES_BUCKET": outputs["bucket"],
        "RECORDS_TABLE": outputs["records_table"],
        "EVENT_BUS": outputs["event_bus"],
        "QUEUE_URL": outputs["queue_url"],
        "DEAD_LETTER_QUEUE_URL": outputs["dead_letter_queue_url"],
        "RENDER_QUEUE_URL": outputs["render_queue_url"],
        "RENDER_DEAD_LETTER_QUEUE_URL": outputs["render_dead_letter_queue_url"],
        "RENDITIONS": outputs["renditions"],
    }


def _variables(directory: Path, endpoint_url: str, functions: str) -> dict[str, object]:
    variables: dict[str, object] = {"region": REGION, "s3_public_endpoint_url": endpoint_url}
    if functions == LAMBDA:
        # An emulator's Docker containers run on this machine's processor.
        arch = "arm64" if platform.machine().lower() in {"arm64", "aarch64"} else "x86_64"
        package = ROOT / "dist" / "functions.zip"
        layer = ROOT / "dist" / f"imagemagick-{arch}.zip"
        if not (package.exists() and layer.exists()):
            raise DeploymentError(f"{package.name} or {layer.name} is missing: make package ARCH={arch}")
        imagemagick = {"package": str(layer)}
        variables["architecture"] = arch
    else:
        package = directory / "functions.zip"
        package_functions.build(LOCAL, package_functions.DEFAULT_PYTHON, package)
        settings = {
            "home": os.environ.get("IMAGEMAGICK_HOME"),
            "identify_path": os.environ.get("IDENTIFY_PATH"),
        }
        imagemagick = {name: value for name, value in settings.items() if value}
        if not imagemagick:
            raise DeploymentError(
                "Set IDENTIFY_PATH or IMAGEMAGICK_HOME, or run the command with scripts/with-imagemagick"
            )
    return {**variables, "functions_package": str(package), "imagemagick": imagemagick}


def _environment(endpoint_url: str) -> dict[str, str]:
    host = urllib.parse.urlsplit(endpoint_url).hostname or ""
    if host.endswith(AWS_DOMAINS):
        raise DeploymentError("AWS_ENDPOINT_URL is AWS itself; use make deploy for that.")
    return {**CREDENTIALS, "AWS_ENDPOINT_URL": endpoint_url, "AWS_REGION": REGION}


def _start_emulator_unless_one_listens(directory: Path, endpoint_url: str) -> None:
    if _is_listening(endpoint_url):
        return
    address = urllib.parse.urlsplit(endpoint_url)
    if address.hostname not in {HOST, "localhost"} or address.port is None:
        raise DeploymentError(f"Nothing answers at {endpoint_url}.")
    emulator = Emulator.start(directory / "emulator", address.port, outlives_us=True)
    (directory / "emulator.pid").write_text(str(emulator.pid))
    package_functions.say(f"MiniStack listens on {endpoint_url}")


def _stop_emulator(directory: Path) -> None:
    pid_file = directory / "emulator.pid"
    if pid_file.exists():
        with contextlib.suppress(ProcessLookupError):
            os.kill(int(pid_file.read_text()), signal.SIGTERM)


def _is_listening(endpoint_url: str) -> bool:
    address = urllib.parse.urlsplit(endpoint_url)
    connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=5)
    try:
        connection.connect()
    except OSError:
        return False
    finally:
        connection.close()
    return True


def main() -> int:
    """Run the command line. Returns the exit status."""
    parser = argparse.ArgumentParser(description="Deploys the API to an AWS emulator.")
    parser.add_argument("command", choices=["up", "down"])
    parser.add_argument(
        "--functions",
        choices=[LOCAL, LAMBDA],
        default=LOCAL,
        help="where the emulator runs them: on this machine, or in containers as in AWS",
    )
    parser.add_argument("--directory", type=Path, default=DEPLOYMENT, help="directory for the state")
    arguments = parser.parse_args()
    endpoint_url = os.environ.get("AWS_ENDPOINT_URL", DEFAULT_ENDPOINT).rstrip("/")
    directory = arguments.directory.resolve()
    directory.mkdir(parents=True, exist_ok=True)
    try:
        if arguments.command == "up":
            outputs = up(directory, endpoint_url, arguments.functions).outputs()
            settings = environment_of_clients(endpoint_url, outputs)
            (directory / ENVIRONMENT_FILE).write_text(
                "".join(f"export {name}={shlex.quote(value)}\n" for name, value in settings.items())
            )
            package_functions.say(f"\nThe API is ready: {api_url(endpoint_url, outputs['api_id'])}")
        else:
            down(directory, endpoint_url)
    except (DeploymentError, EmulatorError, PackageError, TerraformError) as error:
        sys.stderr.write(f"error: {error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
