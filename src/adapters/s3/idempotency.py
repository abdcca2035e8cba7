"""Records of idempotency keys on Amazon S3; :mod:`adapters.s3.layout` tells where they lie."""

from typing import TYPE_CHECKING

from pydantic import TypeAdapter

from adapters.s3.layout import idempotency_key
from adapters.s3.objects import S3Objects, translated_errors
from domain.images.upload import IdempotencyRecord
from domain.shared.errors import ServiceUnavailable

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_RECORD = TypeAdapter(IdempotencyRecord)


class S3IdempotencyStore:
    """Implements :class:`domain.images.ports.IdempotencyStore` on one bucket."""

    def __init__(self, client: "S3Client", bucket: str) -> None:
        self._objects = S3Objects(client, bucket)

    def claim(self, owner_id: str, key: str, record: IdempotencyRecord) -> IdempotencyRecord:
        object_key = idempotency_key(owner_id, key)
        with translated_errors():
            if self._objects.write_json_once(object_key, _RECORD.dump_json(record)):
                return record
            content = self._objects.read(object_key)
        if content is None:
            raise ServiceUnavailable("The record of this idempotency key has just expired.")
        return _RECORD.validate_json(content)
