"""Where everything lies in the bucket.

Below ``users/{owner_id}/images/{image_id}/``, which is kept until its owner deletes it:

- ``incoming.{ext}``: bytes that a client sent straight here and that nobody has read yet; the
  extension is that of the declared format, and clients may overwrite them while their link is valid
- ``original.{ext}``: the bytes as uploaded, never modified; the extension tells what they are
- ``metadata.json``: the metadata document; with the original, it makes the image *ready*
- ``rejection.json``: why the upload was refused; its presence means *rejected*

Below ``uploads/{owner_id}/``, which a lifecycle rule of the bucket empties after a day:

- ``{image_id}.json``: what a client announced that it will send
- ``{image_id}.deleted``, ``account.deleted``: what was deleted, so that nothing of it comes back
- ``idempotency/{sha256 of the key}.json``: which image a request with an idempotency key made
"""

import hashlib
import re

from domain.images.ids import is_image_id
from domain.images.model import ImageRef
from domain.shared.image_format import ImageFormat

METADATA_NAME = "metadata.json"
REJECTION_NAME = "rejection.json"
ORIGINAL_STEM = "original"
INCOMING_STEM = "incoming"

_ANNOUNCEMENT_KEY = re.compile(r"uploads/([^/]+)/([^/]+)\.json")
_IMAGE_KEY = re.compile(r"users/([^/]+)/images/([^/]+)/[^/]+")


def owner_prefix(owner_id: str) -> str:
    """Where everything of one owner lies that is kept."""
    return f"users/{owner_id}/"


def images_prefix(owner_id: str) -> str:
    """Where all images of one owner lie."""
    return f"{owner_prefix(owner_id)}images/"


def image_prefix(ref: ImageRef) -> str:
    """Where everything of one image lies."""
    return f"{images_prefix(ref.owner_id)}{ref.image_id}/"


def original_key(ref: ImageRef, image_format: ImageFormat) -> str:
    """The key of an image's original bytes."""
    return f"{image_prefix(ref)}{ORIGINAL_STEM}.{image_format.extension}"


def incoming_key(ref: ImageRef, declared_format: ImageFormat) -> str:
    """The key to which a client may send an image's bytes."""
    return f"{image_prefix(ref)}{INCOMING_STEM}.{declared_format.extension}"


def metadata_key(ref: ImageRef) -> str:
    """The key of an image's metadata document."""
    return f"{image_prefix(ref)}{METADATA_NAME}"


def rejection_key(ref: ImageRef) -> str:
    """The key of the reason why an image was refused."""
    return f"{image_prefix(ref)}{REJECTION_NAME}"


def short_lived_prefix(owner_id: str) -> str:
    """Where everything of one owner lies that is swept after a day."""
    return f"uploads/{owner_id}/"


def announcement_key(ref: ImageRef) -> str:
    """The key of what a client announced that it will send."""
    return f"{short_lived_prefix(ref.owner_id)}{ref.image_id}.json"


def image_of_announcement_key(key: str) -> ImageRef | None:
    """The image whose announcement has this key, if it is that of one."""
    match = _ANNOUNCEMENT_KEY.fullmatch(key)
    return ImageRef(match[1], match[2]) if match and is_image_id(match[2]) else None


def withdrawal_key(ref: ImageRef) -> str:
    """The key whose presence says that the image was deleted."""
    return f"{short_lived_prefix(ref.owner_id)}{ref.image_id}.deleted"


def owner_withdrawal_key(owner_id: str) -> str:
    """The key whose presence says that all of this owner was deleted."""
    return f"{short_lived_prefix(owner_id)}account.deleted"


def idempotency_key(owner_id: str, key: str) -> str:
    """The key of the record of a client's idempotency key, of which only a hash is kept."""
    digest = hashlib.sha256(key.encode()).hexdigest()
    return f"{short_lived_prefix(owner_id)}idempotency/{digest}.json"


def image_of_key(key: str) -> ImageRef | None:
    """The image to which the object with this key belongs, if it belongs to one."""
    match = _IMAGE_KEY.fullmatch(key)
    return ImageRef(match[1], match[2]) if match and is_image_id(match[2]) else None
