"""Makes the AWS clients of ``CLIENTS``, and nothing else."""

import json
import os

clients = json.loads(os.environ["CLIENTS"])
if clients:
    from botocore.config import Config
    from botocore.session import get_session

    session = get_session()
    made = [
        session.create_client(service, endpoint_url=endpoint_url, config=Config(**options))
        for service, endpoint_url, options in clients
    ]


def handler(_event: object, _context: object) -> None:
    """Lambda entry point."""
