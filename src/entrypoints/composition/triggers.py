"""Composes the use cases of the user pool's triggers.

Cognito waits for these triggers at every sign-in. So nothing here imports an AWS client or the
dependency-injection container, which would take up most of a cold start.
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
    """Split a comma-separated list and convert it to lower case; other types stay as they are."""
    return (
        frozenset(filter(None, map(str.strip, value.lower().split(","))))
        if isinstance(value, str)
        else value
    )


NameList = Annotated[frozenset[str], BeforeValidator(_listed)]
"""Comma-separated names in one environment variable."""


class TriggerSettings(EnvironmentSettings):
    """The settings of the function; with the defaults, the triggers change nothing."""

    registration_open: bool = True
    registration_allowed_domains: NameList = frozenset()
    registration_blocked: NameList = frozenset()
    group_permissions: Annotated[dict[str, frozenset[str]], FROM_JSON] = Field(default={})
    """JSON, such as ``{"uploaders": ["images:upload"]}``."""
    default_permissions: NameList = frozenset()
    audit_sign_ins: bool = True


@dataclass(frozen=True, slots=True)
class TriggerUseCases:
    """The use cases of the triggers; ``record_sign_in`` is ``None`` if sign-ins are not audited."""

    admit_registration: AdmitRegistration
    record_sign_in: RecordSignIn | None
    claim_permissions: ClaimPermissions


def trigger_use_cases(settings: TriggerSettings, audit_log: AuditLog | None = None) -> TriggerUseCases:
    """Compose the use cases; the audit log is standard output unless another is given."""
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
