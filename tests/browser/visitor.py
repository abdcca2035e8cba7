"""A visitor of the page: what they do there, and what must not happen in the meantime."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext, ConsoleMessage, Locator, Page, Request
from tests.integration.backend import Backend
from tests.integration.users import PASSWORD, User

AXE = Path(__file__).parent / "node_modules/axe-core/axe.min.js"
_REFUSAL = re.compile(r"Failed to load resource: the server responded with a status of 4\d\d")
_LOST_CONNECTION = re.compile(
    r"Failed to load resource: (net::ERR|the server responded with a status of 503)"
)
"""What Chromium says of every refusal, such as of a wrong password, and of every connection that breaks."""
_REPORT_VIOLATIONS = """
  window.violations = [];
  addEventListener("securitypolicyviolation", (event) =>
    violations.push(`${event.violatedDirective} ${event.blockedURI}`));
"""


class Visitor:
    """A tab with the page. Problems in it are recorded, and returned by :meth:`complaints`."""

    def __init__(self, context: BrowserContext, backend: Backend) -> None:
        self.context = context
        self.backend = backend
        self.page: Page = context.new_page()
        self.hosts: set[str] = set()
        self.may_lose_connections = False
        """Whether the test breaks connections, or makes the API fail."""
        self._complaints: list[str] = []
        self.page.add_init_script(_REPORT_VIOLATIONS)
        self.page.on("console", self._on_console)
        self.page.on("pageerror", lambda error: self._complaints.append(str(error)))
        self.page.on("request", self._on_request)
        # As long as somebody listens, no file chooser opens; who came just before might be too late.
        self.page.on("filechooser", lambda _: None)

    def open(self, address: str = "") -> None:
        """Go to an address of the page, such as ``#/account``."""
        self.page.goto(f"{self.backend.api_url}/{address}")

    def log_in(self, user: User, address: str = "") -> None:
        """Come back as a user who has logged in in this tab."""
        self.page.add_init_script(
            f"sessionStorage.getItem('refresh-token') ?? "
            f"sessionStorage.setItem('refresh-token', {user.refresh_token!r})"
        )
        self.open(address)
        self.page.wait_for_selector(".home")

    def fill_in(self, submit: str, **fields: str) -> None:
        """Fill in fields, named by their labels with underscores for spaces, and press a button."""
        for label, text in fields.items():
            self.field(label.replace("_", " ")).fill(text)
        self.button(submit).click()

    def log_in_by_form(self, email: str, password: str = PASSWORD) -> None:
        """Fill in the form of the log in."""
        self.field("E-mail").fill(email)
        self.fill_in("Log in", Password=password)

    def field(self, label: str) -> Locator:
        """Return the field with this label in the topmost layer."""
        inputs = self.page.locator("input, textarea, select")
        return self.page.get_by_label(label, exact=True).and_(inputs).last

    def button(self, name: str) -> Locator:
        """Return the button with this name in the topmost layer."""
        return self.page.get_by_role("button", name=name, exact=True).last

    def heading(self, text: str) -> Locator:
        """The heading with this text."""
        return self.page.get_by_role("heading", name=text, exact=True)

    def choose_files(self, *files: Any) -> None:
        """Choose files for upload: paths, or {name, mimeType, buffer}."""
        self.page.locator("input[type=file]").set_input_files(list(files))

    def tiles(self) -> Locator:
        """The photos of the gallery that are near the window."""
        return self.page.locator(".grid .tile")

    def photo(self, name: str) -> Locator:
        """The photo of this name in the gallery."""
        return self.page.get_by_role("link", name=f"{name}, ")

    def is_seen(self, text: str) -> None:
        """Wait until a text is visible."""
        self.page.get_by_text(text).last.wait_for()

    def accessibility_findings(self) -> list[str]:
        """Return what axe-core finds in the visible page that is serious or worse."""
        if not self.page.evaluate("() => Boolean(window.axe)"):
            self.page.evaluate(AXE.read_text(encoding="utf-8"))
        violations = self.page.evaluate("async () => (await axe.run(document)).violations")
        return [
            f"{one['id']}: {node['html'][:200]} {node['failureSummary'][:300]}"
            for one in violations
            if one["impact"] in {"serious", "critical"}
            for node in one["nodes"]
        ]

    def complaints(self) -> Sequence[str]:
        """Errors in the console, violations of the policy, and requests to other hosts."""
        allowed = {urlsplit(self.backend.api_url).netloc, urlsplit(self.storage_url).netloc}
        others = [f"request to {host}" for host in sorted(self.hosts - allowed)]
        violations = self.page.evaluate("() => window.violations ?? []")
        return [*self._complaints, *others, *violations]

    @property
    def storage_url(self) -> str:
        """The origin of presigned URLs."""
        return self.backend.service_endpoint_urls.get("S3") or self.backend.aws_endpoint_url or ""

    def _on_console(self, message: ConsoleMessage) -> None:
        is_expected = _REFUSAL.match(message.text) or (
            self.may_lose_connections and _LOST_CONNECTION.match(message.text)
        )
        if message.type in {"error", "warning"} and not is_expected:
            self._complaints.append(f"{message.type}: {message.text}")

    def _on_request(self, request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme in {"http", "https"}:
            self.hosts.add(parts.netloc)
