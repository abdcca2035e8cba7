"""Compares how long the functions take to initialise with a program that only makes the same clients.

``python -m benchmarks.initialisation LAYER.zip`` packages the functions and starts each of them many times,
as AWS Lambda does: under AWS's own runtime client, in a sandbox, with the bytecode of the package. For each
function, it prints the ratio to a program that makes the same AWS clients in the same way, and the time of
its first response. The ratios with targets are of processor time, which makes up most of a cold start and
depends least on other programs on the machine. All programs are started in turn, and the time of the
sandbox itself is subtracted. The exit status is 1 if a ratio is above its target.
"""

import argparse
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from scripts.package_functions import DEFAULT_PYTHON, build, compile_modules
from scripts.runtime_python import find_interpreter
from tests.runtime.deployment import (
    DEFAULT_MEMORY_MB,
    FUNCTIONS,
    configured_limits,
    deployed_environment,
)
from tests.support.lambda_runtime import Function, Limits, Sandbox, SandboxUnavailable, find_sandbox
from tests.support.lambda_runtime.sandbox import PYTHON
from tests.support.packages import OWN_ARCHITECTURE, unpack

from adapters.sqs.work_queue import DUE_MESSAGE
from entrypoints.local.emulator import Emulator
from entrypoints.local.provisioning import provision
from entrypoints.local.workers import TIME_LIMITS_S

ROUNDS = 10
TARGETS = {"users": 2.5, "images": 2.5}
"""The maximum ratio of a function's initialisation to that of its clients only."""
OTHERS_TARGET = 2.0

PROGRAMS = Path(__file__).parent / "initialised"
"""The programs that are packaged with the functions: one reports which clients a function makes, the other
only makes them."""


@dataclass
class Times:
    """The times of one program in seconds, one for each start."""

    processor: list[float] = field(default_factory=list)
    """Processor time until it asked for its first event."""
    clock: list[float] = field(default_factory=list)
    """The same in wall-clock time."""
    answer: list[float] = field(default_factory=list)
    """Wall-clock time from its first event to its response."""


@dataclass(frozen=True)
class Package:
    """What the functions are started with."""

    sandbox: Sandbox
    task: Path
    layer: Path
    environment: Mapping[str, str]

    def start(self, folder: Path, handler: str, name: str, more: Mapping[str, str]) -> Function:
        """Start a handler with the limits of the function of this name."""
        limits = configured_limits().get(name) or Limits(DEFAULT_MEMORY_MB, TIME_LIMITS_S[name])
        environment = {**self.environment, **more}
        return Function(
            self.sandbox, folder, handler, limits, task=self.task, layer=self.layer, environment=environment
        )


