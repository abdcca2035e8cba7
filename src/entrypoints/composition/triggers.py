"""Composes the use cases of the user pool's triggers.

Cognito waits for these triggers at every sign-in: so nothing here imports an AWS client or a container,
which would be most of a cold start.
"""

import sys
from dataclasses import dataclass
from typing import Annotated

from pydantic import BeforeValidator, Field

from adapters.audit_log import JsonLinesAuditLog
from domain.accounts.permissions import PermissionGrants
from domain.accounts.ports import AuditLog
from domain.accounts.registration_policy import RegistrationPolicy
from domain.accounts.use_cases.triggers import AdmitRegistration, ClaimPermissions, RecordSignIn
from entrypoints.composition.environment import FROM_JSON, EnvironmentSettings
from entrypoints.composition.system_clock import utc_now


def _listed(value: object) -> object:
    """The items of a comma-separated list in lower case; what isn't text stays as it is."""
    return (
        frozenset(filter(None, map(str.strip, value.lower().split(","))))
        if isinstance(value, str)
        else value
    )


NameList = Annotated[frozenset[str], BeforeValidator(_listed)]
"""Names in one environment variable, separated by commas."""


class TriggerSettings(EnvironmentSettings):
    """The environment variables of the function; every one has a default that changes nothing."""

    registration_open: bool = True
    registration_allowed_domains: NameList = frozenset()
    registration_blocked: NameList = frozenset()
    group_permissions: Annotated[dict[str, frozenset[str]], FROM_JSON] = Field(default={})
    """JSON, such as ``{"uploaders": ["images:upload"]}``."""
    default_permissions: NameList = frozenset()
    audit_sign_ins: bool = True


@dataclass(frozen=True, slots=True)
class TriggerUseCases:
    """What the triggers call; ``record_sign_in`` is absent where sign-ins are not audited."""

    admit_registration: AdmitRegistration
    record_sign_in: RecordSignIn | None
    claim_permissions: ClaimPermissions


def trigger_use_cases(settings: TriggerSettings, audit_log: AuditLog | None = None) -> TriggerUseCases:
    """Compose what the settings ask for; the audit log is standard output unless another is given."""
    policy = RegistrationPolicy(
        is_open=settings.registration_open,
        allowed_domains=settings.registration_allowed_domains,
        blocked=settings.registration_blocked,
    )
    grants = PermissionGrants(settings.default_permissions, settings.group_permissions)
    audit_log = audit_log or JsonLinesAuditLog(sys.stdout)
    return TriggerUseCases(
        admit_registration=AdmitRegistration(policy),
        record_sign_in=RecordSignIn(audit_log, utc_now) if settings.audit_sign_ins else None,
        claim_permissions=ClaimPermissions(grants),
    )
