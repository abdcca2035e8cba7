"""Creates in the emulator what Terraform creates in AWS: user pool, clients, bucket, table, queues and bus.

``tests/terraform/test_deployment.py`` compares the two.
"""

import io
import json
import zipfile
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from adapters.dynamodb.schema import TTL, table_definition
from adapters.eventbridge.event_bus import SOURCE
from adapters.s3.object_keys import INCOMING_PREFIX
from entrypoints.local.emulator import REGION, Emulator

POOL_NAME = "images-upload-api-local"
CLIENT_NAME = "server"
PUBLIC_CLIENT_NAME = "public"
CALLBACK_URL = "http://localhost:3000/callback"
"""The callback URL of the public client's authorization code flow, for an application on this machine."""
BUCKET = "images-upload-api-local"
QUEUE_NAME = "images-upload-api-local-uploads"
RENDER_QUEUE_NAME = "images-upload-api-local-render"
DEAD_LETTERS = "-dead-letters"
"""The suffix of a dead-letter queue's name."""
TABLE = "images-upload-api-local-records"
EVENT_BUS = "images-upload-api-local"
DELETED_RULE = f"{EVENT_BUS}-deleted"
READY_RULE = f"{EVENT_BUS}-ready"
PRINTED_RULE = f"{EVENT_BUS}-printed"
PRINTED_QUEUE_NAME = f"{EVENT_BUS}-printed"
"""The queue that receives all events; the server prints them."""
VISIBILITY_TIMEOUT_S = 60
"""Shorter than in AWS, where it depends on the function's time limit, because a developer waits."""
MAX_RECEIVE_COUNT = 20
"""More than in AWS: here, stopping the server while it has a message also counts as a failed attempt."""
TRIGGERS_NAME = "images-upload-api-local-triggers"
TRIGGERS_PROXY_VARIABLE = "MINISTACK_LAMBDA_PROXY_URL"


@dataclass(frozen=True, slots=True)
class Resources:
    """The names of the resources that the functions use."""

    user_pool_id: str
    user_pool_client_id: str
    public_client_id: str
    images_bucket: str
    issuer: str
    queue_url: str
    queue_arn: str
    dead_letter_queue_url: str
    render_queue_url: str
    render_queue_arn: str
    render_dead_letter_queue_url: str
    records_table: str
    records_stream_arn: str
    event_bus: str
    printed_queue_url: str


def provision(emulator: Emulator, triggers_url: str) -> Resources:
    """Create missing resources. In existing ones, change only the URL of the triggers."""
    pool_id, client_id, public_client_id = _provision_pool(emulator, triggers_url)
    _provision_bucket(emulator)
    queue_url, queue_arn, dead_letter_queue_url = _provision_work_queue(emulator, QUEUE_NAME)
    render_queue_url, render_queue_arn, render_dead_letter_queue_url = _provision_work_queue(
        emulator, RENDER_QUEUE_NAME
    )
    printed_queue_url, printed_queue_arn = _provision_queue(emulator, PRINTED_QUEUE_NAME, {})
    _provision_bus(emulator)
    deleted_rule_arn = _subscribe(emulator, DELETED_RULE, queue_arn, ["image.deleted"])
    ready_rule_arn = _subscribe(emulator, READY_RULE, render_queue_arn, ["image.ready"])
    printed_rule_arn = _subscribe(emulator, PRINTED_RULE, printed_queue_arn)
    _allow_sending(
        emulator,
        queue_url,
        queue_arn,
        {"s3.amazonaws.com": f"arn:aws:s3:::{BUCKET}", "events.amazonaws.com": deleted_rule_arn},
    )
    _allow_sending(emulator, render_queue_url, render_queue_arn, {"events.amazonaws.com": ready_rule_arn})
    _allow_sending(
        emulator, printed_queue_url, printed_queue_arn, {"events.amazonaws.com": printed_rule_arn}
    )
    _notify(emulator, queue_arn)
    return Resources(
        user_pool_id=pool_id,
        user_pool_client_id=client_id,
        public_client_id=public_client_id,
        images_bucket=BUCKET,
        issuer=f"https://cognito-idp.{REGION}.amazonaws.com/{pool_id}",
        queue_url=queue_url,
        queue_arn=queue_arn,
        dead_letter_queue_url=dead_letter_queue_url,
        render_queue_url=render_queue_url,
        render_queue_arn=render_queue_arn,
        render_dead_letter_queue_url=render_dead_letter_queue_url,
        records_table=TABLE,
        records_stream_arn=_provision_table(emulator),
        event_bus=EVENT_BUS,
        printed_queue_url=printed_queue_url,
    )


