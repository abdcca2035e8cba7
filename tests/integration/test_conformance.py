"""Responses to generated requests, valid and invalid, to every operation conform to the description."""

import json
from pathlib import Path
from urllib.parse import urlsplit

import schemathesis
from hypothesis import HealthCheck, Phase, settings
from schemathesis import Case
from schemathesis.specs.openapi.checks import (
    ignored_auth,
    negative_data_rejection,
    positive_data_acceptance,
    unsupported_method,
)

from tests.integration.backend import Backend
from tests.integration.users import User

_ENDS_THE_SESSION = ["deleteAccount", "logOutEverywhere"]
"""Operations that weaken or invalidate the shared user's token."""

_NOT_HERE = [
    # A schema cannot express what a strong password or an image is.
    positive_data_acceptance,
    # Methods without a name in HTTP reach no function of ours: API Gateway answers them.
    unsupported_method,
    # test_authorization.py covers this for all operations.
    ignored_auth,
]

schema = schemathesis.openapi.from_dict(json.loads(Path("openapi.json").read_text(encoding="utf-8")))


@schema.exclude(operation_id=_ENDS_THE_SESSION).parametrize()
@settings(
    max_examples=15,
    deadline=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
    # Failures are not minimised: the server's state has changed since, so a smaller request may fail for
    # another reason.
    phases=[Phase.explicit, Phase.generate],
)
def test_answers_are_as_described(case: Case, backend: Backend, user: User) -> None:
    headers = {"authorization": f"Bearer {user.access_token}"}
    excluded = list(_NOT_HERE)
    if urlsplit(backend.api_url).path:
        # It confuses a base URL's path with the operation's, and reports ignored parameters.
        excluded.append(negative_data_rejection)
    case.call_and_validate(base_url=backend.api_url, headers=headers, excluded_checks=excluded)
