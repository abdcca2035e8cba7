"""Responses to generated requests, valid and invalid, to every operation conform to the description.

Schemathesis reads ``schemathesis.toml``, which says what its checks expect here.
"""

import json
from pathlib import Path
from urllib.parse import urlsplit

import schemathesis
from hypothesis import HealthCheck, Phase, settings
from schemathesis import Case, CheckFunction
from schemathesis.specs.openapi.checks import ignored_auth, negative_data_rejection, unsupported_method

from tests.integration.backend import Backend
from tests.integration.users import User

_ENDS_THE_SESSION = ["deleteAccount", "logOutEverywhere"]
"""Operations that weaken or invalidate the shared user's token."""

schema = schemathesis.openapi.from_dict(json.loads(Path("openapi.json").read_text(encoding="utf-8")))


@schema.exclude(operation_id=_ENDS_THE_SESSION).parametrize()
@settings(
    max_examples=10,
    deadline=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
    # Failures are not minimised: the server's state has changed since, so a smaller request may fail for
    # another reason.
    phases=[Phase.explicit, Phase.generate],
)
def test_answers_are_as_described(case: Case, backend: Backend, user: User) -> None:
    headers = {"authorization": f"Bearer {user.access_token}"}
    # It does not see the token that is added here; test_authorization.py covers this for all operations.
    excluded: list[CheckFunction] = [ignored_auth]
    if backend.state_dir is None:
        # Methods without a name in HTTP reach no function of ours: API Gateway answers them.
        excluded.append(unsupported_method)
    if urlsplit(backend.api_url).path:
        # It confuses a base URL's path with the operation's, and reports ignored parameters.
        excluded.append(negative_data_rejection)
    case.call_and_validate(base_url=backend.api_url, headers=headers, excluded_checks=excluded)
