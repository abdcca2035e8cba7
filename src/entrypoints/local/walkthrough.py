"""The text that the local server prints: the URLs, and commands for trying the API."""

from pathlib import Path
from shlex import quote
from textwrap import dedent

_UPLOAD_PROGRAM = Path(__file__).parents[3] / "docs/examples/upload.py"


def render_walkthrough(base_url: str, endpoint_url: str, environment_file: Path) -> str:
    """Render the text for the terminal; its commands can be pasted into a POSIX shell."""
    return dedent(f"""\

        The images upload API is ready.

          Page           {base_url}
          API            {base_url}/v1
          Documentation  {base_url}/docs
          AWS emulator   {endpoint_url}  (for aws and boto3: source {environment_file})

        Try it in another terminal. Confirmation codes, requests and events are printed here.

          API={base_url}
          curl -sS $API/v1/users -H 'content-type: application/json' \\
            -d '{{"email": "ada@example.com", "password": "Analytical-Engine-1843"}}'
          curl -sS $API/v1/users/confirm -H 'content-type: application/json' \\
            -d '{{"email": "ada@example.com", "code": "THE CODE"}}'
          TOKEN=$(curl -sS $API/v1/sessions -H 'content-type: application/json' \\
            -d '{{"email": "ada@example.com", "password": "Analytical-Engine-1843"}}' |
            python3 -c 'import json, sys; print(json.load(sys.stdin)["access_token"])')
          API_URL=$API TOKEN=$TOKEN python3 {quote(str(_UPLOAD_PROGRAM))} photo.jpg
          curl -sS $API/v1/images -H "authorization: Bearer $TOKEN"

        Ctrl-C stops it.
        """)
