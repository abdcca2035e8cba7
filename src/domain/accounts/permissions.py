"""Permissions that a caller's verified token carries, in addition to owning their images."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class PermissionGrants:
    """The permissions of users: those of everyone, and those of each group they are in."""

    to_everyone: frozenset[str] = frozenset()
    by_group: Mapping[str, frozenset[str]] = field(default_factory=dict)

    def held_in(self, groups: Iterable[str]) -> frozenset[str]:
        """Return the permissions of a user in these groups; unknown groups grant none."""
        return self.to_everyone.union(*(self.by_group.get(group, frozenset()) for group in groups))