def _provision_pool(emulator: Emulator, triggers_url: str) -> tuple[str, str, str]:
    """Create or update the user pool. Return its id and those of the server's and the public client."""
    cognito = emulator.client("cognito-idp")
    triggers_arn = _provision_triggers(emulator, triggers_url)
    pools = cognito.list_user_pools(MaxResults=60)["UserPools"]
    pool_id = next((pool["Id"] for pool in pools if pool["Name"] == POOL_NAME), None)
    if pool_id is None:
        pool_id = cognito.create_user_pool(
            PoolName=POOL_NAME,
            UsernameAttributes=["email"],
            AutoVerifiedAttributes=["email"],
            UsernameConfiguration={"CaseSensitive": False},
            MfaConfiguration="OPTIONAL",
            Policies={
                "PasswordPolicy": {
                    "MinimumLength": 12,
                    "RequireLowercase": True,
                    "RequireUppercase": True,
                    "RequireNumbers": True,
                    "RequireSymbols": False,
                }
            },
        )["UserPool"]["Id"]
    cognito.update_user_pool(
        UserPoolId=pool_id,
        LambdaConfig={
            "PreSignUp": triggers_arn,
            "PostAuthentication": triggers_arn,
            "PreTokenGenerationConfig": {"LambdaArn": triggers_arn, "LambdaVersion": "V2_0"},
        },
    )
    client_id = _client(
        cognito,
        pool_id,
        CLIENT_NAME,
        ExplicitAuthFlows=["ALLOW_ADMIN_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"],
        SupportedIdentityProviders=["COGNITO"],
    )
    public_client_id = _client(
        cognito,
        pool_id,
        PUBLIC_CLIENT_NAME,
        ExplicitAuthFlows=["ALLOW_USER_SRP_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"],
        SupportedIdentityProviders=["COGNITO"],
        AllowedOAuthFlowsUserPoolClient=True,
        AllowedOAuthFlows=["code"],
        AllowedOAuthScopes=["openid", "email", "profile", "aws.cognito.signin.user.admin"],
        CallbackURLs=[CALLBACK_URL],
    )
    return pool_id, client_id, public_client_id


def _provision_triggers(emulator: Emulator, url: str) -> str:
    """Create a function whose invocations are forwarded to a URL, and return its ARN."""
    functions, roles = emulator.client("lambda"), emulator.client("iam")
    environment = {"Variables": {TRIGGERS_PROXY_VARIABLE: url}}
    try:
        changed = functions.update_function_configuration(
            FunctionName=TRIGGERS_NAME, Environment=environment
        )
        return str(changed["FunctionArn"])
    except ClientError as error:
        if error.response["Error"]["Code"] != "ResourceNotFoundException":
            raise
    trust = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Action": "sts:AssumeRole",
                "Principal": {"Service": "lambda.amazonaws.com"},
            }
        ],
    }
    role = roles.create_role(RoleName=TRIGGERS_NAME, AssumeRolePolicyDocument=json.dumps(trust))
    created = functions.create_function(
        FunctionName=TRIGGERS_NAME,
        Role=role["Role"]["Arn"],
        Runtime="python3.13",
        Handler="entrypoints.functions.triggers.handler",
        Code={"ZipFile": _empty_zip()},
        Timeout=5,
        Environment=environment,
    )
    return str(created["FunctionArn"])


def _empty_zip() -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w"):
        pass
    return content.getvalue()


def _provision_bucket(emulator: Emulator) -> None:
    storage = emulator.client("s3")
    try:
        storage.head_bucket(Bucket=BUCKET)
    except ClientError:
        storage.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})
    storage.put_bucket_cors(
        Bucket=BUCKET,
        CORSConfiguration={
            "CORSRules": [
                {
                    "ID": "read-with-a-signed-url",
                    "AllowedOrigins": ["*"],
                    "AllowedMethods": ["GET", "HEAD"],
                    "AllowedHeaders": ["*"],
                    "ExposeHeaders": ["Content-Disposition", "ETag"],
                    "MaxAgeSeconds": 3600,
                },
                {
                    "ID": "upload",
                    "AllowedOrigins": ["*"],
                    "AllowedMethods": ["POST", "PUT"],
                    "AllowedHeaders": ["*"],
                    "ExposeHeaders": ["ETag", "Location"],
                    "MaxAgeSeconds": 3600,
                },
            ]
        },
    )


