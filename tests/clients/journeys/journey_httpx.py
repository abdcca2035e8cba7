"""A user's way through the API with the client that openapi-python-client makes."""

import json
import sys
from http import HTTPStatus
from pathlib import Path

from httpx_client import AuthenticatedClient, Client
from httpx_client.api.images import delete_image, get_image, get_image_metadata, list_images, upload_image
from httpx_client.api.users import confirm_user, log_in, register_user
from httpx_client.models import (
    Confirmation,
    Credentials,
    Image,
    ImageList,
    MetadataDocument,
    Problem,
    Registration,
    SignIn,
    UploadImageFilesBody,
)
from httpx_client.types import File


def register(url: str, email: str, password: str) -> None:
    answer = register_user.sync_detailed(
        client=Client(base_url=url), body=Registration(email=email, password=password)
    )
    assert answer.status_code is HTTPStatus.CREATED


def use(url: str, email: str, password: str, code: str, photo: str) -> None:
    public = Client(base_url=url)
    confirm_user.sync(client=public, body=Confirmation(email=email, code=code))
    signed_in = log_in.sync(client=public, body=Credentials(email=email, password=password))
    assert isinstance(signed_in, SignIn)
    client = AuthenticatedClient(base_url=url, token=str(signed_in.access_token))
    file = Path(photo)
    with file.open("rb") as content:
        body = UploadImageFilesBody(file=File(payload=content, file_name=file.name))
        uploaded = upload_image.sync(client=client, body=body)
    assert isinstance(uploaded, Image)
    page = list_images.sync(client=client, limit=10)
    assert isinstance(page, ImageList)
    [listed] = page.items
    document = get_image_metadata.sync(uploaded.id, client=client)
    assert isinstance(document, MetadataDocument)
    delete_image.sync_detailed(uploaded.id, client=client)
    problem = get_image.sync(uploaded.id, client=client)
    assert isinstance(problem, Problem)
    print(
        json.dumps(
            {
                "status": signed_in.status,
                "uploaded": uploaded.id,
                "filename": uploaded.filename,
                "listed": listed.id,
                "camera": document.summary.camera_model,
                "size": document.image.size_bytes,
                "afterwards": problem.code,
            }
        )
    )


{"register": register, "use": use}[sys.argv[1]](*sys.argv[2:])
