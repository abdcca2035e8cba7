"""Deploys the triggers function into an emulator."""

import io
import json
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

_SOURCES = Path(__file__).parents[2] / "src"
_TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
    ],
}


def deploy_triggers(client: Callable[[str], Any], variables: Mapping[str, str]) -> str:
    """Deploy the function with these environment variables. Returns its ARN."""
    role = client("iam").create_role(RoleName="triggers", AssumeRolePolicyDocument=json.dumps(_TRUST))
    created = client("lambda").create_function(
        FunctionName="triggers",
        Runtime="python3.13",
        Role=role["Role"]["Arn"],
        Handler="entrypoints.functions.triggers.handler",
        Code={"ZipFile": _package()},
        Timeout=5,
        Environment={"Variables": dict(variables)},
    )
    return str(created["FunctionArn"])


def _package() -> bytes:
    """Zip the sources as a Lambda package; the dependencies are installed in the emulator."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for path in _SOURCES.rglob("*.py"):
            archive.write(path, path.relative_to(_SOURCES))
    return content.getvalue()
