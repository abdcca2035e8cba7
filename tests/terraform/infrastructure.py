"""How an emulator describes a deployment's resources, without names, ids and what only AWS needs."""

import json
from collections.abc import Mapping
from typing import Any

from entrypoints.local.emulator import Emulator

_POOL = ("UsernameAttributes", "AutoVerifiedAttributes", "UsernameConfiguration", "MfaConfiguration")
_PASSWORDS = (
    "MinimumLength",
    "RequireLowercase",
    "RequireUppercase",
    "RequireNumbers",
    "RequireSymbols",
)
_CLIENT = (
    "ExplicitAuthFlows",
    "PreventUserExistenceErrors",
    "EnableTokenRevocation",
    "SupportedIdentityProviders",
    "AllowedOAuthFlowsUserPoolClient",
    "AllowedOAuthFlows",
    "AllowedOAuthScopes",
    "CallbackURLs",
    "WriteAttributes",
)

_QUEUES = ("QUEUE_URL", "RENDER_QUEUE_URL")


def described(emulator: Emulator, names: Mapping[str, str]) -> dict[str, Any]:
    """Its accounts, bucket, queues, table and bus, by what the names of a deployment's environment say."""
    pool_id = names["USER_POOL_ID"]
    return {
        "pool": _pool(emulator, pool_id),
        "server client": _client(emulator, pool_id, names["USER_POOL_CLIENT_ID"]),
        "public client": _client(emulator, pool_id, names["USER_POOL_PUBLIC_CLIENT_ID"]),
        "cors": _cors(emulator, names["IMAGES_BUCKET"]),
        "events": _events(emulator, names["IMAGES_BUCKET"]),
        "given up": [_given_up(emulator, names[queue]) for queue in _QUEUES],
        "records": _table(emulator, names["RECORDS_TABLE"]),
        "work": {queue: _work(emulator, names["EVENT_BUS"], names[queue]) for queue in _QUEUES},
    }


def _pool(emulator: Emulator, pool_id: str) -> dict[str, Any]:
    pool = emulator.client("cognito-idp").describe_user_pool(UserPoolId=pool_id)["UserPool"]
    triggers = pool["LambdaConfig"]
    return {
        **{key: pool.get(key) for key in _POOL},
        # What is off may be left out.
        "passwords": {key: pool["Policies"]["PasswordPolicy"].get(key) or False for key in _PASSWORDS},
        "triggers": sorted(triggers),
        "version of tokens": triggers["PreTokenGenerationConfig"]["LambdaVersion"],
    }


def _client(emulator: Emulator, pool_id: str, client_id: str) -> dict[str, Any]:
    cognito = emulator.client("cognito-idp")
    client = cognito.describe_user_pool_client(UserPoolId=pool_id, ClientId=client_id)["UserPoolClient"]
    assert "ClientSecret" not in client
    # What is off is told in some places and left out in others.
    return {key: _sorted(client[key]) for key in _CLIENT if client.get(key)}


def _cors(emulator: Emulator, bucket: str) -> dict[str, Any]:
    rules = emulator.client("s3").get_bucket_cors(Bucket=bucket)["CORSRules"]
    # Which pages may upload is everybody's own choice; the local server lets all.
    return {
        rule["ID"]: {
            key: _sorted(value)
            for key, value in rule.items()
            if not (key == "AllowedOrigins" and rule["ID"] == "upload")
        }
        for rule in rules
    }


def _events(emulator: Emulator, bucket: str) -> list[Any]:
    told = emulator.client("s3").get_bucket_notification_configuration(Bucket=bucket)
    return [
        [rule["Events"], [(r["Name"].lower(), r["Value"]) for r in rule["Filter"]["Key"]["FilterRules"]]]
        for rule in told["QueueConfigurations"]
    ]


def _given_up(emulator: Emulator, queue_url: str) -> str:
    """Return the end of the name of a queue's dead-letter queue; the maximum receive count differs."""
    queues = emulator.client("sqs")
    answer = queues.get_queue_attributes(QueueUrl=queue_url, AttributeNames=["QueueArn", "RedrivePolicy"])
    target: str = json.loads(answer["Attributes"]["RedrivePolicy"])["deadLetterTargetArn"]
    return target.removeprefix(answer["Attributes"]["QueueArn"])


def _table(emulator: Emulator, name: str) -> dict[str, Any]:
    client = emulator.client("dynamodb")
    table = client.describe_table(TableName=name)["Table"]
    return {
        "attributes": {
            each["AttributeName"]: each["AttributeType"] for each in table["AttributeDefinitions"]
        },
        "keys": table["KeySchema"],
        "indexes": {
            index["IndexName"]: (index["KeySchema"], index["Projection"])
            for index in table["GlobalSecondaryIndexes"]
        },
        "stream": table["StreamSpecification"],
        "billing": table["BillingModeSummary"]["BillingMode"],
        "expiry": client.describe_time_to_live(TableName=name)["TimeToLiveDescription"],
    }


def _work(emulator: Emulator, bus: str, queue_url: str) -> list[Any]:
    """Return the patterns of the events that are sent to the queue unchanged."""
    client = emulator.client("events")
    queue = emulator.client("sqs").get_queue_attributes(QueueUrl=queue_url, AttributeNames=["QueueArn"])
    return [
        json.loads(rule["EventPattern"])
        for rule in client.list_rules(EventBusName=bus)["Rules"]
        for target in client.list_targets_by_rule(Rule=rule["Name"], EventBusName=bus)["Targets"]
        if target["Arn"] == queue["Attributes"]["QueueArn"] and "Input" not in target
    ]


def _sorted(value: Any) -> Any:
    return sorted(value) if isinstance(value, list) else value
