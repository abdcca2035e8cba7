"""The composition root of the user pool's triggers.

It is apart from the other functions' because Cognito waits for these triggers at every sign-in: here
nothing imports an AWS client, which would be most of a cold start.
"""

import sys
from datetime import UTC, datetime
from typing import Annotated

from dependency_injector import containers, providers
from pydantic import BeforeValidator
from pydantic_settings import BaseSettings, NoDecode

from adapters.audit_log import JsonLinesAuditLog
from domain.accounts.permissions import PermissionGrants
from domain.accounts.registration_policy import RegistrationPolicy
from domain.accounts.use_cases.triggers import AdmitRegistration, ClaimPermissions, RecordSignIn


def _listed(value: object) -> object:
    """The items of a comma-separated list in lower case; what isn't text stays as it is."""
    return (
        frozenset(filter(None, map(str.strip, value.lower().split(","))))
        if isinstance(value, str)
        else value
    )


NameList = Annotated[frozenset[str], NoDecode, BeforeValidator(_listed)]
"""Names in one environment variable, separated by commas."""


class TriggerSettings(BaseSettings):
    """The environment variables of the function; every one has a default that changes nothing."""

    registration_open: bool = True
    registration_allowed_domains: NameList = frozenset()
    registration_blocked: NameList = frozenset()
    group_permissions: dict[str, frozenset[str]] = {}
    """JSON, such as ``{"uploaders": ["images:upload"]}``."""
    default_permissions: NameList = frozenset()
    audit_sign_ins: bool = True


def _utc_now() -> datetime:
    return datetime.now(UTC)


class TriggerContainer(containers.DeclarativeContainer):
    """Makes the use cases of the triggers from the function's settings."""

    settings = providers.Singleton(TriggerSettings)
    audit_log = providers.Singleton(JsonLinesAuditLog, providers.Callable(lambda: sys.stdout))

    admit_registration = providers.Singleton(
        AdmitRegistration,
        providers.Singleton(
            RegistrationPolicy,
            is_open=settings.provided.registration_open,
            allowed_domains=settings.provided.registration_allowed_domains,
            blocked=settings.provided.registration_blocked,
        ),
    )
    record_sign_in = providers.Singleton(RecordSignIn, audit_log, providers.Object(_utc_now))
    claim_permissions = providers.Singleton(
        ClaimPermissions,
        providers.Singleton(
            PermissionGrants,
            settings.provided.default_permissions,
            settings.provided.group_permissions,
        ),
    )
