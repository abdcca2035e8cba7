"""Saves unfinished multipart uploads of MiniStack's S3, and the parts received so far."""

import json
import shutil
from pathlib import Path
from typing import Any

from ministack.core.responses import AccountScopedDict, get_account_id
from ministack.services import s3

from entrypoints.local.ministack.durable_state import current_traces

_UPLOAD_FILE = "upload.json"


class MultipartFiles:
    """Stores a directory for each upload, with two files for each part: its bytes and a description."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._complete, self._abort = s3._complete_multipart_upload, s3._abort_multipart_upload

    def install(self) -> None:
        """Load the saved uploads, and replace MiniStack's functions."""
        uploads = s3._multipart_uploads = _Uploads(self._directory)
        for file in self._directory.glob(f"*/{_UPLOAD_FILE}"):
            kept = json.loads(file.read_text("utf-8"))
            parts = _Parts(file.parent)
            parts.load()
            uploads._data[kept["account"], kept["id"]] = {**kept["upload"], "parts": parts}
        s3._complete_multipart_upload = self._complete_and_remove
        s3._abort_multipart_upload = self._abort_and_remove

    def _complete_and_remove(
        self, bucket: str, key: str, body: bytes, query: dict[str, Any], headers: Any = None
    ) -> Any:
        upload_id = s3._qp(query, "uploadId")
        upload = s3._multipart_uploads.get(upload_id)
        answer = self._complete(bucket, key, body, query, headers)
        traces = current_traces.get()
        if traces is not None and traces.object_lost:
            # The client can complete the upload again.
            s3._completed_multipart_uploads.pop(upload_id, None)
            s3._multipart_uploads.put_back(upload_id, upload)
        elif answer[0] < 300:
            # The parts are no longer needed: the object is on disk now.
            self._remove(upload_id)
        return answer

    def _abort_and_remove(self, bucket: str, key: str, query: dict[str, Any]) -> Any:
        answer = self._abort(bucket, key, query)
        if answer[0] < 300:
            self._remove(s3._qp(query, "uploadId"))
        return answer

    def _remove(self, upload_id: str) -> None:
        shutil.rmtree(self._directory / upload_id, ignore_errors=True)


class _Uploads(AccountScopedDict):  # type: ignore[misc]  # MiniStack has no types
    """MiniStack's uploads by their ids; new ones are saved."""

    def __init__(self, directory: Path) -> None:
        super().__init__()
        self._directory = directory

    def __setitem__(self, upload_id: str, upload: dict[str, Any]) -> None:
        folder = self._directory / upload_id
        try:
            folder.mkdir(parents=True)
            kept = {"account": get_account_id(), "id": upload_id, "upload": upload}
            _write(folder / _UPLOAD_FILE, json.dumps(kept).encode())
        except OSError:
            _record_loss()
            return
        super().__setitem__(upload_id, {**upload, "parts": _Parts(folder)})

    def put_back(self, upload_id: str, upload: dict[str, Any]) -> None:
        super().__setitem__(upload_id, upload)


class _Parts(dict[int, dict[str, Any]]):
    """The parts of an upload by their numbers; new ones are saved."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self._folder = folder

    def load(self) -> None:
        for file in self._folder.glob("part-*.json"):
            part = json.loads(file.read_text("utf-8"))
            number = part.pop("number")
            super().__setitem__(number, {**part, "body": self._body(number, part["etag"]).read_bytes()})

    def __setitem__(self, number: int, part: dict[str, Any]) -> None:
        about = {"number": number, **{name: value for name, value in part.items() if name != "body"}}
        before = self.get(number)
        try:
            # The name includes the checksum, so the description always matches the bytes.
            _write(self._body(number, part["etag"]), part["body"])
            _write(self._folder / f"part-{number}.json", json.dumps(about).encode())
        except OSError:
            _record_loss()
            return
        super().__setitem__(number, part)
        if before is not None and before["etag"] != part["etag"]:
            self._body(number, before["etag"]).unlink(missing_ok=True)

    def _body(self, number: int, etag: str) -> Path:
        return self._folder / f"part-{number}-{etag.strip(chr(34))}"


def _write(file: Path, content: bytes) -> None:
    new = file.with_suffix(".new")
    try:
        new.write_bytes(content)
        new.replace(file)
    except OSError:
        new.unlink(missing_ok=True)
        raise


def _record_loss() -> None:
    traces = current_traces.get()
    if traces is not None:
        traces.object_lost = True
