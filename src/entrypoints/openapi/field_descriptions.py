"""Describes the fields of models that do not describe them.

Those are the domain's, which knows nothing of OpenAPI, and fields that mean the same wherever they occur.
"""

from typing import Any

_DESCRIPTIONS = {
    "CodeDelivery": {
        "medium": "Such as `email`.",
        "destination": "The masked address.",
    },
    "ContentLink": {"content_type": "The media type that it is served with."},
    "DeletionResult": {"status": "`not-found` if there was no such image."},
    "DeletionResults": {"results": "One for each id."},
    "ExtractionTool": {"tool": "Its name.", "version": "Its version."},
    "FormUpload": {
        "url": "Where to send the form.",
        "fields": "The form's fields before `file`.",
        "expires_at": "Until when storage accepts the form.",
    },
    "GatewayAnswer": {"message": "The phrase of the status."},
    "Health": {"status": "Always `ok`."},
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
        "size_bytes": "How many bytes the image has; while pending, as announced.",
        "created_at": "When the upload began.",
        "content_url": "A signed URL of the original bytes, which works without a token.",
        "urls_expire_at": "Until then the signed URLs work; keep the first ones until then.",
    },
    "ImageChange": {
        "filename": "The name for display and downloads.",
        "title": "A short name for the image.",
        "description": "What the image shows, in words.",
        "keywords": "Words to find it by; one that is given twice stays once.",
    },
    "ImageLinks": {
        "self": "The image.",
        "metadata": "Its metadata document.",
        "content": "Its original bytes.",
    },
    "ImageList": {
        "items": "The images, in the order asked for.",
        "next_cursor": "The `cursor` of the next page; absent on the last one.",
    },
    "ImageProperties": {
        "mime_type": "The media type of the format.",
        "width": "Pixels of the first frame as stored, orientation not applied.",
        "height": "Pixels of the first frame as stored, orientation not applied.",
        "bit_depth": "Bits per sample.",
        "color_space": "As ImageMagick names it, such as `sRGB` or `Gray`.",
        "orientation": "EXIF Orientation, from 1 to 8; 1 if the file has none.",
        "frames": "How many frames or pages the file has.",
        "size_bytes": "How many bytes the file has.",
        "sha256": "Hexadecimal SHA-256 of the file.",
        "raw": "True for the preview in a camera's raw file (DNG, NEF, CR2...); absent otherwise.",
    },
    "MetadataDocument": {
        "schema_version": "Changes when a field changes its meaning or is removed.",
        "exif": "Tags of IFD0 and the Exif IFD by their EXIF 3.0 names.",
        "iptc": "Datasets by their IPTC IIM names; those that may be repeated are lists.",
        "gps": "Tags of the GPS IFD by their EXIF names.",
        "xmp": "Properties by `prefix:Name`.",
        "icc": "What the colour profile says of itself.",
        "png": "`CreationTime`, if a PNG has it.",
        "warnings": "What could not be read, or was left out because of a limit.",
    },
    "Multipart": {
        "part_count": "How many parts there are.",
    },
    "Rendition": {
        "name": "Such as `thumbnail`; an operator names the renditions.",
        "url": "A signed URL, which works without a token until `urls_expire_at`.",
        "width": "Pixels.",
        "height": "Pixels.",
        "content_type": "The media type that it is served with.",
    },
    "RegisteredUser": {
        "status": "`confirmed` if the account needs no confirmation.",
    },
    "Rejection": {"detail": "What is wrong with the image, for humans."},
    "RenditionsError": {
        "code": "Says which of the reasons it is, for programs.",
        "detail": "Says why, for humans.",
    },
    "SignedParts": {"items": "A signed URL for each part."},
    "UploadLinks": {
        "self": "The upload; to be deleted to give it up.",
        "parts": "The parts, to list and to sign.",
        "complete": "Where to complete it.",
    },
    "UploadedPart": {"etag": "Storage's tag of the part's bytes, without quotes."},
    "UploadedParts": {
        "part_count": "How many parts there are.",
        "items": "The parts that storage has, in their order.",
    },
    "Usage": {
        "images": "How many images there are.",
        "bytes": "How many bytes they have.",
        "max_images": "How many images are allowed; absent if that is not limited.",
        "max_bytes": "How many bytes are allowed; absent if that is not limited.",
    },
    "UserProfile": {
        "email_verified": "Whether the user has shown that the address is theirs.",
        "created_at": "When the account was created.",
        "mfa_enabled": "Whether logging in requires a code from an authenticator app.",
    },
}
_ANYWHERE = {
    "access_token": "Authorizes requests.",
    "current_password": "The password so far.",
    "email": "The address of the account.",
    "expires_at": "Until when the URL works.",
    "expires_in": "Lifetime of the access token in seconds.",
    "family_name": "The family name.",
    "given_name": "The given name.",
    "id_token": "Identifies the user (OpenID Connect Core 1.0 §2).",
    "image_id": "The id of the image.",
    "image_ids": "The ids of images.",
    "method": "The HTTP method to use.",
    "new_password": "The new password; if it is too weak, the problem says what it lacks.",
    "otpauth_uri": "The same for authenticator apps, to be shown as a QR code.",
    "part_number": "The number of the part, from 1.",
    "part_numbers": "The numbers of the parts, from 1.",
    "part_size": "How many bytes each part but the last has.",
    "password": "The password of the account.",
    "refresh_token": "Gets new tokens after the access token expires.",
    "secret": "The shared secret in base 32.",
    "size": "How many bytes it has.",
    "size_bytes": "How many bytes it has.",
    "token_type": "How to send the access token: `Authorization: Bearer` (RFC 6750 §2.1).",
    "url": "A signed URL, which needs no token.",
    "user_id": "The id of the user, the `sub` of the tokens.",
}


def describe_fields(title: str, schema: dict[str, Any]) -> None:
    """Add descriptions to the properties of the schema with this title, in place.

    Raises KeyError if one that is described does not exist.
    """
    properties: dict[str, dict[str, Any]] = schema.get("properties", {})
    for name, description in _DESCRIPTIONS.get(title, {}).items():
        properties[name]["description"] = description
    for name, member in properties.items():
        if name in _ANYWHERE and "$ref" not in member:
            member.setdefault("description", _ANYWHERE[name])
