"""Fixtures of the browser tests, which `make test-browser` runs and plain `pytest` does not."""

import functools
import http.server
import os
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.integration.conftest import backend, new_user

HERE = Path(__file__).parent
CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")

collect_ignore_glob = [] if "BROWSER_TESTS" in os.environ else ["test_*.py"]

__all__ = ["backend", "new_user"]


@pytest.fixture(scope="session")
def page_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a page with Uppy, on another origin than the API and the storage."""
    folder = tmp_path_factory.mktemp("site")
    bundle = ["--bundle", "--format=esm", f"--outfile={folder / 'page.js'}", "--log-level=warning"]
    subprocess.run([HERE / "node_modules/.bin/esbuild", HERE / "page.js", *bundle], check=True)
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
        """Say nothing."""
