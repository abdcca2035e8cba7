"""The API on this machine with its functions as Lambda runs them: the packages, in separate sandboxes.

What is in front of the functions and behind them is the local server's: gateway, queue, stream, emulator.
"""

import asyncio
import json
import re
import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from hypercorn.asyncio import serve
from hypercorn.config import Config

from entrypoints.local.emulator import HOST, REGION, Emulator
from entrypoints.local.provisioning import Resources, provision
from entrypoints.local.triggers import TriggerRoute
from entrypoints.local.wiring import authorizer, function_environment, gateway, runners
from entrypoints.local.workers import TIME_LIMITS_S
from tests.integration.backend import Backend
from tests.support.lambda_runtime import Function, Limits, Sandbox

_ROOT = Path(__file__).parents[2]
FUNCTIONS = sorted(
    module.stem
    for module in (_ROOT / "src" / "entrypoints" / "functions").glob("*.py")
    if re.search(r"^def handler\(", module.read_text(), re.MULTILINE)
)


DEFAULT_PERMISSIONS = "images:read images:write"
DEFAULT_MEMORY_MB = 512
"""Of a function that Terraform does not deploy yet."""


def configured_limits() -> dict[str, Limits]:
    """Each function's default configuration in Terraform."""
    variables = (_ROOT / "terraform" / "variables_functions.tf").read_text()
    found = re.findall(
        r"(\w+) += optional\(object\(\{ memory_mb = optional\(number, (\d+)\), "
        r"timeout_s = optional\(number, (\d+)\)",
        variables,
    )
    return {name: Limits(int(memory_mb), int(timeout_s)) for name, memory_mb, timeout_s in found}


class Events:
    """What has been published on the bus so far."""

    def __init__(self) -> None:
        self._lines: list[str] = []
        self._changed = threading.Condition()

    def add(self, line: str) -> None:
        with self._changed:
            self._lines.append(line)
            self._changed.notify_all()

    def about(self, image_id: str, kind: str) -> dict[str, Any]:
        """Wait for an event of this type about an image, and return it."""

        def found() -> dict[str, Any] | None:
            for line in self._lines:
                if line.startswith(f"event {kind}: ") and image_id in line:
                    detail: dict[str, Any] = json.loads(line.partition(": ")[2])
                    return detail
            return None

        with self._changed:
            self._changed.wait_for(found, timeout=30)
            detail = found()
        assert detail is not None, self._lines
        return detail


class Deployment:
    """The running API, as a black box and by its functions."""

    def __init__(
        self,
        backend: Backend,
        functions: Mapping[str, Function],
        events: Events,
        task: Path,
        initialisation_s: Mapping[str, float],
    ) -> None:
        self.backend = backend
        self.functions = functions
        self.events = events
        self.task = task
        """The unpacked package."""
        self.initialisation_s = initialisation_s
        """The processor time that each function's initialisation has taken."""


@contextmanager
def deployed(
    sandbox: Sandbox, folder: Path, emulator: Emulator, *, task: Path, layer: Path
) -> Iterator[Deployment]:
    """Serve the API of an unpacked package and layer."""
    with ExitStack() as stack:
        listener = stack.enter_context(socket.socket())
        listener.bind((HOST, 0))
        listener.listen(128)
        base_url = f"http://{HOST}:{listener.getsockname()[1]}"
        trigger_route = TriggerRoute(base_url)
        resources = provision(emulator, trigger_route.url)
        limits = configured_limits()
        functions = {
            name: Function(
                sandbox,
                folder / name,
                f"entrypoints.functions.{name}.handler",
                limits.get(name) or Limits(DEFAULT_MEMORY_MB, TIME_LIMITS_S[name]),
                task=task,
                layer=layer,
                environment=deployed_environment(emulator, resources),
            )
            for name in FUNCTIONS
        }
        for function in functions.values():
            stack.callback(function.stop)
        for function in functions.values():
            function.await_initialised()
        initialisation_s = {name: function.processor_time_s() for name, function in functions.items()}
        events = Events()
        server = _Server(listener, emulator, resources, functions, trigger_route, events, folder)
        stack.enter_context(server)
        yield Deployment(_backend(base_url, emulator, resources), functions, events, task, initialisation_s)


def deployed_environment(emulator: Emulator, resources: Resources) -> dict[str, str]:
    """What Terraform sets, and where AWS is."""
    return {
        **function_environment(emulator.endpoint_url, resources),
        "DEFAULT_PERMISSIONS": DEFAULT_PERMISSIONS.replace(" ", ","),
        "IMAGEMAGICK_HOME": "/opt/imagemagick",
        "LOG_LEVEL": "INFO",
        "POWERTOOLS_METRICS_NAMESPACE": "images-upload-test",
        "UPLOADS_QUEUE_URL": resources.queue_url,
    }


def _backend(api_url: str, emulator: Emulator, resources: Resources) -> Backend:
    return Backend(
        api_url=api_url,
        user_pool_id=resources.user_pool_id,
        user_pool_client_id=resources.user_pool_client_id,
        public_client_id=resources.public_client_id,
        images_bucket=resources.images_bucket,
        aws_endpoint_url=emulator.endpoint_url,
        region=REGION,
    )


class _Server:
    """Run gateway and pollers in a separate thread, within its block."""

    def __init__(
        self,
        listener: socket.socket,
        emulator: Emulator,
        resources: Resources,
        functions: Mapping[str, Function],
        trigger_route: TriggerRoute,
        events: Events,
        folder: Path,
    ) -> None:
        async def invoke(name: str, event: dict[str, Any]) -> dict[str, Any]:
            answer: dict[str, Any] = await asyncio.to_thread(functions[name].invoke, event)
            return answer

        self._app = gateway(emulator, authorizer(emulator, resources), invoke)
        self._app.router.routes.append(trigger_route.served_by(invoke))
        self._runners = runners(emulator, resources, invoke, folder, events.add)
        self._config = Config()
        self._config.bind = [f"fd://{listener.detach()}"]
        self._config.errorlog = None
        self._config.graceful_timeout = 3
        self._loop = asyncio.new_event_loop()
        self._stopped = asyncio.Event()
        self._thread = threading.Thread(target=self._run)

    def __enter__(self) -> "_Server":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._stopped.set)
        self._thread.join()
        self._loop.close()

    def _run(self) -> None:
        self._loop.run_until_complete(self._serve())

    async def _serve(self) -> None:
        running = [asyncio.create_task(runner.run(self._stopped)) for runner in self._runners]
        await serve(self._app, self._config, shutdown_trigger=self._stopped.wait)  # type: ignore[arg-type]
        await asyncio.gather(*running)
