"""Who may upload images."""

from dataclasses import dataclass

from domain.shared.caller import Caller
from domain.shared.errors import PermissionDenied

UPLOAD_IMAGES = "images:upload"
"""The permission to upload images."""


@dataclass(frozen=True, slots=True)
class UploadPolicy:
    """Decides who may upload images: every signed-in user, or only those with :data:`UPLOAD_IMAGES`."""

    requires_permission: bool = False

    def authorise(self, caller: Caller) -> None:
        """Return if ``caller`` may upload. Raises :class:`PermissionDenied` naming the permission."""
        if self.requires_permission and UPLOAD_IMAGES not in caller.permissions:
            raise PermissionDenied(f"This operation requires the permission {UPLOAD_IMAGES}.")
