"""Makes a Cognito emulator check the sessions of sign-in challenges as Cognito does.

MiniStack accepts any text as the session of NEW_PASSWORD_REQUIRED and SOFTWARE_TOKEN_MFA. Cognito accepts
only a session that it issued minutes ago for the same challenge, user and app client, and only once:
https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_AdminRespondToAuthChallenge.html
"""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from entrypoints.local.asgi import AsgiApp, Message, Receive, Send, header

Json = dict[str, Any]

SESSION_LIFETIME_S = 3 * 60
"""Cognito's default for an app client (AuthSessionValidity)."""

_SERVICE = "AWSCognitoIdentityProviderService."
_BEGINNINGS = frozenset({"AdminInitiateAuth", "InitiateAuth"})
_ANSWERS = frozenset({"AdminRespondToAuthChallenge", "RespondToAuthChallenge"})
_ENROLMENTS = frozenset({"AssociateSoftwareToken", "VerifySoftwareToken"})
_TRACKED_BY_THE_EMULATOR = frozenset({"PASSWORD_VERIFIER", "CUSTOM_CHALLENGE"})
"""Challenges whose state MiniStack tracks itself."""

_UNKNOWN = "Invalid session for the user."
_USED = "Invalid session for the user, session can only be used once."
_EXPIRED = "Invalid session for the user, session is expired."


@dataclass(frozen=True, slots=True)
class IssuedSession:
    """The validity of a session. ``usernames`` are all names of its user, in lower case."""

    challenge: str
    client_id: str
    usernames: frozenset[str]
    expires_at: float


class SessionBook:
    """Tracks the issued sessions. ``clock`` returns monotonic seconds."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._issued: dict[str, IssuedSession] = {}
        self._used: dict[str, float] = {}

    def take(self, operation: str, request: Json) -> tuple[IssuedSession | None, str | None]:
        """Use up the session that this request needs. Returns the session, or the reason for its refusal.

        Both are ``None`` if no session is needed.
        """
        if not _needs_session(operation, request):
            return None, None
        token = str(request.get("Session"))
        if token in self._used:
            return None, _USED
        session = self._issued.get(token)
        if session is None or not _fits(session, operation, request):
            return None, _UNKNOWN
        if session.expires_at <= self._clock():
            return None, _EXPIRED
        del self._issued[token]
        self._used[token] = session.expires_at
        return session, None

    def give_back(self, token: str, session: IssuedSession) -> None:
        """Make a session usable again, for another attempt after a wrong code or a weak password."""
        self._used.pop(token, None)
        self._issued[token] = session

    def note(self, operation: str, request: Json, answer: Json, taken: IssuedSession | None) -> None:
        """Record the session in a successful response, if there is one."""
        self._forget_expired()
        token = answer.get("Session")
        if not token:
            return
        expires_at = self._clock() + SESSION_LIFETIME_S
        if operation in _ENROLMENTS:
            if taken is not None:
                self._issued[token] = IssuedSession(
                    taken.challenge, taken.client_id, taken.usernames, expires_at
                )
            return
        parameters = answer.get("ChallengeParameters") or {}
        names = (
            parameters.get("USER_ID_FOR_SRP"),
            parameters.get("USERNAME"),
            (request.get("AuthParameters") or {}).get("USERNAME"),
            (request.get("ChallengeResponses") or {}).get("USERNAME"),
        )
        self._issued[token] = IssuedSession(
            challenge=answer.get("ChallengeName", ""),
            client_id=request.get("ClientId", ""),
            usernames=frozenset(name.lower() for name in names if name),
            expires_at=expires_at,
        )

    def _forget_expired(self) -> None:
        now = self._clock()
        self._issued = {token: issued for token, issued in self._issued.items() if issued.expires_at > now}
        self._used = {token: expires_at for token, expires_at in self._used.items() if expires_at > now}


class ChallengeSessions:
    """An ASGI middleware for the emulator, which refuses the sessions that Cognito refuses."""

    def __init__(self, emulator: AsgiApp, book: SessionBook | None = None) -> None:
        self._emulator = emulator
        self._book = book or SessionBook()

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Pass on all requests except those with an invalid session."""
        operation = _operation(scope)
        if operation is None:
            await self._emulator(scope, receive, send)
            return
        body = await _read(receive)
        request = _parsed(body)
        session, refusal = self._book.take(operation, request)
        if refusal is not None:
            await _refuse(send, refusal)
            return
        status, answer = await self._forward(scope, body, receive, send)
        if status == 200:
            self._book.note(operation, request, _parsed(answer), session)
        elif session is not None:
            self._book.give_back(request["Session"], session)

    async def _forward(
        self, scope: Message, body: bytes, receive: Receive, send: Send
    ) -> tuple[int, bytes]:
        """Forward the request and its response. Returns the response's status and body."""
        status, answer = 0, bytearray()
        is_read = False

        async def replay() -> Message:
            nonlocal is_read
            if is_read:
                return await receive()
            is_read = True
            return {"type": "http.request", "body": body, "more_body": False}

        async def listen(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            elif message["type"] == "http.response.body":
                answer.extend(message.get("body", b""))
            await send(message)

        await self._emulator(scope, replay, listen)
        return status, bytes(answer)


def _operation(scope: Message) -> str | None:
    """Return the Cognito operation of a request if it belongs to a sign-in."""
    if scope["type"] != "http":
        return None
    target = header(scope, b"x-amz-target")
    operation = target.removeprefix(_SERVICE)
    is_watched = operation in _BEGINNINGS | _ANSWERS | _ENROLMENTS
    return operation if target.startswith(_SERVICE) and is_watched else None


def _needs_session(operation: str, request: Json) -> bool:
    if operation in _ANSWERS:
        return request.get("ChallengeName") not in _TRACKED_BY_THE_EMULATOR
    return operation in _ENROLMENTS and not request.get("AccessToken")


def _fits(session: IssuedSession, operation: str, request: Json) -> bool:
    if operation in _ENROLMENTS:
        return session.challenge == "MFA_SETUP"
    username = str((request.get("ChallengeResponses") or {}).get("USERNAME", "")).lower()
    return (
        session.challenge == request.get("ChallengeName")
        and session.client_id == request.get("ClientId")
        and username in session.usernames
    )


async def _read(receive: Receive) -> bytes:
    body = bytearray()
    while True:
        message = await receive()
        body += message.get("body", b"")
        if not message.get("more_body"):
            return bytes(body)


def _parsed(body: bytes) -> Json:
    """Parse a JSON object; return an empty one for anything else, which the emulator then refuses."""
    try:
        parsed = json.loads(body)
    except ValueError:
        return {}
    return parsed if isinstance(parsed, dict) else {}


async def _refuse(send: Send, message: str) -> None:
    body = json.dumps({"__type": "NotAuthorizedException", "message": message}).encode()
    headers = [
        (b"content-type", b"application/x-amz-json-1.1"),
        (b"x-amzn-errortype", b"NotAuthorizedException"),
        (b"content-length", str(len(body)).encode()),
    ]
    await send({"type": "http.response.start", "status": 400, "headers": headers})
    await send({"type": "http.response.body", "body": body})
