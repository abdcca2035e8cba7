"""Determines where a request comes from."""

from aws_lambda_powertools.utilities.data_classes import APIGatewayProxyEventV2

from domain.accounts.model import RequestSource


def source_of(event: APIGatewayProxyEventV2, device_data: str | None = None) -> RequestSource:
    """Return the source of a request; ``device_data`` is the device data in its body.

    The address is the one that the gateway saw; headers, which clients can forge, are ignored.
    """
    context = event.raw_event["requestContext"]
    return RequestSource(
        ip_address=context["http"].get("sourceIp", ""),
        user_agent=context["http"].get("userAgent") or "",
        server_name=context.get("domainName", ""),
        path=event.raw_path,
        device_data=device_data,
    )
