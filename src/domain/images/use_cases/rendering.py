"""Making the renditions of ready images."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from domain.images.model import ImageRef, ImageStatus
from domain.images.ports import ImageRecords, ImageStore, RecordConflict, RenderQueue
from domain.images.record import MAX_RENDERING_ATTEMPTS, ImageRecord
from domain.renditions.errors import ImageTooLargeToRender, RenderingInterrupted, UnrenderableImage
from domain.renditions.model import RenditionSpec, StoredRendition
from domain.renditions.ports import Renderer
from domain.shared.errors import DomainError, ServiceUnavailable

_MAX_SAVES = 5


@dataclass(frozen=True, slots=True)
class RenderImage:
    """Makes the open renditions of one image; ``specs`` are all configured renditions.

    Each attempt is counted before it begins, so that an image that kills its function twice is given up.
    A renderer's refusal is final too. Both hold until the renditions are requested again. Rendering can be
    interrupted, repeated and run concurrently at any time.
    """

    records: ImageRecords
    images: ImageStore
    renderer: Renderer
    specs: Sequence[RenditionSpec]

    def __call__(self, ref: ImageRef) -> None:
        """Return once there is nothing left to do for this image.

        Raises ServiceUnavailable if rendering is not possible for now; that does not count as an attempt.
        """
        record = self.records.begin_rendering(ref)
        if record is None:
            if self.records.find(ref) is None:
                # A function that was making them was killed after the image was deleted.
                self.images.remove_renditions(ref, [spec.name for spec in self.specs])
            return
        if record.rendering_attempts > MAX_RENDERING_ATTEMPTS:
            self._end(
                record,
                [],
                RenderingInterrupted(
                    "Rendering was interrupted twice, probably by a memory or time limit."
                ),
            )
            return
        made: list[StoredRendition] = []
        failure: DomainError | None = None
        try:
            self._make(record, made)
        except (UnrenderableImage, ImageTooLargeToRender) as refusal:
            failure = refusal
        except ServiceUnavailable:
            self._save(record, lambda current: current.undo_rendering_attempt())
            raise
        self._end(record, made, failure)

    def _make(self, record: ImageRecord, made: list[StoredRendition]) -> None:
        """Make and store the open renditions, and append each to ``made`` once it is stored."""
        specs = [spec for spec in self.specs if spec.name in record.open_renditions]
        if not specs:
            return
        image_format = record.ready_content.image_format
        with self.images.open_original(record.ref, image_format) as content:
            if content is None:
                raise UnrenderableImage("The bytes of the image are missing.")
            with self.renderer.render(content, image_format, specs) as renditions:
                for rendition in renditions:
                    self.images.save_rendition(record.ref, rendition)
                    made.append(rendition.stored)

    def _end(
        self, record: ImageRecord, made: Sequence[StoredRendition], failure: DomainError | None
    ) -> None:
        self._save(record, lambda current: current.end_rendering(made, failure))

    def _save(self, record: ImageRecord, move: Callable[[ImageRecord], ImageRecord]) -> None:
        """Save this move of the current record. If the image is gone, remove its renditions."""
        names = record.rendition_names
        for _ in range(_MAX_SAVES):
            try:
                self.records.save(record, move(record))
            except RecordConflict:
                current = self.records.find(record.ref)
                if current is None:
                    self.images.remove_renditions(record.ref, names)
                    return
                record = current
            else:
                return
        raise ServiceUnavailable("The image keeps changing while it is rendered.")


@dataclass(frozen=True, slots=True)
class RequestRenditions:
    """Requests the missing and failed renditions of one image."""

    records: ImageRecords
    queue: RenderQueue
    specs: Sequence[RenditionSpec]

    def __call__(self, ref: ImageRef) -> bool:
        """Queue the image if renditions are missing. Returns whether any are. Raises ServiceUnavailable."""
        names = [spec.name for spec in self.specs]
        for _ in range(_MAX_SAVES):
            record = self.records.find(ref)
            if record is None or record.status is not ImageStatus.READY:
                return False
            asked = record.request_renditions(names)
            if not (asked.open_renditions or record.open_renditions):
                return False
            try:
                self.records.save(record, asked)
            except RecordConflict:
                continue
            if asked.open_renditions:
                self.queue.send(ref)
            return bool(asked.open_renditions)
        raise ServiceUnavailable("The image keeps changing; please try again.")
