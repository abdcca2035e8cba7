"""Describes the fields of responses whose models are the domain's, which knows nothing of OpenAPI."""

from typing import Any

_DESCRIPTIONS = {
    "Image": {
        "id": "26 characters that sort from the newest image to the oldest.",
        "filename": "The client's name for the file, for display.",
        "content_type": "The media type of the format that the bytes have; while pending, the declared "
        "one.",
        "sha256": "Hexadecimal SHA-256 of the bytes as uploaded.",
        "width": "Pixels as displayed, orientation applied.",
        "height": "Pixels as displayed, orientation applied.",
        "captured_at": "When the picture was taken: ISO 8601, whole or partial, as the camera's "
        "clock showed.",
        "title": "The owner's title.",
        "description": "The owner's description.",
        "keywords": "The owner's keywords.",
        "duplicate_of": "The id of an older image with the same bytes.",
        "renditions": "Smaller pictures, smallest first: in a list, the thumbnail alone. They come shortly "
        "after the image is ready.",
        "content_url": "A signed URL of the original bytes, which works without a token.",
        "urls_expire_at": "Until then the signed URLs work; keep the first ones until then.",
    },
    "Rendition": {
        "url": "A signed URL, which works without a token until urls_expire_at.",
    },
    "ImageProperties": {
        "raw": "True for the preview in a camera's raw file (DNG, NEF, CR2...); absent otherwise.",
    },
}


def describe_fields(title: str, schema: dict[str, Any]) -> None:
    """Add descriptions to the properties of the schema with this title, in place.

    Raises KeyError if one of the properties does not exist.
    """
    for name, description in _DESCRIPTIONS.get(title, {}).items():
        schema["properties"][name]["description"] = description
