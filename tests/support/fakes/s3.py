"""Amazon S3 in memory: as much of boto3's client as the adapters use, with S3's guarantees.

Every request is atomic and seen by all that come after it (strong consistency), and conditional writes
are honoured. ``before_request`` is called before each one takes effect: tests that schedule concurrent
clients switch between them there, and nowhere else.
"""
# ruff: noqa: N803  (boto3's parameters have capitals)

import base64
import hashlib
import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from botocore.exceptions import ClientError
from botocore.response import StreamingBody

Answer = dict[str, Any]


@dataclass(frozen=True)
class StoredObject:
    content: bytes
    content_type: str
    attributes: dict[str, str]
    etag: str
    sha256: str | None


@dataclass
class Multipart:
    key: str
    content_type: str
    attributes: dict[str, str]
    parts: dict[int, bytes] = field(default_factory=dict)


class InMemoryS3:
    """One bucket; ``created`` holds the key of every object that was created, in order."""

    def __init__(self, before_request: Callable[[str], None] = lambda _: None) -> None:
        self.objects: dict[str, StoredObject] = {}
        self.multiparts: dict[str, Multipart] = {}
        self.created: list[str] = []
        self._before_request = before_request
        self._numbers = count(1)
        self.forms: dict[str, tuple[str, Answer, list[Any]]] = {}

    def put_object(
        self,
        *,
        Bucket: str,
        Key: str,
        Body: bytes,
        ContentType: str,
        Metadata: dict[str, str] | None = None,
        IfNoneMatch: str | None = None,
        ChecksumSHA256: str | None = None,
    ) -> Answer:
        self._before_request(f"put {Key}")
        checksum = _sha256(Body)
        if ChecksumSHA256 not in (None, checksum):
            raise _error("BadDigest", 400, "PutObject")
        if IfNoneMatch and Key in self.objects:
            raise _error("PreconditionFailed", 412, "PutObject")
        self._store(Key, StoredObject(Body, ContentType, Metadata or {}, _etag(Body), checksum))
        return {"ETag": _etag(Body)}

    def copy_object(
        self,
        *,
        Bucket: str,
        Key: str,
        CopySource: dict[str, str],
        CopySourceIfMatch: str,
        IfNoneMatch: str,
        ChecksumAlgorithm: str,
        MetadataDirective: str,
        ContentType: str,
        Metadata: dict[str, str],
    ) -> Answer:
        self._before_request(f"copy to {Key}")
        source = self._find(CopySource["Key"], "CopyObject")
        if source.etag != CopySourceIfMatch or Key in self.objects:
            raise _error("PreconditionFailed", 412, "CopyObject")
        copy = StoredObject(
            source.content, ContentType, Metadata, _etag(source.content), _sha256(source.content)
        )
        self._store(Key, copy)
        return {"CopyObjectResult": {"ETag": copy.etag}}

    def get_object(
        self, *, Bucket: str, Key: str, IfMatch: str | None = None, Range: str = "bytes=0-"
    ) -> Answer:
        self._before_request(f"get {Key}")
        found = self._find(Key, "GetObject")
        if IfMatch not in (None, found.etag):
            raise _error("PreconditionFailed", 412, "GetObject")
        first, last = Range.removeprefix("bytes=").split("-")
        content = found.content[int(first) : int(last) + 1 if last else None]
        return {"Body": StreamingBody(io.BytesIO(content), len(content)), "ETag": found.etag}

    def head_object(self, *, Bucket: str, Key: str, ChecksumMode: str = "") -> Answer:
        self._before_request(f"head {Key}")
        if Key not in self.objects:
            raise _error("404", 404, "HeadObject")
        found = self.objects[Key]
        checksum = {"ChecksumSHA256": found.sha256} if ChecksumMode and found.sha256 else {}
        return {
            "ETag": found.etag,
            "ContentLength": len(found.content),
            "ContentType": found.content_type,
            "Metadata": found.attributes,
            **checksum,
        }

    def delete_object(self, *, Bucket: str, Key: str) -> Answer:
        self._before_request(f"delete {Key}")
        self.objects.pop(Key, None)
        return {}

    def delete_objects(self, *, Bucket: str, Delete: Answer) -> Answer:
        for item in Delete["Objects"]:
            self.delete_object(Bucket=Bucket, Key=item["Key"])
        return {}

    def create_multipart_upload(
        self, *, Bucket: str, Key: str, ContentType: str, Metadata: dict[str, str]
    ) -> Answer:
        self._before_request(f"create multipart {Key}")
        upload_id = f"upload-{next(self._numbers)}"
        self.multiparts[upload_id] = Multipart(Key, ContentType, Metadata)
        return {"UploadId": upload_id}

    def upload_part(self, *, Key: str, UploadId: str, PartNumber: int, Body: bytes) -> Answer:
        self._before_request(f"part {PartNumber} of {Key}")
        self._find_multipart(UploadId, "UploadPart").parts[PartNumber] = Body
        return {"ETag": _etag(Body)}

    def complete_multipart_upload(
        self, *, Bucket: str, Key: str, UploadId: str, MultipartUpload: Answer
    ) -> Answer:
        self._before_request(f"complete {Key}")
        upload = self._find_multipart(UploadId, "CompleteMultipartUpload")
        listed = MultipartUpload["Parts"]
        for part in listed:
            if _etag(upload.parts.get(part["PartNumber"], b"")).strip('"') != part["ETag"].strip('"'):
                raise _error("InvalidPart", 400, "CompleteMultipartUpload")
        content = b"".join(upload.parts[part["PartNumber"]] for part in listed)
        etag = f'{_etag(content)[:-1]}-{len(listed)}"'
        self._store(Key, StoredObject(content, upload.content_type, upload.attributes, etag, None))
        del self.multiparts[UploadId]
        return {"ETag": etag}

    def abort_multipart_upload(self, *, Bucket: str, Key: str, UploadId: str) -> Answer:
        self._before_request(f"abort {Key}")
        self._find_multipart(UploadId, "AbortMultipartUpload")
        del self.multiparts[UploadId]
        return {}

    def get_paginator(self, name: str) -> "_Paginator":
        return _Paginator({"list_objects_v2": self._list_objects, "list_parts": self._list_parts}[name])

    def generate_presigned_post(
        self, Bucket: str, Key: str, Fields: Answer, Conditions: list[Any], ExpiresIn: int
    ) -> Answer:
        policy = f"policy-{next(self._numbers)}"
        self.forms[policy] = Key, dict(Fields), Conditions
        return {"url": "memory://", "fields": {**Fields, "key": Key, "policy": policy}}

    def generate_presigned_url(
        self, name: str, Params: Answer, ExpiresIn: int, HttpMethod: str | None = None
    ) -> str:
        return "memory://" + "&".join(f"{key}={value}" for key, value in {"Do": name, **Params}.items())

    def post_form(self, fields: dict[str, str], content: bytes) -> bool:
        """What S3 does with a form. Tells whether it accepted it."""
        key, signed, conditions = self.forms[fields["policy"]]
        self._before_request(f"post {key}")
        [_, least, most] = next(item for item in conditions if isinstance(item, list))
        if not least <= len(content) <= most:
            return False
        if signed.get("x-amz-checksum-sha256") not in (None, _sha256(content)):
            return False
        attributes = {
            name.removeprefix("x-amz-meta-"): value
            for name, value in signed.items()
            if name.startswith("x-amz-meta-")
        }
        etag = _etag(content)
        self._store(key, StoredObject(content, signed["Content-Type"], attributes, etag, None))
        return True

    def send_part(self, url: str, content: bytes) -> bool:
        """What S3 does with a part that was sent to a signed URL. Tells whether it accepted it."""
        signed = dict(item.split("=", 1) for item in url.removeprefix("memory://").split("&"))
        if len(content) != int(signed["ContentLength"]) or signed["UploadId"] not in self.multiparts:
            return False
        self.upload_part(
            Key=signed["Key"],
            UploadId=signed["UploadId"],
            PartNumber=int(signed["PartNumber"]),
            Body=content,
        )
        return True

    def _store(self, key: str, stored: StoredObject) -> None:
        is_original = key.rsplit("/", 1)[-1].startswith("original.")
        assert not (is_original and key in self.objects), f"{key} was overwritten"
        self.objects[key] = stored
        self.created.append(key)

    def _find(self, key: str, operation: str) -> StoredObject:
        if key not in self.objects:
            raise _error("NoSuchKey", 404, operation)
        return self.objects[key]

    def _find_multipart(self, upload_id: str, operation: str) -> Multipart:
        if upload_id not in self.multiparts:
            raise _error("NoSuchUpload", 404, operation)
        return self.multiparts[upload_id]

    def _list_objects(
        self, *, Bucket: str, Prefix: str, StartAfter: str = "", PaginationConfig: Answer | None = None
    ) -> Iterator[Answer]:
        size = (PaginationConfig or {}).get("PageSize", 1000)
        after = StartAfter
        while True:
            self._before_request(f"list {Prefix}")
            keys = sorted(key for key in self.objects if key.startswith(Prefix) and key > after)
            page = keys[:size]
            if page:
                items = [{"Key": key, "Size": len(self.objects[key].content)} for key in page]
                yield {"Contents": items}
            else:
                yield {}
            if len(keys) <= size:
                return
            after = page[-1]

    def _list_parts(self, *, Bucket: str, Key: str, UploadId: str) -> Iterator[Answer]:
        self._before_request(f"list parts of {Key}")
        parts = self._find_multipart(UploadId, "ListParts").parts
        yield {
            "Parts": [
                {"PartNumber": number, "Size": len(content), "ETag": _etag(content)}
                for number, content in sorted(parts.items())
            ]
        }


class _Paginator:
    def __init__(self, pages: Callable[..., Iterator[Answer]]) -> None:
        self._pages = pages

    def paginate(self, **parameters: Any) -> Iterator[Answer]:
        return self._pages(**parameters)


def _etag(content: bytes) -> str:
    return f'"{hashlib.md5(content, usedforsecurity=False).hexdigest()}"'


def _sha256(content: bytes) -> str:
    return base64.b64encode(hashlib.sha256(content).digest()).decode()


def _error(code: str, status: int, operation: str) -> ClientError:
    return ClientError(
        {"Error": {"Code": code, "Message": code}, "ResponseMetadata": {"HTTPStatusCode": status}},  # type: ignore[typeddict-item]
        operation,
    )
