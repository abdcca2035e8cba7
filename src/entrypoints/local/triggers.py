"""Runs the user pool's triggers in this server, on behalf of the emulator's Cognito.

In the emulator, the triggers function has no code: MiniStack forwards its invocations to a secret URL of
this server (``MINISTACK_LAMBDA_PROXY_URL``).
"""

import json
import secrets
import sys
from http import HTTPStatus

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from entrypoints.local.gateway import Invoke

FUNCTION = "triggers"


class TriggerRoute:
    """The route to which the emulator sends trigger events. Its path is new in each run of the server."""

    def __init__(self, base_url: str) -> None:
        self._path = f"/triggers/{secrets.token_urlsafe()}"
        self.url = f"{base_url}{self._path}"

    def served_by(self, invoke: Invoke) -> Route:
        """Create the route, which invokes the triggers function for each event.

        ``invoke`` must not share workers with the other functions: those may all be waiting for the Cognito
        call that the trigger belongs to.
        """

        async def answer(request: Request) -> Response:
            try:
                return JSONResponse(await invoke(FUNCTION, json.loads(await request.body())))
            except Exception as error:  # any exception refuses the operation, and Cognito reports its text
                print(f"trigger: {error}", file=sys.stderr, flush=True)
                return PlainTextResponse(str(error), HTTPStatus.BAD_GATEWAY)

        return Route(self._path, answer, methods=["POST"])