def _provision_queue(emulator: Emulator, name: str, attributes: dict[str, str]) -> tuple[str, str]:
    """Create or update a queue with these attributes, and return its URL and ARN."""
    queues = emulator.client("sqs")
    try:
        url: str = queues.get_queue_url(QueueName=name)["QueueUrl"]
    except ClientError:
        url = queues.create_queue(QueueName=name)["QueueUrl"]
    if attributes:
        queues.set_queue_attributes(QueueUrl=url, Attributes=attributes)
    answer = queues.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
    return url, answer["Attributes"]["QueueArn"]


def _provision_work_queue(emulator: Emulator, name: str) -> tuple[str, str, str]:
    """Create or update a queue and its dead-letter queue. Returns its URL and ARN, and the other's URL."""
    dead_letter_queue_url, dead_letter_queue_arn = _provision_queue(emulator, name + DEAD_LETTERS, {})
    redrive = {"deadLetterTargetArn": dead_letter_queue_arn, "maxReceiveCount": MAX_RECEIVE_COUNT}
    url, arn = _provision_queue(
        emulator,
        name,
        {"VisibilityTimeout": str(VISIBILITY_TIMEOUT_S), "RedrivePolicy": json.dumps(redrive)},
    )
    return url, arn, dead_letter_queue_url


def _provision_table(emulator: Emulator) -> str:
    """Create the table of records, and return the ARN of its stream."""
    tables = emulator.client("dynamodb")
    try:
        described = tables.describe_table(TableName=TABLE)["Table"]
    except ClientError:
        described = tables.create_table(**table_definition(TABLE))["TableDescription"]
        tables.update_time_to_live(
            TableName=TABLE, TimeToLiveSpecification={"Enabled": True, "AttributeName": TTL}
        )
    stream_arn: str = described["LatestStreamArn"]
    return stream_arn


def _provision_bus(emulator: Emulator) -> None:
    buses = emulator.client("events")
    try:
        buses.describe_event_bus(Name=EVENT_BUS)
    except ClientError:
        buses.create_event_bus(Name=EVENT_BUS)


def _subscribe(emulator: Emulator, rule: str, queue_arn: str, types: list[str] | None = None) -> str:
    """Send events of these types, or all events, to a queue. Returns the ARN of the rule."""
    buses = emulator.client("events")
    pattern = {"source": [SOURCE], **({"detail-type": types} if types else {})}
    answer = buses.put_rule(Name=rule, EventBusName=EVENT_BUS, EventPattern=json.dumps(pattern))
    buses.put_targets(Rule=rule, EventBusName=EVENT_BUS, Targets=[{"Id": "queue", "Arn": queue_arn}])
    rule_arn: str = answer["RuleArn"]
    return rule_arn


def _allow_sending(emulator: Emulator, queue_url: str, queue_arn: str, source_arns: dict[str, str]) -> None:
    """Let these services send to the queue on behalf of these sources."""
    policy = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Action": "sqs:SendMessage",
                "Principal": {"Service": service},
                "Resource": queue_arn,
                "Condition": {"ArnEquals": {"aws:SourceArn": source_arn}},
            }
            for service, source_arn in source_arns.items()
        ],
    }
    emulator.client("sqs").set_queue_attributes(
        QueueUrl=queue_url, Attributes={"Policy": json.dumps(policy)}
    )


def _notify(emulator: Emulator, queue_arn: str) -> None:
    """Make the bucket notify the queue of incoming bytes."""
    emulator.client("s3").put_bucket_notification_configuration(
        Bucket=BUCKET,
        NotificationConfiguration={
            "QueueConfigurations": [
                {
                    "QueueArn": queue_arn,
                    "Events": ["s3:ObjectCreated:*"],
                    "Filter": {"Key": {"FilterRules": [{"Name": "prefix", "Value": INCOMING_PREFIX}]}},
                }
            ]
        },
    )


def _client(cognito: Any, pool_id: str, name: str, **settings: Any) -> str:
    """Create the app client with this name if it is missing, and return its id."""
    clients = cognito.list_user_pool_clients(UserPoolId=pool_id, MaxResults=60)["UserPoolClients"]
    for client in clients:
        if client["ClientName"] == name:
            existing: str = client["ClientId"]
            return existing
    created: str = cognito.create_user_pool_client(
        UserPoolId=pool_id,
        ClientName=name,
        GenerateSecret=False,
        PreventUserExistenceErrors="ENABLED",
        EnableTokenRevocation=True,
        WriteAttributes=["email", "family_name", "given_name"],
        **settings,
    )["UserPoolClient"]["ClientId"]
    return created
