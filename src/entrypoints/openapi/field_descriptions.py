"""Describes the fields of models that do not describe their fields.

These are the models of the domain, which is independent of OpenAPI, and fields with the same meaning
wherever they occur.
"""

from typing import Any

_DESCRIPTIONS = {
    "CodeDelivery": {
        "medium": "Such as `email`.",
        "destination": "The masked address.",
    },
    "ContentLink": {"content_type": "The media type with which it is served."},
    "DeletionResult": {"status": "`not-found` if the image did not exist."},
    "DeletionResults": {"results": "One result for each id."},
    "ExtractionTool": {"tool": "Its name.", "version": "Its version."},
    "FormUpload": {
        "url": "Where to send the form.",
        "fields": "The form's fields before `file`.",
        "expires_at": "When storage stops accepting the form.",
    },
    "GatewayResponse": {"message": "The reason phrase of the status."},
    "Health": {"status": "Always `ok`."},
    "Image": {
        "id": "26 characters that sort from the newest image to the oldest.",
        "filename": "The client's name for the file, for display.",
        "content_type": "The media type of the real format; while pending, the declared one.",
        "sha256": "Hexadecimal SHA-256 of the bytes as uploaded.",
        "width": "Pixels as displayed, orientation applied.",
        "height": "Pixels as displayed, orientation applied.",
        "captured_at": "When the picture was taken, by the camera's clock: ISO 8601, whole or partial.",
        "title": "The owner's title.",
        "description": "The owner's description.",
        "keywords": "The owner's keywords.",
        "duplicate_of": "The id of an older image with the same bytes.",
        "renditions": "Smaller pictures, smallest first; in a list, only the thumbnail. They are made "
        "shortly after the image is ready.",
        "size_bytes": "The size in bytes; while pending, the declared size.",
        "created_at": "When the upload began.",
        "content_url": "A signed URL of the original bytes, which needs no token.",
        "urls_expire_at": "When the signed URLs expire. Until then, keep the first URLs that you received.",
    },
    "ImageChange": {
        "filename": "The name for display and downloads.",
        "title": "A short name for the image.",
        "description": "What the image shows, in words.",
        "keywords": "Words for finding the image; duplicates are removed.",
    },
    "ImageLinks": {
        "self": "The path of the image.",
        "metadata": "The path of its metadata document.",
        "content": "The path of its original bytes.",
    },
    "ImageList": {
        "items": "The images, in the requested order.",
        "next_cursor": "The `cursor` of the next page; absent on the last page.",
    },
    "ImageProperties": {
        "mime_type": "The media type of the format.",
        "width": "Pixels of the first frame as stored, orientation not applied.",
        "height": "Pixels of the first frame as stored, orientation not applied.",
        "bit_depth": "Bits per sample.",
        "color_space": "As ImageMagick names it, such as `sRGB` or `Gray`.",
        "orientation": "EXIF Orientation, from 1 to 8; 1 if the file has none.",
        "frames": "The number of frames or pages in the file.",
        "size_bytes": "The size of the file in bytes.",
        "sha256": "Hexadecimal SHA-256 of the file.",
        "raw": "True for the preview in a camera raw file (DNG, NEF, CR2...); absent otherwise.",
    },
    "MetadataDocument": {
        "schema_version": "Increases when a field changes its meaning or is removed.",
        "exif": "Tags of IFD0 and the Exif IFD by their EXIF 3.0 names.",
        "iptc": "Datasets by their IPTC IIM names; repeatable datasets are lists.",
        "gps": "Tags of the GPS IFD by their EXIF names.",
        "xmp": "Properties by `prefix:Name`.",
        "icc": "The header fields and texts of the colour profile.",
        "png": "`CreationTime`, if a PNG has it.",
        "warnings": "What could not be read or was left out because of a limit.",
    },
    "Multipart": {
        "part_count": "How many parts there are.",
    },
    "Rendition": {
        "name": "Such as `thumbnail`; the deployment's settings define the names.",
        "url": "A signed URL, which works until `urls_expire_at` and needs no token.",
        "width": "Pixels.",
        "height": "Pixels.",
        "content_type": "The media type with which it is served.",
    },
    "RegisteredUser": {
        "status": "`confirmed` if the account needs no confirmation.",
    },
    "Rejection": {"detail": "What is wrong with the image, for humans."},
    "RenditionsError": {
        "code": "The reason, for programs.",
        "detail": "The reason, for humans.",
    },
    "SignedParts": {"items": "A signed URL for each part."},
    "UploadLinks": {
        "self": "The path of the upload; DELETE aborts it.",
        "parts": "The path for listing and signing parts.",
        "complete": "The path for completing the upload.",
    },
    "UploadedPart": {"etag": "Storage's entity tag of the part, without quotes."},
    "UploadedParts": {
        "part_count": "How many parts there are.",
        "items": "The parts that storage has received, in order.",
    },
    "Usage": {
        "images": "The number of images.",
        "bytes": "Their total size in bytes.",
        "max_images": "The most images allowed; absent if there is no limit.",
        "max_bytes": "The most bytes allowed; absent if there is no limit.",
    },
    "UserProfile": {
        "email_verified": "Whether the user has proved to own the address.",
        "created_at": "When the account was created.",
        "mfa_enabled": "Whether logging in requires a code from an authenticator app.",
    },
}
_ANYWHERE = {
    "access_token": "Authorizes requests.",
    "current_password": "The current password.",
    "email": "The address of the account.",
    "expires_at": "When the URL expires.",
    "expires_in": "Lifetime of the access token in seconds.",
    "family_name": "The family name.",
    "given_name": "The given name.",
    "id_token": "Identifies the user (OpenID Connect Core 1.0 §2).",
    "image_id": "The id of the image.",
    "image_ids": "The ids of images.",
    "method": "The HTTP method to use.",
    "new_password": "The new password; if it is too weak, the problem states the password policy.",
    "otpauth_uri": "The secret as a URI for authenticator apps, to show as a QR code.",
    "part_number": "The number of the part, from 1.",
    "part_numbers": "The numbers of the parts, from 1.",
    "part_size": "The size in bytes of each part but the last.",
    "password": "The password of the account.",
    "refresh_token": "Gets new tokens after the access token expires.",
    "secret": "The shared secret in base 32.",
    "size": "The size in bytes.",
    "size_bytes": "The size in bytes.",
    "token_type": "How to send the access token: `Authorization: Bearer` (RFC 6750 §2.1).",
    "url": "A signed URL, which needs no token.",
    "user_id": "The id of the user, the `sub` of the tokens.",
}


def describe_fields(title: str, schema: dict[str, Any]) -> None:
    """Add descriptions to the properties of the schema with this title, in place.

    Raises KeyError if a described property does not exist.
    """
    properties: dict[str, dict[str, Any]] = schema.get("properties", {})
    for name, description in _DESCRIPTIONS.get(title, {}).items():
        properties[name]["description"] = description
    for name, member in properties.items():
        if name in _ANYWHERE and "$ref" not in member:
            member.setdefault("description", _ANYWHERE[name])
