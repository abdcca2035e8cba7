"""Fixtures of the browser tests: a headless Chromium, a visitor of the page, and a page with Uppy."""

import functools
import http.server
import os
import shutil
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, sync_playwright
from tests.browser.visitor import Visitor
from tests.integration.backend import Backend
from tests.integration.conftest import backend, new_user, user
from tests.support.availability import unavailable

HERE = Path(__file__).parent
EXAMPLES = HERE.parents[1] / "docs/examples"
PROGRAMS = ("chromium", "google-chrome")
OPTIONS = [
    # Chromium's sandbox does not work in Docker or for root.
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    # It must only talk to the page and the API.
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]

__all__ = ["backend", "new_user", "user"]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A headless Chromium: the one that CHROMIUM names, or one on PATH.

    As long as it runs, Playwright's event loop does, too, so tests in this process cannot run another one.
    """
    program = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, PROGRAMS)), None)
    if program is None:
        unavailable("there is no Chromium; make browser installs it")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=OPTIONS)
        yield browser
        browser.close()


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """A profile of its own."""
    context = browser.new_context()
    yield context
    context.close()


@pytest.fixture
def visitor(context: BrowserContext, backend: Backend) -> Iterator[Visitor]:
    """A visitor of the page, during whose visit the browser must report no problem."""
    visitor = Visitor(context, backend)
    yield visitor
    assert visitor.complaints() == []


@pytest.fixture(scope="session")
def page_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of a page with Uppy, on another origin than the API and the storage."""
    if not (HERE / "node_modules/.bin/esbuild").exists():
        unavailable("Uppy is not installed; make browser installs it")
    folder = tmp_path_factory.mktemp("site")
    bundle = [
        "--bundle",
        "--format=esm",
        f"--outdir={folder}",
        "--entry-names=[name]",
        "--log-level=warning",
    ]
    subprocess.run(
        [HERE / "node_modules/.bin/esbuild", HERE / "page.js", EXAMPLES / "uppy_page.mjs", *bundle],
        check=True,
        env=os.environ | {"NODE_PATH": str(HERE / "node_modules")},
    )
    shutil.copy(EXAMPLES / "uppy_page.html", folder)
    (folder / "index.html").write_text(
        '<!doctype html><meta charset="utf-8"><link rel="icon" href="data:,">'
        '<script type="module" src="page.js"></script>'
    )
    handler = functools.partial(_QuietHandler, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/index.html"
        server.shutdown()


class _QuietHandler(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Log nothing."""
