"""A user's way through the API with the client that openapi-generator makes for Python."""

import json
import sys
from pathlib import Path

from images_client import ApiClient, Configuration
from images_client.api import ImagesApi, UsersApi
from images_client.exceptions import ApiException
from images_client.models import Confirmation, Credentials, Problem, Registration


def register(url: str, email: str, password: str) -> None:
    UsersApi(ApiClient(Configuration(host=url))).register_user(Registration(email=email, password=password))


def use(url: str, email: str, password: str, code: str, photo: str) -> None:
    configuration = Configuration(host=url)
    client = ApiClient(configuration)
    users, images = UsersApi(client), ImagesApi(client)
    users.confirm_user(Confirmation(email=email, code=code))
    signed_in = users.log_in(Credentials(email=email, password=password))
    configuration.access_token = signed_in.access_token
    file = Path(photo)
    uploaded = images.upload_image((file.name, file.read_bytes()))
    [listed] = images.list_images(limit=10).items
    document = images.get_image_metadata(uploaded.id)
    images.delete_image(uploaded.id)
    try:
        images.get_image(uploaded.id)
    except ApiException as error:
        problem = error.data
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
                "afterwards": problem.code.value,
            }
        )
    )


{"register": register, "use": use}[sys.argv[1]](*sys.argv[2:])
