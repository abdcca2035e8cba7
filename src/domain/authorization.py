"""Who may do what, beyond owning it: permissions that a caller's verified token carries."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from domain.accounts import Caller
from domain.errors import PermissionDenied

UPLOAD_IMAGES = "images:upload"
"""The permission to upload images."""


@dataclass(frozen=True, slots=True)
class UploadPolicy:
    """Decides who may upload images: every signed-in user, or those with :data:`UPLOAD_IMAGES` only."""

    requires_permission: bool = False

    def authorise(self, caller: Caller) -> None:
        """Return if ``caller`` may upload. Raises :class:`PermissionDenied` naming the permission."""
        if self.requires_permission and UPLOAD_IMAGES not in caller.permissions:
            raise PermissionDenied(f"This operation needs the permission {UPLOAD_IMAGES}.")


@dataclass(frozen=True, slots=True)
class PermissionGrants:
    """Which permissions users hold: those of everyone, and those of each group they are in."""

    to_everyone: frozenset[str] = frozenset()
    by_group: Mapping[str, frozenset[str]] = field(default_factory=dict)

    def held_in(self, groups: Iterable[str]) -> frozenset[str]:
        """The permissions of a user who is in these groups; unknown groups grant none."""
        return self.to_everyone.union(*(self.by_group.get(group, frozenset()) for group in groups))
