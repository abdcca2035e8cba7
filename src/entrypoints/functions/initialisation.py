"""Prepares a function before its first request."""

import os
from collections.abc import Callable


def initialise(*preparations: Callable[[], object]) -> None:
    """Run ``preparations`` during initialisation on AWS Lambda; elsewhere they run on first use.

    Initialisation has a full processor, whatever the memory size. With SnapStart or provisioned
    concurrency, no client waits for it. An exception ends the function, with the reason in its log.

    https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html#runtimes-lifecycle-ib
    """
    if "AWS_LAMBDA_RUNTIME_API" in os.environ:
        for prepare in preparations:
            prepare()
