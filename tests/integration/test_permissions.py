"""Authorization by group: the user pool's trigger adds permissions to tokens, and uploads require one."""

import json
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.integration.backend import Backend, LocalServer
from tests.integration.test_accounts import problem_code
from tests.integration.users import User, log_in, logged_in_user
from tests.support.image_factory import photo
from tests.support.trigger_function import deploy_triggers

pytestmark = pytest.mark.local_server


@pytest.fixture
def strict(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Backend]:
    """A server where only the group of uploaders may upload."""
    monkeypatch.setenv("UPLOADS_REQUIRE_PERMISSION", "true")
    server = LocalServer(tmp_path)
    backend = server.start()
    try:
        triggers = deploy_triggers(
            backend.aws, {"GROUP_PERMISSIONS": json.dumps({"uploaders": ["images:upload"]})}
        )
        backend.aws("cognito-idp").update_user_pool(
            UserPoolId=backend.user_pool_id,
            LambdaConfig={"PreTokenGenerationConfig": {"LambdaArn": triggers, "LambdaVersion": "V2_0"}},
        )
        yield backend
    finally:
        server.stop()


@pytest.fixture
def member(strict: Backend) -> Iterator[User]:
    yield from logged_in_user(strict)


def test_a_group_grants_the_permission_to_upload(strict: Backend, member: User) -> None:
    image = photo("jpeg-plain.jpg").content
    refused = member.upload(image)
    assert (refused.status_code, problem_code(refused)) == (403, "permission-denied")
    assert "images:upload" in refused.json()["detail"]
    assert strict.object_keys() == []

    cognito = strict.aws("cognito-idp")
    cognito.create_group(UserPoolId=strict.user_pool_id, GroupName="uploaders")
    cognito.admin_add_user_to_group(
        UserPoolId=strict.user_pool_id, GroupName="uploaders", Username=member.email
    )

    assert member.upload(image).status_code == 403, "the old token knows nothing of the group"
    with httpx.Client(base_url=strict.api_url, timeout=30) as api:
        refreshed = api.post("/v1/sessions/refresh", json={"refresh_token": member.refresh_token}).json()
        logged_in = log_in(api, member.email).json()
        for token in (refreshed["access_token"], refreshed["id_token"], logged_in["access_token"]):
            headers = {"authorization": f"Bearer {token}", "content-type": "image/jpeg"}
            assert api.post("/v1/images", content=image, headers=headers).status_code == 201
