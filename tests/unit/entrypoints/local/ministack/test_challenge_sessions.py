"""Which sessions the emulator accepts; the contract tests cover their effect on sign-ins."""

import asyncio
import json
from typing import Any

import pytest

from entrypoints.local.asgi import Message
from entrypoints.local.ministack.challenge_sessions import (
    SESSION_LIFETIME_S,
    ChallengeSessions,
    SessionBook,
)

BEGIN = {"ClientId": "c1", "AuthParameters": {"USERNAME": "Ann@example.com"}}
CHALLENGED = {
    "ChallengeName": "SOFTWARE_TOKEN_MFA",
    "Session": "s1",
    "ChallengeParameters": {"USER_ID_FOR_SRP": "b0c1"},
}


def answer(**changes: Any) -> dict[str, Any]:
    request = {
        "ClientId": "c1",
        "ChallengeName": "SOFTWARE_TOKEN_MFA",
        "Session": "s1",
        "ChallengeResponses": {"USERNAME": "b0c1"},
    }
    return {name: value for name, value in (request | changes).items() if value is not None}


class Emulator:
    """Answers as scripted, in pieces, and records the requests."""

    def __init__(self) -> None:
        self.answers: list[tuple[int, bytes]] = []
        self.asked: list[bytes] = []

    async def __call__(self, scope: Message, receive: Any, send: Any) -> None:
        self.asked.append((await receive())["body"])
        status, body = self.answers.pop(0)
        await send({"type": "http.response.start", "status": status, "headers": []})
        await send({"type": "http.response.body", "body": body[:3], "more_body": True})
        await send({"type": "http.response.body", "body": body[3:]})


class Conversation:
    """Sends requests to an emulator behind the check of sessions, at a time that the test sets."""

    def __init__(self) -> None:
        self.now = 0.0
        self.emulator = Emulator()
        self._sessions = ChallengeSessions(self.emulator, SessionBook(lambda: self.now))

    def ask(self, operation: str, request: Any, status: int = 200, reply: Any = None) -> tuple[int, str]:
        """Return the status and, if the request was refused before the emulator saw it, the reason."""
        body = request if isinstance(request, bytes) else json.dumps(request).encode()
        self.emulator.answers = [(status, json.dumps(reply or {}).encode())]
        pieces = [body[:5], body[5:]]
        sent: list[Message] = []

        async def receive() -> Message:
            piece = pieces.pop(0)
            return {"type": "http.request", "body": piece, "more_body": bool(pieces)}

        async def send(message: Message) -> None:
            sent.append(message)

        target = f"AWSCognitoIdentityProviderService.{operation}".encode()
        scope = {"type": "http", "headers": [(b"x-amz-target", target)]}
        asked_before = len(self.emulator.asked)
        asyncio.run(self._sessions(scope, receive, send))
        text = b"".join(message.get("body", b"") for message in sent[1:])
        was_passed_on = len(self.emulator.asked) > asked_before
        return sent[0]["status"], "" if was_passed_on else json.loads(text)["message"]


@pytest.fixture
def conversation() -> Conversation:
    conversation = Conversation()
    assert conversation.ask("AdminInitiateAuth", BEGIN, reply=CHALLENGED) == (200, "")
    return conversation


@pytest.mark.parametrize("username", ["b0c1", "ann@EXAMPLE.com"])
def test_a_session_is_answered_under_any_name_of_its_user(
    conversation: Conversation, username: str
) -> None:
    request = answer(ChallengeResponses={"USERNAME": username})
    assert conversation.ask("AdminRespondToAuthChallenge", request) == (200, "")
    assert json.loads(conversation.emulator.asked[-1]) == request


@pytest.mark.parametrize(
    "changes",
    [
        {"Session": "s2"},
        {"Session": None},
        {"Session": ["s1"]},
        {"ClientId": "c2"},
        {"ChallengeName": "NEW_PASSWORD_REQUIRED"},
        {"ChallengeName": None},
        {"ChallengeResponses": {"USERNAME": "bob@example.com"}},
        {"ChallengeResponses": None},
    ],
)
@pytest.mark.parametrize("operation", ["AdminRespondToAuthChallenge", "RespondToAuthChallenge"])
def test_any_other_session_user_client_or_challenge_is_refused(
    conversation: Conversation, operation: str, changes: dict[str, Any]
) -> None:
    status, refusal = conversation.ask(operation, answer(**changes))
    assert (status, refusal) == (400, "Invalid session for the user.")


def test_a_session_expires(conversation: Conversation) -> None:
    conversation.now = SESSION_LIFETIME_S
    assert conversation.ask("AdminRespondToAuthChallenge", answer())[0] == 400


def test_a_session_is_used_up_by_an_answer_that_was_accepted(conversation: Conversation) -> None:
    assert conversation.ask("AdminRespondToAuthChallenge", answer(), status=400)[1] == ""
    assert conversation.ask("AdminRespondToAuthChallenge", answer())[1] == ""
    assert "only be used once" in conversation.ask("AdminRespondToAuthChallenge", answer())[1]


def test_a_second_factor_is_only_set_up_with_a_session_for_it(conversation: Conversation) -> None:
    assert conversation.ask("AssociateSoftwareToken", {"Session": "s1"})[0] == 400
    setup = CHALLENGED | {"ChallengeName": "MFA_SETUP", "Session": "m1"}
    conversation.ask("InitiateAuth", BEGIN, reply=setup)
    assert conversation.ask("AssociateSoftwareToken", {"Session": "m1"}, reply={"Session": "m2"})[1] == ""
    assert conversation.ask("VerifySoftwareToken", {"Session": "m2"}, reply={"Session": "m3"})[1] == ""
    last = answer(ChallengeName="MFA_SETUP", Session="m3")
    assert conversation.ask("RespondToAuthChallenge", last)[1] == ""


@pytest.mark.parametrize(
    ("operation", "request_"),
    [
        ("VerifySoftwareToken", {"AccessToken": "a", "UserCode": "123456"}),
        ("RespondToAuthChallenge", {"ChallengeName": "PASSWORD_VERIFIER"}),
        ("AdminGetUser", {"Session": "s9"}),
        ("AdminInitiateAuth", b"no json"),
    ],
)
def test_what_needs_no_session_of_ours_is_passed_on(
    conversation: Conversation, operation: str, request_: Any
) -> None:
    assert conversation.ask(operation, request_)[1] == ""
