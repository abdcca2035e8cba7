"""The use cases before a sign-up, after a sign-in, and before the directory issues tokens."""

from datetime import UTC, datetime

import pytest

from domain.accounts.audit import AuditEvent, AuditEventName
from domain.accounts.errors import RegistrationNotAllowed
from domain.accounts.permissions import PermissionGrants
from domain.accounts.registration_policy import RegistrationPolicy
from domain.accounts.use_cases.triggers import AddPermissionClaims, AdmitRegistration, RecordSignIn
from domain.shared.errors import InvalidRequest
from tests.support.fakes.audit_log import InMemoryAuditLog

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def test_an_address_is_held_against_the_policy_however_it_is_written() -> None:
    admit = AdmitRegistration(RegistrationPolicy(blocked=frozenset({"ann@example.com"})))

    admit("bob@example.com")
    with pytest.raises(RegistrationNotAllowed):
        admit("Ann@Example.COM")


def test_what_is_no_address_is_refused() -> None:
    with pytest.raises(InvalidRequest):
        AdmitRegistration(RegistrationPolicy())("ann")


def test_a_sign_in_is_kept_with_its_time_and_occasion() -> None:
    log = InMemoryAuditLog()

    RecordSignIn(log, lambda: NOW)("ann", "the page", "PostAuthentication_Authentication")

    assert log.events == [
        AuditEvent(
            AuditEventName.USER_SIGNED_IN,
            NOW,
            user_id="ann",
            client_id="the page",
            trigger="PostAuthentication_Authentication",
        )
    ]


def test_tokens_claim_all_permissions_of_all_groups_sorted() -> None:
    claim = AddPermissionClaims(PermissionGrants(frozenset({"b"}), {"g": frozenset({"c", "a"})}))

    assert claim(["g", "unknown"]) == {"permissions": "a b c"}
    assert claim([]) == {"permissions": "b"}
