r"""Refuses text with half a character: a surrogate code point without its other half (RFC 8259 §8.2).

JSON can write one (``"\ud800"``) and Python keeps it, but no encoding has bytes for it: whatever stores,
signs, compares or answers with such a text would fail, each somewhere else.
"""

from collections.abc import Iterable, Iterator
from typing import Any

from aws_lambda_powertools.event_handler import ApiGatewayResolver, Response
from aws_lambda_powertools.event_handler.middlewares import NextMiddleware
from aws_lambda_powertools.utilities.data_classes import APIGatewayProxyEventV2

from domain.shared.errors import FieldError, InvalidRequest

_MAX_FIELD_NAME_LENGTH = 100
_MESSAGE = "has a character that is incomplete (an unpaired surrogate)"


def refuse_in_json(value: Any) -> None:
    """Return if all texts and names in this parsed JSON are whole. Raises InvalidRequest."""
    _refuse(_texts("body", value))


def refuse_in_request(app: ApiGatewayResolver, call_next: NextMiddleware) -> Response[Any]:
    """Middleware: go on if the request is whole around its JSON. Raises InvalidRequest naming the place."""
    event = APIGatewayProxyEventV2(app.current_event.raw_event)
    _refuse(
        [
            ("path", event.raw_path),
            *(event.query_string_parameters or {}).items(),
            *(event.headers or {}).items(),
            ("body", event.body or ""),
        ]
    )
    return call_next(app)


def _refuse(texts: Iterable[tuple[str, str]]) -> None:
    field = next((field for field, text in texts if not (_is_whole(text) and _is_whole(field))), None)
    if field is not None:
        name = field.encode(errors="replace").decode()[:_MAX_FIELD_NAME_LENGTH]
        raise InvalidRequest(f"{name} {_MESSAGE}.", errors=[FieldError(name, _MESSAGE)])


def _is_whole(text: str) -> bool:
    if text.isascii():
        return True
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _texts(field: str, value: Any) -> Iterator[tuple[str, str]]:
    """All texts in parsed JSON with the name of the field that they are in; names as texts of their own."""
    waiting = [(field, value)]
    while waiting:
        name, part = waiting.pop()
        if isinstance(part, str):
            yield name, part
        elif isinstance(part, list):
            waiting.extend((name, item) for item in part)
        elif isinstance(part, dict):
            for key, item in part.items():
                yield name, key
                waiting.append((key if name == field else f"{name}.{key}", item))
