"""Log in with a browser at Cognito's managed login: authorization code flow with PKCE (RFC 7636, RFC 8252).

    python authorization_code.py https://DOMAIN CLIENT_ID [CALLBACK_URL]

prints a URL to open, waits for the browser at the callback URL, and prints the tokens as JSON. The callback
URL is http://localhost:3000/callback by default; the app client must list it. Needs only Python.
"""

import base64
import hashlib
import json
import secrets
import sys
import urllib.request
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.parse import parse_qs, urlencode, urlsplit

DEFAULT_CALLBACK_URL = "http://localhost:3000/callback"
SCOPES = "openid email profile aws.cognito.signin.user.admin"
"""The last scope is needed for the operations on the second factor."""


class Callback(BaseHTTPRequestHandler):
    """Receives the browser's request after the login."""

    path_expected = ""
    answer: dict[str, str] | None = None

    def do_GET(self) -> None:
        """Keep the parameters of a request to the callback path; refuse other paths."""
        url = urlsplit(self.path)
        if url.path != Callback.path_expected:
            self.send_error(404)
            return
        Callback.answer = {name: values[0] for name, values in parse_qs(url.query).items()}
        self.send_response(200)
        self.send_header("content-type", "text/plain; charset=utf-8")
        self.end_headers()
        self.wfile.write(b"You are logged in. Close this window.\n")

    def log_message(self, *_: object) -> None:
        """Log nothing, so that the code is not shown in the terminal."""


def main() -> None:
    """Run the flow with the domain and the client from the command line."""
    domain, client_id, callback_url = [*sys.argv[1:], DEFAULT_CALLBACK_URL][:3]
    domain = domain.rstrip("/")
    verifier = secrets.token_urlsafe(64)
    state = secrets.token_urlsafe(16)
    digest = hashlib.sha256(verifier.encode()).digest()
    authorization = {
        "response_type": "code",
        "client_id": client_id,
        "redirect_uri": callback_url,
        "scope": SCOPES,
        "state": state,
        "code_challenge": base64.urlsafe_b64encode(digest).decode().rstrip("="),
        "code_challenge_method": "S256",
    }
    callback = urlsplit(callback_url)
    Callback.path_expected = callback.path
    with HTTPServer((callback.hostname or "localhost", callback.port or 80), Callback) as server:
        print(f"Open {domain}/oauth2/authorize?{urlencode(authorization)}", file=sys.stderr, flush=True)
        while Callback.answer is None:
            server.handle_request()
    # A code that another site sent here does not have our state (RFC 6749 §10.12).
    if not secrets.compare_digest(Callback.answer.get("state", ""), state):
        raise SystemExit("The answer does not belong to this request.")
    if "code" not in Callback.answer:
        raise SystemExit(
            f"The login failed: {Callback.answer.get('error_description', 'there is no code')}"
        )
    exchange = {
        "grant_type": "authorization_code",
        "client_id": client_id,
        "code": Callback.answer["code"],
        "redirect_uri": callback_url,
        "code_verifier": verifier,
    }
    request = urllib.request.Request(f"{domain}/oauth2/token", urlencode(exchange).encode())
    with urllib.request.urlopen(request) as response:
        print(json.dumps(json.load(response)))


if __name__ == "__main__":
    main()
