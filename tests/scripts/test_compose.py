"""The services in compose.yaml and the Dockerfile start, as far as that can be tested without Docker."""

import json
import os
import re
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
import yaml
from scripts.ensure_imagemagick import DECODERS

ROOT = Path(__file__).parents[2]
DOCKERFILE = (ROOT / "Dockerfile").read_text().replace("\\\n", " ")
SERVICES: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text())["services"]
START_TIMEOUT_S = 60


def instructions(name: str) -> list[str]:
    """The arguments of each instruction with this name."""
    return re.findall(rf"^{name} (.*)$", DOCKERFILE, re.MULTILINE)


@pytest.mark.parametrize("service", SERVICES)
def test_each_service_has_a_pinned_version_and_a_health_check(service: str) -> None:
    definition = SERVICES[service]

    image = definition.get("image") or instructions("FROM")[0]
    assert re.fullmatch(r"[a-z/-]+:\d+\.\d+\.\d+[a-z0-9.-]*", image)
    assert definition["healthcheck"]["test"][0] == "CMD"
    assert definition["healthcheck"].keys() == {"test", "interval", "timeout", "retries", "start_period"}


@pytest.mark.parametrize("service", SERVICES)
def test_each_service_only_listens_on_loopback_at_its_own_port(service: str) -> None:
    for port in SERVICES[service]["ports"]:
        address, outside, inside = port.split(":")
        assert (address, outside) == ("127.0.0.1", inside)


def test_the_emulator_is_the_one_of_make_run() -> None:
    pinned = re.search(r"^ministack==(.+)$", (ROOT / "requirements/local.in").read_text(), re.MULTILINE)

    assert pinned
    assert SERVICES["ministack"]["image"] == f"ministackorg/ministack:{pinned[1]}"


def test_the_image_can_read_each_format() -> None:
    [packages] = [run for run in instructions("RUN") if "apt-get" in run]

    assert {"imagemagick", *DECODERS} <= set(packages.split())


def test_what_it_needs_is_in_the_build_context() -> None:
    taken = {line[1:] for line in (ROOT / ".dockerignore").read_text().split() if line[0] == "!"}

    assert {copy.split()[0] for copy in instructions("COPY")} == taken


def test_the_command_of_the_image_starts_an_api_that_the_health_check_finds_well(tmp_path: Path) -> None:
    application, state = tmp_path / "app", tmp_path / "state"
    application.mkdir()
    for copy in instructions("COPY"):
        source, target = copy.split()
        if (ROOT / source).is_dir():
            shutil.copytree(ROOT / source, application / target)
        else:
            (application / target).mkdir(exist_ok=True)
            shutil.copy(ROOT / source, application / target)
    ports = free_ports(2)
    in_place = dict(zip(["8080", "4570"], map(str, ports), strict=True)) | {
        "python": sys.executable,
        "/state": str(state),
        # Not on this machine's network.
        "0.0.0.0": "127.0.0.1",
    }
    [command] = instructions("CMD")
    variables = dict(pair.split("=") for pair in shlex.split(instructions("ENV")[0]))
    check = [
        in_place.get(part, part).replace("8080", in_place["8080"])
        for part in SERVICES["api"]["healthcheck"]["test"][1:]
    ]

    with (tmp_path / "output").open("wb") as output:
        server = subprocess.Popen(
            [in_place.get(part, part) for part in json.loads(command)],
            cwd=application,
            env=os.environ | variables,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        try:
            said = await_health(server, check, tmp_path / "output")
        finally:
            server.send_signal(getattr(signal, SERVICES["api"]["stop_signal"]))
            status = server.wait(30)

    assert f"http://127.0.0.1:{ports[0]}/docs" in said
    assert f"http://127.0.0.1:{ports[1]} " in said, "links lead to the published port"
    assert status == 0
    assert (state / "state").is_dir()


def await_health(server: "subprocess.Popen[bytes]", check: list[str], output: Path) -> str:
    """Ask until it is well. Returns what it has said until then."""
    deadline = time.monotonic() + START_TIMEOUT_S
    while subprocess.run(check, stderr=subprocess.DEVNULL, check=False).returncode:
        assert server.poll() is None, output.read_text()
        assert time.monotonic() < deadline, output.read_text()
        time.sleep(0.2)
    return output.read_text()


def free_ports(count: int) -> list[int]:
    """Ports that nobody uses for now."""
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports
