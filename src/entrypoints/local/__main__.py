"""``python -m entrypoints.local``: serves the whole API on this machine."""

import argparse
import asyncio
import errno
import fcntl
import os
import shlex
import signal
import socket
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

from hypercorn.asyncio import serve
from hypercorn.config import Config
from starlette.routing import Route

from adapters.imagemagick.command import locate_convert, locate_identify
from entrypoints.local.emulator import HOST, Emulator, EmulatorError
from entrypoints.local.freed_memory import keep_freed_memory
from entrypoints.local.gateway import Invoke
from entrypoints.local.mailbox import Mailbox
from entrypoints.local.provisioning import Resources, provision
from entrypoints.local.request_log import RequestLog
from entrypoints.local.triggers import TriggerRoute
from entrypoints.local.walkthrough import render_walkthrough
from entrypoints.local.webhook import NotOnLoopback, Webhook
from entrypoints.local.wiring import Runner, authorizer, function_environment, gateway, runners
from entrypoints.local.workers import HandlerWorkers

DEFAULT_PORT = 8080
_STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_INTERRUPTED = 128 + signal.SIGINT
DEFAULT_STATE_DIR = Path(".local")
ENVIRONMENT_FILE = "environment"
"""Shell commands that configure the AWS command line and boto3 for the emulator and its resources."""


class StartError(RuntimeError):
    """The server cannot start; the message says why and what to do."""


def main() -> int:
    """Serve until Ctrl-C, SIGTERM or the end of the terminal. Returns the exit status."""
    arguments = _parse_arguments()
    try:
        webhook = _webhook()
        with (
            _exclusive(arguments.state_dir),
            _listening_socket(arguments.listen, arguments.port) as listener,
        ):
            _serve(listener, arguments, webhook)
    except (StartError, EmulatorError, FileNotFoundError, NotOnLoopback) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return _INTERRUPTED
    return 0


def _parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m entrypoints.local", description="Serve the whole API on this machine until Ctrl-C."
    )
    parser.add_argument("--port", type=int, default=DEFAULT_PORT, help="0 for a free port")
    parser.add_argument(
        "--listen",
        default=HOST,
        help="address to listen on; 0.0.0.0 is for containers",
    )
    parser.add_argument(
        "--emulator-port",
        type=int,
        default=0,
        help="port of the AWS emulator; 0 for the port of the last run",
    )
    parser.add_argument(
        "--state-dir", type=Path, default=DEFAULT_STATE_DIR, help="directory for users and images"
    )
    parser.add_argument("--workers", type=int, default=2, help="number of handler processes")
    return parser.parse_args()


