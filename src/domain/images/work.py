"""Work to be done later."""

from dataclasses import dataclass
from datetime import datetime

from domain.images.model import ImageRef


@dataclass(frozen=True, slots=True)
class Work:
    """Something to settle: an image, which may be deleted, or an account that is being deleted."""

    owner_id: str
    image_id: str | None = None
    """``None`` for the account."""

    @property
    def ref(self) -> ImageRef | None:
        """The image, if the work is about one."""
        return ImageRef(self.owner_id, self.image_id) if self.image_id else None


@dataclass(frozen=True, slots=True)
class DueWork:
    """Work that is due, and since when."""

    work: Work
    due_at: datetime


@dataclass(frozen=True, slots=True)
class DuePage:
    """Some of what is due; ``next_position`` is set if there may be more."""

    items: tuple[DueWork, ...]
    next_position: str | None
