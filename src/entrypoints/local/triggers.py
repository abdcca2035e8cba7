"""The user pool's triggers on this machine: the emulator's Cognito asks the server, which runs the handler.

In the emulator, the triggers function has no code of its own: its calls are forwarded to an address of
this server (MiniStack's ``MINISTACK_LAMBDA_PROXY_URL``), whose path nobody else knows.
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
    """Where the emulator has trigger events answered; a new path for each run of the server."""

    def __init__(self, base_url: str) -> None:
        self._path = f"/triggers/{secrets.token_urlsafe()}"
        self.url = f"{base_url}{self._path}"

    def served_by(self, invoke: Invoke) -> Route:
        """The route, which has the triggers function answer each event.

        The workers of ``invoke`` must not be those of the other functions, which may all be waiting for
        the very Cognito call that the trigger is part of.
        """

        async def answer(request: Request) -> Response:
            try:
                return JSONResponse(await invoke(FUNCTION, json.loads(await request.body())))
            except (
                Exception
            ) as error:  # whatever it raises refuses the operation, and Cognito tells its text
                print(f"trigger: {error}", file=sys.stderr, flush=True)
                return PlainTextResponse(str(error), HTTPStatus.BAD_GATEWAY)

        return Route(self._path, answer, methods=["POST"])
