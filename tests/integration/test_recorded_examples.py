"""The examples in the description are the API's real responses."""

import json

import pytest

from entrypoints.openapi.examples import RECORDED
from tests.integration.backend import Backend
from tests.integration.recorded_examples import record


@pytest.mark.local_server
def test_the_committed_examples_are_what_the_api_answers(backend: Backend) -> None:
    recorded = record(backend)

    assert recorded == json.loads(RECORDED.read_text(encoding="utf-8")), "run `make openapi-examples`"
