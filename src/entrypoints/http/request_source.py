"""Where a request comes from, as the gateway tells it."""

from aws_lambda_powertools.utilities.data_classes import APIGatewayProxyEventV2

from domain.accounts.model import RequestSource


def source_of(event: APIGatewayProxyEventV2, device_data: str | None = None) -> RequestSource:
    """The source of a request; ``device_data`` is what its body says of the client's device.

    The address is the one that the gateway saw: nothing that a client writes into a header counts.
    """
    context = event.raw_event["requestContext"]
    return RequestSource(
        ip_address=context["http"].get("sourceIp", ""),
        user_agent=context["http"].get("userAgent") or "",
        server_name=context.get("domainName", ""),
        path=event.raw_path,
        device_data=device_data,
    )
