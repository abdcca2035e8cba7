"""Runs packaged functions as AWS Lambda does: with AWS's runtime client in a similar sandbox."""

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