@contextmanager
def _exclusive(state_dir: Path) -> Iterator[None]:
    state_dir.mkdir(parents=True, exist_ok=True)
    with (state_dir / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise StartError(f"Another server uses the state in {state_dir}. Stop it first.") from error
        yield


@contextmanager
def _listening_socket(address: str, port: int) -> Iterator[socket.socket]:
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((address, port))
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise
            raise StartError(
                f"Port {port} is in use. Stop the program that uses it, or choose another port: "
                f"make run PORT={port + 1}"
            ) from error
        listener.listen(128)
        yield listener


def _serve(listener: socket.socket, arguments: argparse.Namespace, webhook: Webhook | None) -> None:
    state_dir: Path = arguments.state_dir
    # A missing ImageMagick should be reported before anything is started.
    home, identify_path = _path_setting("IMAGEMAGICK_HOME"), _path_setting("IDENTIFY_PATH")
    locate_identify(imagemagick_home=home, identify_path=identify_path)
    locate_convert(imagemagick_home=home, identify_path=identify_path)
    keep_freed_memory()
    HandlerWorkers.preload()
    emulator = Emulator.start(state_dir, arguments.emulator_port, address=arguments.listen)
    with ExitStack() as started:
        started.callback(emulator.stop)
        # A second signal must not interrupt the emulator while it saves its state.
        for number in _STOP_SIGNALS:
            started.callback(signal.signal, number, signal.SIG_IGN)
        base_url = f"http://{HOST}:{listener.getsockname()[1]}"
        trigger_route = TriggerRoute(base_url)
        resources = provision(emulator, trigger_route.url)
        environment = function_environment(emulator.endpoint_url, resources)
        log_file = state_dir / "functions.log"
        workers = HandlerWorkers(arguments.workers, environment, log_file)
        started.callback(workers.stop)
        trigger_workers = HandlerWorkers(1, environment, log_file)
        started.callback(trigger_workers.stop)
        # The page must not wait for uploads or for the reading of images.
        web_workers = HandlerWorkers(1, environment, log_file)
        started.callback(web_workers.stop)

        # Uploads must not wait for renditions.
        render_workers = HandlerWorkers(1, environment, log_file)
        started.callback(render_workers.stop)
        own_workers = {"web": web_workers, "render": render_workers}

        async def invoke(function: str, event: dict[str, Any]) -> dict[str, Any]:
            return await own_workers.get(function, workers).invoke(function, event)

        triggers = trigger_route.served_by(trigger_workers.invoke)
        others = runners(emulator, resources, invoke, state_dir, _say, webhook)
        asyncio.run(
            _run_gateway(
                listener, base_url, state_dir, emulator, environment, resources, invoke, triggers, others
            )
        )


def _webhook() -> Webhook | None:
    """Return the webhook for events, if one is set. Raises NotOnLoopback."""
    url = os.environ.get("WEBHOOK_URL")
    return Webhook.at(url) if url else None


def _path_setting(name: str) -> Path | None:
    value = os.environ.get(name)
    return Path(value) if value else None


def _write_environment(
    file: Path, base_url: str, environment: dict[str, str], resources: Resources
) -> None:
    lines = {
        "API_URL": base_url,
        **environment,
        "USER_POOL_PUBLIC_CLIENT_ID": resources.public_client_id,
        "QUEUE_URL": resources.queue_url,
        "DEAD_LETTER_QUEUE_URL": resources.dead_letter_queue_url,
        "RENDER_DEAD_LETTER_QUEUE_URL": resources.render_dead_letter_queue_url,
    }
    file.write_text("".join(f"export {name}={shlex.quote(value)}\n" for name, value in lines.items()))


async def _run_gateway(
    listener: socket.socket,
    base_url: str,
    state_dir: Path,
    emulator: Emulator,
    environment: dict[str, str],
    resources: Resources,
    invoke: Invoke,
    triggers: Route,
    others: tuple[Runner, ...],
) -> None:
    endpoint_url = emulator.endpoint_url
    mailbox = Mailbox(endpoint_url)
    background: set[asyncio.Task[None]] = set()

    def show_mail_after(function: str) -> None:
        if function == "users":
            task = asyncio.create_task(_show_mail(mailbox))
            background.add(task)
            task.add_done_callback(background.discard)

    tokens = authorizer(emulator, resources)
    app = gateway(emulator, tokens, invoke, show_mail_after)
    app.router.routes.append(triggers)
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in _STOP_SIGNALS:
        # A signal that is ignored because of nohup stays ignored.
        if signal.getsignal(number) is not signal.SIG_IGN:
            loop.add_signal_handler(number, stopped.set)
    config = Config()
    config.bind = [f"fd://{listener.detach()}"]
    config.errorlog = None
    config.graceful_timeout = 3
    config.include_server_header = False
    await invoke("users", _health_check())
    await asyncio.to_thread(tokens.fetch_keys)
    _write_environment(state_dir / ENVIRONMENT_FILE, base_url, environment, resources)
    _say(render_walkthrough(base_url, endpoint_url, state_dir / ENVIRONMENT_FILE))
    running = [asyncio.create_task(runner.run(stopped)) for runner in others]
    logged = RequestLog(app, _say)
    await serve(logged, config, shutdown_trigger=stopped.wait)  # type: ignore[arg-type]
    await asyncio.gather(*running, *background)
    _say("Stopped. Users and images are kept for the next run.")


async def _show_mail(mailbox: Mailbox) -> None:
    for email in await asyncio.to_thread(mailbox.new_emails):
        _say(f"mail to {email.recipient}: {email.text}")


def _health_check() -> dict[str, object]:
    """Build an event that warms up a handler process before the first request."""
    return {
        "version": "2.0",
        "routeKey": "GET /healthz",
        "rawPath": "/healthz",
        "rawQueryString": "",
        "headers": {},
        "requestContext": {
            "requestId": "start",
            "stage": "$default",
            "http": {"method": "GET", "path": "/healthz"},
        },
        "isBase64Encoded": False,
    }


def _say(text: str) -> None:
    # The terminal may already be gone.
    with suppress(OSError):
        # In one write, so that lines of several threads do not mix.
        sys.stdout.write(f"{text}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
