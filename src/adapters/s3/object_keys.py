"""The keys of the objects in the bucket.

- ``users/{owner_id}/images/{image_id}/original.{ext}``: the bytes as uploaded, never modified; the
  extension tells their format
- ``users/{owner_id}/images/{image_id}/metadata.json``: the metadata document
- ``users/{owner_id}/images/{image_id}/renditions/{name}.webp``: the renditions
- ``incoming/{owner_id}/{image_id}``: bytes that a client sent straight to S3, until they are settled;
  clients can overwrite them while their form or link is valid
"""

import re
from collections.abc import Collection

from domain.images.ids import is_image_id
from domain.images.model import ImageRef
from domain.renditions.model import Rendition
from domain.shared.image_format import ImageFormat

USERS_PREFIX = "users/"
INCOMING_PREFIX = "incoming/"
_ORIGINAL_KEY = re.compile(rf"{USERS_PREFIX}([^/]+)/images/([^/]+)/original\.([a-z]+)")
_INCOMING_KEY = re.compile(rf"{INCOMING_PREFIX}([^/]+)/([^/]+)")


def image_prefix(ref: ImageRef) -> str:
    """Return the prefix of all objects that are stored of one image."""
    return f"{USERS_PREFIX}{ref.owner_id}/images/{ref.image_id}/"


def original_key(ref: ImageRef, image_format: ImageFormat) -> str:
    """Return the key of an image's original bytes."""
    return f"{image_prefix(ref)}original.{image_format.extension}"


def document_key(ref: ImageRef) -> str:
    """Return the key of an image's metadata document."""
    return f"{image_prefix(ref)}metadata.json"


def incoming_key(ref: ImageRef) -> str:
    """Return the key to which a client sends an image's bytes."""
    return f"{INCOMING_PREFIX}{ref.owner_id}/{ref.image_id}"


def rendition_key(ref: ImageRef, name: str) -> str:
    """Return the key of an image's rendition with this name."""
    return f"{image_prefix(ref)}renditions/{name}.{Rendition.image_format.extension}"


def all_keys(ref: ImageRef, renditions: Collection[str] = ()) -> list[str]:
    """List every key that an object of one image can have, given the names of its renditions."""
    originals = [original_key(ref, image_format) for image_format in ImageFormat]
    pictures = [rendition_key(ref, name) for name in renditions]
    return [*originals, document_key(ref), *pictures, incoming_key(ref)]


def owner_prefixes(owner_id: str) -> tuple[str, str]:
    """Return the prefixes of all objects of one owner."""
    return f"{USERS_PREFIX}{owner_id}/", f"{INCOMING_PREFIX}{owner_id}/"


def image_of_incoming_key(key: str) -> ImageRef | None:
    """Return the image whose incoming bytes have this key, or ``None`` for any other key."""
    match = _INCOMING_KEY.fullmatch(key)
    return ImageRef(match[1], match[2]) if match and is_image_id(match[2]) else None


def original_of_key(key: str) -> tuple[ImageRef, ImageFormat] | None:
    """Return the image whose original has this key, and its format; ``None`` for any other key."""
    match = _ORIGINAL_KEY.fullmatch(key)
    image_format = ImageFormat.from_extension(match[3]) if match else None
    if match is None or image_format is None or not is_image_id(match[2]):
        return None
    return ImageRef(match[1], match[2]), image_format
