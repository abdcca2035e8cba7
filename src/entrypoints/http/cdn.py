"""The content delivery network with a firewall that may be in front of the gateway.

It adds a secret to each request as proof that the request came through it. It also adds what the gateway
cannot see: the client's address and the host name that the client used. A request without the secret has
bypassed it.
"""

import hmac
from collections.abc import Sequence
from ipaddress import ip_address
from typing import Any

SECRET_HEADER = "x-origin-secret"
CLIENT_ADDRESS_HEADER = "x-viewer-address"
HOST_HEADER = "x-viewer-host"


def admitted(event: dict[str, Any], secrets: Sequence[str]) -> dict[str, Any] | None:
    """Return an API Gateway event (payload format 2.0) as if the client had sent it to the gateway.

    Returns ``None`` for a request that has none of the secrets. If no secrets are set, every request is
    admitted unchanged. The comparison takes the same time for every wrong secret (CWE-208).
    """
    if not secrets:
        return event
    headers = dict(event.get("headers") or {})
    sent = headers.pop(SECRET_HEADER, "").encode("utf-8", "surrogatepass")
    matches = [hmac.compare_digest(sent, secret.encode()) for secret in secrets]
    if not any(matches):
        return None
    context = dict(event["requestContext"])
    if host := headers.pop(HOST_HEADER, ""):
        context["domainName"] = host
    address = headers.pop(CLIENT_ADDRESS_HEADER, "")
    if _is_address(address):
        context["http"] = context["http"] | {"sourceIp": address}
    return event | {"headers": headers, "requestContext": context}


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True
