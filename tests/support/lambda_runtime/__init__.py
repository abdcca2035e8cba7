"""Runs packaged functions as AWS Lambda does: by AWS's own runtime client, in a sandbox like Lambda's."""

from tests.support.lambda_runtime.function import Function, FunctionFailed, Limits
from tests.support.lambda_runtime.runtime_api import InvocationFailed
from tests.support.lambda_runtime.sandbox import Sandbox, SandboxUnavailable, find_sandbox

__all__ = [
    "Function",
    "FunctionFailed",
    "InvocationFailed",
    "Limits",
    "Sandbox",
    "SandboxUnavailable",
    "find_sandbox",
]
