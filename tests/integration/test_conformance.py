"""Generated requests, valid and not, for every operation: each answer is as the description says."""

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
"""Operations after which the shared user's token, rightly, is worth less or nothing."""

_NOT_HERE = [
    # A schema cannot say what makes a password strong or bytes an image.
    positive_data_acceptance,
    # API Gateway answers 404, not 405, where a path has no such method.
    unsupported_method,
    # test_authorization.py asks every operation, and does not share our header.
    ignored_auth,
]

schema = schemathesis.openapi.from_dict(json.loads(Path("openapi.json").read_text(encoding="utf-8")))


@schema.exclude(operation_id=_ENDS_THE_SESSION).parametrize()
@settings(
    max_examples=15,
    deadline=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
    # What fails is reported as it is: a smaller request to a server whose state has changed since may
    # fail for another reason.
    phases=[Phase.explicit, Phase.generate],
)
def test_answers_are_as_described(case: Case, backend: Backend, user: User) -> None:
    headers = {"authorization": f"Bearer {user.access_token}"}
    excluded = list(_NOT_HERE)
    if urlsplit(backend.api_url).path:
        # It cannot tell a base URL's path from the operation's, and blames parameters that are ignored.
        excluded.append(negative_data_rejection)
    case.call_and_validate(base_url=backend.api_url, headers=headers, excluded_checks=excluded)
