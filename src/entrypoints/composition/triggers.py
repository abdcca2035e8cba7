"""Composes the use cases of the user pool's triggers.

Cognito waits for these triggers at every sign-in. So this module imports no AWS client, pydantic or
dependency-injection container, which would take up most of a cold start.
"""

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Self

from adapters.audit_log import JsonLinesAuditLog
from domain.accounts.permissions import PermissionGrants
from domain.accounts.registration_policy import RegistrationPolicy
from domain.accounts.use_cases.triggers import AddPermissionClaims, AdmitRegistration, RecordSignIn
from entrypoints.composition.plain_environment import flag, names, names_by_name
from entrypoints.composition.system_clock import utc_now

if TYPE_CHECKING:
    from domain.accounts.ports import AuditLog


@dataclass(frozen=True, slots=True)
class TriggerSettings:
    """The settings of the function; with the defaults, the triggers change nothing."""

    registration_open: bool = True
    registration_allowed_domains: frozenset[str] = frozenset()
    registration_blocked: frozenset[str] = frozenset()
    group_permissions: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """JSON, such as ``{"uploaders": ["images:upload"]}``."""
    default_permissions: frozenset[str] = frozenset()
    audit_sign_ins: bool = True

    @classmethod
    def from_environment(cls, variables: Mapping[str, str] = os.environ) -> Self:
        """Read each setting from the variable with its name in upper case. Raises InvalidSetting."""
        return cls(
            registration_open=flag(variables, "REGISTRATION_OPEN", default=True),
            registration_allowed_domains=names(variables, "REGISTRATION_ALLOWED_DOMAINS"),
            registration_blocked=names(variables, "REGISTRATION_BLOCKED"),
            group_permissions=names_by_name(variables, "GROUP_PERMISSIONS"),
            default_permissions=names(variables, "DEFAULT_PERMISSIONS"),
            audit_sign_ins=flag(variables, "AUDIT_SIGN_INS", default=True),
        )


@dataclass(frozen=True, slots=True)
class TriggerUseCases:
    """The use cases of the triggers; ``record_sign_in`` is ``None`` if sign-ins are not audited."""

    admit_registration: AdmitRegistration
    record_sign_in: RecordSignIn | None
    add_permission_claims: AddPermissionClaims


def trigger_use_cases(settings: TriggerSettings, audit_log: "AuditLog | None" = None) -> TriggerUseCases:
    """Compose the use cases. By default, the audit log goes to standard output."""
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
        add_permission_claims=AddPermissionClaims(grants),
    )
