"""Types that the request bodies of the account operations share."""

from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Body
from pydantic import BaseModel, ConfigDict, Field

from domain.accounts.email_address import MAX_EMAIL_LENGTH
from domain.accounts.rules import MAX_CODE_LENGTH, MAX_NAME_LENGTH

Email = Annotated[
    str,
    Field(
        min_length=1,
        max_length=MAX_EMAIL_LENGTH,
        description="An e-mail address; case is ignored.",
        # It may contain letters of any script (RFC 6531).
        json_schema_extra={"format": "idn-email"},
    ),
]
Name = Annotated[str, Field(min_length=1, max_length=MAX_NAME_LENGTH)]
Code = Annotated[
    str,
    Field(min_length=1, max_length=MAX_CODE_LENGTH, description="A one-time code; spaces are ignored."),
]


class RequestBody(BaseModel):
    """Base of request bodies. Unknown fields are refused."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)


class AccountAddress(RequestBody):
    """The e-mail address of an account."""

    email: Email


AccountAddressBody = Annotated[AccountAddress, Body()]

DeviceData = Annotated[
    str,
    Field(
        max_length=16_384,
        description="The result of Amazon's threat protection script, AmazonCognitoAdvancedSecurityData.",
    ),
]
