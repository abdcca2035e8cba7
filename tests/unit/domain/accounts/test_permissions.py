import pytest

from domain.accounts.permissions import PermissionGrants
from domain.images.upload_policy import UPLOAD_IMAGES, UploadPolicy
from domain.shared.caller import Caller
from domain.shared.errors import PermissionDenied


def test_by_default_every_signed_in_user_may_upload() -> None:
    UploadPolicy().authorise(Caller("u1", "ann"))


def test_where_the_permission_is_required_only_its_holders_may_upload() -> None:
    policy = UploadPolicy(requires_permission=True)
    policy.authorise(Caller("u1", "ann", permissions=frozenset({UPLOAD_IMAGES, "other"})))
    with pytest.raises(PermissionDenied, match="images:upload"):
        policy.authorise(Caller("u2", "bob", permissions=frozenset({"other"})))


def test_permissions_are_those_of_everyone_and_of_each_group() -> None:
    grants = PermissionGrants(frozenset({"a"}), {"g": frozenset({"b"}), "h": frozenset({"b", "c"})})
    assert grants.held_in([]) == {"a"}
    assert grants.held_in(["g", "h", "unknown"]) == {"a", "b", "c"}
