"""One function's process, under AWS's runtime client in a sandbox."""

import subprocess
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from entrypoints.local.emulator import CREDENTIALS, REGION
from tests.support.lambda_runtime.runtime_api import RuntimeApi
from tests.support.lambda_runtime.sandbox import PYTHON, Sandbox

_PROCESSES = 1024
_OPEN_FILES = 1024
_INIT_PATIENCE_S = 60
"""Lambda allows ten seconds, of a machine that does nothing else."""

# https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html
_RUNTIMES_ENVIRONMENT = {
    "AWS_EXECUTION_ENV": "AWS_Lambda_python3.13",
    "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
    "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
    "AWS_LAMBDA_LOG_FORMAT": "JSON",
    "AWS_LAMBDA_LOG_LEVEL": "INFO",
    "AWS_REGION": REGION,
    "AWS_XRAY_CONTEXT_MISSING": "LOG_ERROR",
    "AWS_XRAY_DAEMON_ADDRESS": "169.254.79.129:2000",
    "LAMBDA_RUNTIME_DIR": "/var/runtime",
    "LAMBDA_TASK_ROOT": "/var/task",
    "LANG": "en_US.UTF-8",
    "LD_LIBRARY_PATH": (
        "/var/lang/lib:/lib64:/usr/lib64:/var/runtime:/var/runtime/lib:/var/task:/var/task/lib:/opt/lib"
    ),
    "PATH": "/var/lang/bin:/usr/local/bin:/usr/bin/:/bin:/opt/bin",
    "PYTHONPATH": "/var/runtime",
    "SHLVL": "0",
    "TZ": ":UTC",
    **CREDENTIALS,
}


class FunctionFailed(RuntimeError):
    """The function's process ended; the message has its log."""


@dataclass(frozen=True)
class Limits:
    """What the function may use, as it is configured."""

    memory_mb: int
    timeout_s: int
    temporary_mb: int = 512


class Function:
    """A function's process; as a context manager it has initialised when the block begins."""

    def __init__(
        self,
        sandbox: Sandbox,
        folder: Path,
        handler: str,
        limits: Limits,
        *,
        task: Path,
        layer: Path,
        environment: Mapping[str, str],
    ) -> None:
        """Start it, under the name of ``folder``, which is its own.

        ``task`` and ``layer`` are an unpacked package and layer.
        """
        name = folder.name
        self.limits = limits
        self._log_file = folder / "log"
        root = folder / "root"
        root.mkdir(parents=True)
        self._api = RuntimeApi(name)
        command = [
            *("prlimit", f"--as={limits.memory_mb * 1024 * 1024}", f"--nproc={_PROCESSES}"),
            *(f"--nofile={_OPEN_FILES}", "--core=0"),
            *sandbox.command(
                root,
                task=task,
                layer=layer,
                temporary_mb=limits.temporary_mb,
                program=[PYTHON, "-m", "awslambdaric", handler],
            ),
        ]
        own_environment = {
            **_RUNTIMES_ENVIRONMENT,
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(limits.memory_mb),
            "AWS_LAMBDA_FUNCTION_NAME": name,
            "AWS_LAMBDA_LOG_GROUP_NAME": f"/aws/lambda/{name}",
            "AWS_LAMBDA_LOG_STREAM_NAME": "2026/01/01/[$LATEST]0123456789abcdef0123456789abcdef",
            "AWS_LAMBDA_RUNTIME_API": self._api.address,
            "_HANDLER": handler,
        }
        self._api.__enter__()
        self._started = time.perf_counter()
        with self._log_file.open("wb") as log:
            self._process = subprocess.Popen(
                command,
                env={**own_environment, **environment},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self._watcher = threading.Thread(target=self._watch)
        self._watcher.start()

    def __enter__(self) -> Self:
        try:
            self.await_initialised()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def await_initialised(self) -> float:
        """Wait until it asks for its first event. Returns the seconds since its start.

        Raises InvocationFailed if its modules could not be imported, or FunctionFailed.
        """
        return self._api.initialised.result(_INIT_PATIENCE_S) - self._started

    @property
    def log(self) -> str:
        """What it has written to its log."""
        return self._log_file.read_text(errors="replace")

    def peak_memory_mb(self) -> float:
        """Return the peak memory of its process (proc(5), VmHWM)."""
        status = Path(f"/proc/{self._process.pid}/status").read_text()
        return int(status.partition("VmHWM:")[2].split()[0]) / 1024

    def processor_time_s(self) -> float:
        """The processor time that its first thread has used so far (Linux, scheduler statistics)."""
        return int(Path(f"/proc/{self._process.pid}/schedstat").read_text().split()[0]) / 1e9

    def invoke(self, event: Any) -> Any:
        """The handler's answer. Raises InvocationFailed, FunctionFailed, or TimeoutError."""
        return self._api.invoke(event, self.limits.timeout_s)

    def stop(self) -> None:
        """Kill it without notice, as Lambda does."""
        self._process.kill()
        self._watcher.join()
        self._api.__exit__()

    def _watch(self) -> None:
        status = self._process.wait()
        self._api.fail(FunctionFailed(f"It ended with {status}.\n{self.log}"))
