r"""Refuses texts with unpaired surrogates (RFC 8259 §8.2).

JSON can contain one (``"\ud800"``) and Python accepts it, but no encoding can represent it. Storing,
signing or returning such a text would fail later.
"""

from collections.abc import Iterable, Iterator
from typing import Any

from aws_lambda_powertools.event_handler import ApiGatewayResolver, Response
from aws_lambda_powertools.event_handler.middlewares import NextMiddleware
from aws_lambda_powertools.utilities.data_classes import APIGatewayProxyEventV2

from domain.shared.errors import FieldError, InvalidRequest

_MAX_FIELD_NAME_LENGTH = 100
_MESSAGE = "contains an incomplete character (an unpaired surrogate)"


def refuse_in_json(value: Any) -> None:
    """Return if no text or name in this parsed JSON has one. Raises InvalidRequest."""
    _refuse(_texts("body", value))


def refuse_in_request(app: ApiGatewayResolver, call_next: NextMiddleware) -> Response[Any]:
    """Check the request outside its JSON, as a middleware. Raises InvalidRequest naming the field."""
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
    """Yield all texts and names in parsed JSON, each with the name of its field."""
    waiting = [(field, value)]
    while waiting:
        name, found = waiting.pop()
        if isinstance(found, str):
            yield name, found
        elif isinstance(found, list):
            waiting.extend((name, item) for item in found)
        elif isinstance(found, dict):
            for key, item in found.items():
                yield name, key
                waiting.append((key if name == field else f"{name}.{key}", item))
