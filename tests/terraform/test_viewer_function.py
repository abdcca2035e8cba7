"""CloudFront's function in front of the API, and what the functions behind the API accept from it."""

import json
import shutil
import subprocess
from typing import Any

from scripts.terraform import CONFIGURATION

from entrypoints.http.cdn import SECRET_HEADER, admitted
from tests.support.availability import unavailable

SCRIPT = CONFIGURATION / "modules" / "cdn" / "viewer.js"
SECRET = "s" * 32


def passed_on(event: dict[str, Any]) -> dict[str, Any]:
    """Return the request that the function passes on."""
    if shutil.which("node") is None:
        unavailable("there is no Node.js here")
    program = f"{SCRIPT.read_text()}\nconsole.log(JSON.stringify(handler(JSON.parse(process.argv[1]))))"
    done = subprocess.run(
        ["node", "--eval", program, json.dumps(event)], capture_output=True, text=True, check=True
    )
    request: dict[str, Any] = json.loads(done.stdout)
    return request


def test_the_api_gets_the_real_address_and_host_name_despite_forged_headers() -> None:
    claims = {"x-viewer-address": "198.51.100.7", "x-viewer-host": "elsewhere.example.com"}
    sent = {"host": "images.example.com", "accept": "*/*", **claims}
    request = {"method": "GET", "headers": {name: {"value": value} for name, value in sent.items()}}

    forwarded = passed_on({"viewer": {"ip": "192.0.2.1"}, "request": request})

    headers = {name: header["value"] for name, header in forwarded["headers"].items()}
    event = {
        # CloudFront adds the secret, and asks the API by its own name.
        "headers": headers | {"host": "origin.example.com", SECRET_HEADER: SECRET},
        "requestContext": {"domainName": "origin.example.com", "http": {"sourceIp": "130.176.0.1"}},
    }
    seen = admitted(event, [SECRET])
    assert seen
    assert seen["requestContext"] == {"domainName": "images.example.com", "http": {"sourceIp": "192.0.2.1"}}
    assert seen["headers"]["accept"] == "*/*"