def main() -> int:
    """Measure and print. Returns 1 if a function takes longer than its target."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.initialisation", description=__doc__)
    parser.add_argument("layer", type=Path, help="ImageMagick's layer for this machine's processor")
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="starts of each program")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="benchmark-") as scratch:
        try:
            with packaged(Path(scratch), arguments.layer) as package:
                clients = {name: clients_of(name, package, Path(scratch)) for name in FUNCTIONS}
                times = measure(package, clients, Path(scratch), arguments.rounds)
        except SandboxUnavailable as error:
            print(f"error: {error}", file=sys.stderr)
            return 1
    print(f"Python {DEFAULT_PYTHON}; {platform.machine()}; medians of {arguments.rounds} starts\n")
    return 0 if print_table(clients, times) else 1


@contextmanager
def packaged(scratch: Path, layer: Path) -> Iterator[Package]:
    """Build and unpack the deployed packages, and start an AWS emulator."""
    (scratch / "tried").mkdir()
    sandbox = find_sandbox(scratch / "tried")
    assert OWN_ARCHITECTURE is not None
    build(OWN_ARCHITECTURE, DEFAULT_PYTHON, scratch / "functions.zip")
    task = unpack(scratch / "functions.zip", scratch / "task")
    programs = [Path(shutil.copy(program, task)) for program in PROGRAMS.glob("*.py")]
    compile_modules(find_interpreter(DEFAULT_PYTHON), task, programs)
    emulator = Emulator.start(scratch / "emulator")
    try:
        environment = deployed_environment(emulator, provision(emulator, "http://127.0.0.1:9/"))
        yield Package(sandbox, task, unpack(layer, scratch / "layer"), environment)
    finally:
        emulator.stop()


def clients_of(name: str, package: Package, scratch: Path) -> list[Any]:
    """Ask a function which AWS clients it makes while it initialises."""
    module = {"FUNCTION_MODULE": f"entrypoints.functions.{name}"}
    with package.start(scratch / f"{name}-asked", "noted_clients.handler", name, module) as function:
        clients: list[Any] = function.invoke({})
        return clients


def measure(
    package: Package, clients: Mapping[str, list[Any]], scratch: Path, rounds: int
) -> dict[str, dict[str, Times]]:
    """Start everything in turn. Returns the times of both programs by function."""
    times = {name: {"function": Times(), "clients": Times()} for name in clients}
    for number in range(rounds + 1):
        sandbox = time_of_sandbox(package, scratch / f"sandbox-{number}")
        for name in clients:
            programs = {
                "clients": ("made_clients.handler", {"CLIENTS": json.dumps(clients[name])}),
                "function": (f"entrypoints.functions.{name}.handler", {}),
            }
            for kind, (handler, more) in programs.items():
                with package.start(scratch / f"{name}-{kind}-{number}", handler, name, more) as function:
                    taken = times[name][kind]
                    taken.clock.append(function.await_initialised() - sandbox.clock)
                    taken.processor.append(function.processor_time_s() - sandbox.processor)
                    start = time.perf_counter()
                    function.invoke(first_event(name))
                    taken.answer.append(time.perf_counter() - start)
    for taken in (one for both in times.values() for one in both.values()):
        # The first round reads the files from disk for the others.
        del taken.clock[0], taken.processor[0], taken.answer[0]
    return times


@dataclass(frozen=True)
class SandboxTime:
    """Return the seconds that a program takes that does nothing."""

    clock: float
    processor: float


def time_of_sandbox(package: Package, root: Path) -> SandboxTime:
    """Measure how long it takes to create the sandbox."""
    root.mkdir()
    command = package.sandbox.command(
        root, task=package.task, layer=package.layer, temporary_mb=512, program=[PYTHON, "-V"]
    )
    start = time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
        clock = time.perf_counter() - start
        processor = int(Path(f"/proc/{process.pid}/schedstat").read_text().split()[0]) / 1e9
    return SandboxTime(clock, processor)


def first_event(name: str) -> dict[str, Any]:
    """Return an event for a function that makes it call one other service, if it uses any."""
    if name in {"users", "images", "web"}:
        return _request(*{"users": _LOG_IN, "images": _LIST, "web": _PAGE}[name])
    if name == "triggers":
        return {
            "version": "2",
            "triggerSource": "TokenGeneration_Authentication",
            "request": {"groupConfiguration": {"groupsToOverride": []}},
            "response": {},
        }
    if name == "events":
        return {"Records": []}
    return {"Records": [_message(DUE_MESSAGE if name == "ingest" else "{}")]}


_LOG_IN = ("POST", "/v1/sessions", {"email": "nobody@example.com", "password": "no password at all"})
_LIST = ("GET", "/v1/images", None)
_PAGE = ("GET", "/", None)


def _message(body: str) -> dict[str, Any]:
    """Return a message of a queue."""
    return {
        "messageId": "1",
        "receiptHandle": "1",
        "body": body,
        "attributes": {"ApproximateReceiveCount": "1"},
        "eventSource": "aws:sqs",
    }


def _request(method: str, path: str, body: object) -> dict[str, Any]:
    claims = {"sub": "benchmark", "token_use": "access", "permissions": "[images:read images:write]"}
    return {
        "version": "2.0",
        "routeKey": f"{method} {path}",
        "rawPath": path,
        "rawQueryString": "",
        "headers": {"content-type": "application/json", "host": "api.example.com"},
        "requestContext": {
            "authorizer": {"jwt": {"claims": claims, "scopes": None}},
            "http": {"method": method, "path": path, "sourceIp": "192.0.2.1", "userAgent": "benchmark"},
            "requestId": "benchmark",
            "stage": "$default",
        },
        "body": json.dumps(body) if body else None,
        "isBase64Encoded": False,
    }


def print_table(clients: Mapping[str, list[Any]], times: Mapping[str, Mapping[str, Times]]) -> bool:
    """Print a line for each function. Returns whether all of them meet their targets."""
    print(
        "| function | its clients | clients only | function | ratio | wall-clock ratio | target "
        "| first response |"
    )
    print("|---|---|---|---|---|---|---|---|")
    met = True
    for name, taken in times.items():
        alone, function = (statistics.median(taken[kind].processor) for kind in ("clients", "function"))
        by_clock = statistics.median(taken["function"].clock) / statistics.median(taken["clients"].clock)
        ratio, target = function / alone, TARGETS.get(name, OTHERS_TARGET)
        met = met and ratio <= target
        services = ", ".join(client[0] for client in clients[name]) or "none"
        print(
            f"| `{name}` | {services} | {alone * 1000:.0f} ms | {function * 1000:.0f} ms | **{ratio:.2f}** "
            f"| {by_clock:.2f} | {target} | {statistics.median(taken['function'].answer) * 1000:.0f} ms |"
        )
    return met


if __name__ == "__main__":
    sys.exit(main())
