"""What a function does before its first request."""

import os
from collections.abc import Callable


def initialise(*preparations: Callable[[], object]) -> None:
    """Make on AWS Lambda, while the function initialises, what would be made on first use elsewhere.

    Initialising has a whole processor, whatever the memory, and nobody waits for it with SnapStart or
    provisioned concurrency. What cannot be made ends the function there, with the reason in its log.

    https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html#runtimes-lifecycle-ib
    """
    if "AWS_LAMBDA_RUNTIME_API" in os.environ:
        for prepare in preparations:
            prepare()
