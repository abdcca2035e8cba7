"""A deployment to the emulator, from the first plan to its removal: one test after the other.

The emulator checks signatures, tokens and the roles' policies. What it does not show is in
docs/deploy.md.
"""

import io
import json
import os
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import MISSING, dataclass, fields
from datetime import UTC, datetime, timedelta
from itertools import chain
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from scripts.ensure_imagemagick import ensure
from scripts.package_functions import LOCAL
from scripts.terraform import ROOT, Terraform

from adapters.dynamodb.image_records import DynamoDbImageRecords
from adapters.eventbridge.event_bus import SOURCE
from adapters.sqs.work_queue import DUE_MESSAGE
from domain.images.account import Quotas
from domain.images.record import Tombstone
from entrypoints.composition.environment import EnvironmentSettings
from entrypoints.composition.metadata_extractor import MetadataExtractorSettings
from entrypoints.composition.render import RendererSettings
from entrypoints.composition.render_queue import RenderQueueSettings
from entrypoints.composition.settings import AccountSettings, EventSettings, ImageSettings
from entrypoints.composition.triggers import TriggerSettings
from entrypoints.composition.web import WebSettings
from entrypoints.composition.work_queue import QueueSettings
from entrypoints.http.web_page import ROUTES
from entrypoints.local.emulator import Emulator
from entrypoints.local.gateway import FUNCTION_BY_TAG
from entrypoints.local.provisioning import provision
from entrypoints.local.workers import HANDLER_MODULES
from scripts import deploy_local
from tests.support.availability import unavailable
from tests.support.emulator import running_emulator
from tests.support.records import accepted, pending, ref_at
from tests.terraform.infrastructure import described

PROBE = Path(__file__).parent / "probe.py"

TESTS_OF_DOCUMENTS = (
    "test_documented_commands.py",
    "test_examples.py",
    "test_recorded_examples.py",
    "test_upload_example.py",
)
"""They try what the documents show on the local server, and would find nothing else here."""

EMULATOR_DRIFT = {
    "aws_apigatewayv2_authorizer": {"authorizer_payload_format_version"},
    "aws_cloudwatch_event_bus_policy": {"policy"},
    "aws_cloudwatch_metric_alarm": {
        "actions_enabled",
        "alarm_description",
        "dimensions",
        "extended_statistic",
        "period",
        "statistic",
        "treat_missing_data",
    },
    "aws_dynamodb_table": {"point_in_time_recovery"},
    "aws_lambda_event_source_mapping": {"metrics_config"},
}
"""Attributes that the emulator returns with other values: AWS has no such value for a JWT authorizer."""


@dataclass(frozen=True)
class Deployment:
    """What `make deploy-local` created."""

    emulator: Emulator
    terraform: Terraform
    outputs: dict[str, Any]
    directory: Path

    def plan(self) -> dict[str, Any]:
        """A new plan, as JSON."""
        variables = f"-var-file={deploy_local.VARIABLES_FILE}"
        self.terraform.text("plan", "-input=false", "-out=second.plan", variables)
        plan: dict[str, Any] = self.terraform.json("show", "-json", "second.plan")
        return plan


@pytest.fixture(scope="module")
def deployment(terraform: Terraform, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    """The API in a separate emulator, deployed by Terraform."""
    tool = ensure(ROOT / ".local" / "imagemagick")
    if tool is None:
        unavailable("there is no ImageMagick here")
    with pytest.MonkeyPatch.context() as environment, running_emulator() as emulator:
        environment.setenv(tool.setting, tool.value)
        directory = tmp_path_factory.mktemp("deployment")
        applied = deploy_local.up(directory, emulator.endpoint_url, LOCAL)
        yield Deployment(emulator, applied, applied.outputs(), directory)


def test_a_second_plan_finds_nothing_to_do(deployment: Deployment) -> None:
    changes = {
        change["address"]: (change["change"]["actions"], changed_attributes(change["change"]))
        for change in deployment.plan()["resource_changes"]
        if change["change"]["actions"] not in (["no-op"], ["read"])
    }

    unexpected = {
        address: (actions, attributes - EMULATOR_DRIFT.get(address.split(".")[-2], set()))
        for address, (actions, attributes) in changes.items()
        if actions != ["update"] or attributes - EMULATOR_DRIFT.get(address.split(".")[-2], set())
    }
    assert unexpected == {}


def changed_attributes(change: dict[str, Any]) -> set[str]:
    """The names of the attributes that a planned change alters."""
    before, after = change["before"] or {}, change["after"] or {}
    unknown = {name for name, is_unknown in (change["after_unknown"] or {}).items() if is_unknown is True}
    return {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)} | unknown


def test_the_black_box_tests_pass_through_the_gateway(deployment: Deployment) -> None:
    """With the real packages as functions, behind the JWT authorizer, under their own roles."""
    environment = deploy_local.environment_of_clients(deployment.emulator.endpoint_url, deployment.outputs)
    result = subprocess.run(
        [
            sys.executable,
            *("-m", "pytest", "tests/integration", "--quiet", "--no-header", "-p", "no:cacheprovider"),
            # Cases differ in what the functions do, which the tests with the local server show.
            "--one-case-each",
            *(f"--ignore=tests/integration/{name}" for name in TESTS_OF_DOCUMENTS),
            # Hundreds of requests, of which each starts a process in this gateway.
            "--ignore=tests/integration/test_conformance.py",
        ],
        cwd=ROOT,
        env={**os.environ, **environment},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )

    assert result.returncode == 0, result.stdout[-20_000:]


def test_the_local_server_has_the_same_resources(deployment: Deployment) -> None:
    deployed = deploy_local.environment_of_clients(deployment.emulator.endpoint_url, deployment.outputs)
    with running_emulator() as emulator:
        resources = provision(emulator, "http://127.0.0.1:1/triggers")
        local = {
            "USER_POOL_ID": resources.user_pool_id,
            "USER_POOL_CLIENT_ID": resources.user_pool_client_id,
            "USER_POOL_PUBLIC_CLIENT_ID": resources.public_client_id,
            "IMAGES_BUCKET": resources.images_bucket,
            "QUEUE_URL": resources.queue_url,
            "RENDER_QUEUE_URL": resources.render_queue_url,
            "RECORDS_TABLE": resources.records_table,
            "EVENT_BUS": resources.event_bus,
        }
        ours, theirs = described(emulator, local), described(deployment.emulator, deployed)
        assert ours == theirs


def test_changes_of_the_records_are_published_once_each(deployment: Deployment) -> None:
    client = deployment.emulator.client
    bus, sqs = deployment.outputs["event_bus"], client("sqs")
    queue_url = sqs.create_queue(QueueName="subscriber")["QueueUrl"]
    queue_arn = sqs.get_queue_attributes(QueueUrl=queue_url, AttributeNames=["QueueArn"])["Attributes"]
    subscription = {"Rule": "subscriber", "EventBusName": bus}
    client("events").put_rule(
        Name="subscriber", EventBusName=bus, EventPattern=json.dumps({"source": [SOURCE]})
    )
    client("events").put_targets(**subscription, Targets=[{"Id": "queue", "Arn": queue_arn["QueueArn"]}])
    records = DynamoDbImageRecords(
        client("dynamodb"), deployment.outputs["records_table"], lambda: datetime.now(UTC)
    )
    far = datetime.now(UTC) + timedelta(days=1)
    waiting = pending(ref_at(0), due_at=far)
    ready = accepted(waiting)

    records.add(waiting, Quotas())
    records.save(waiting, ready)
    records.remove(ready, Tombstone(ready.ref, ready.version + 1, far, far, None, far))

    heard: list[Any] = []
    for _ in range(6):
        answer = sqs.receive_message(QueueUrl=queue_url, MaxNumberOfMessages=10, WaitTimeSeconds=10)
        heard += [json.loads(message["Body"]) for message in answer.get("Messages", [])]
        if len(heard) >= 2:
            break
    told = sorted((event["detail-type"], event["detail"]["image_id"]) for event in heard)
    assert told == [("image.deleted", ready.ref.image_id), ("image.ready", ready.ref.image_id)]
    client("events").remove_targets(**subscription, Ids=["queue"])
    client("events").delete_rule(Name="subscriber", EventBusName=bus)
    sqs.delete_queue(QueueUrl=queue_url)


def test_an_event_that_cannot_be_published_is_retried_separately_and_kept_in_the_bucket(
    deployment: Deployment,
) -> None:
    mappings = deployment.emulator.client("lambda").list_event_source_mappings()["EventSourceMappings"]
    [mapping] = [each for each in mappings if ":dynamodb:" in each["EventSourceArn"]]

    assert mapping["FunctionArn"].endswith(f":{deployment.outputs['functions']['events']['name']}:live")
    assert mapping["StartingPosition"] == "TRIM_HORIZON"
    assert mapping["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
    assert mapping["BisectBatchOnFunctionError"]
    # Within the day for which the stream keeps a record.
    assert 3600 < mapping["MaximumRecordAgeInSeconds"] < 86400
    assert mapping["MaximumRetryAttempts"] > 0
    assert mapping["DestinationConfig"]["OnFailure"]["Destination"] == (
        f"arn:aws:s3:::{deployment.outputs['bucket']}"
    )


def test_the_schedule_says_what_the_functions_understand(deployment: Deployment) -> None:
    events = deployment.emulator.client("events")
    scheduled = [
        target["Input"]
        for rule in events.list_rules()["Rules"]
        if rule.get("ScheduleExpression") == "rate(5 minutes)"
        for target in events.list_targets_by_rule(Rule=rule["Name"])["Targets"]
    ]

    assert [json.loads(message) for message in scheduled] == [json.loads(DUE_MESSAGE)]


def test_the_local_server_has_the_same_routes_and_functions(deployment: Deployment) -> None:
    client = deployment.emulator.client
    gateway, api_id = client("apigatewayv2"), deployment.outputs["api_id"]
    integrations = {
        integration["IntegrationId"]: integration["IntegrationUri"]
        for integration in gateway.get_integrations(ApiId=api_id)["Items"]
    }
    names = {function["name"]: key for key, function in deployment.outputs["functions"].items()}
    served_by = {
        route["RouteKey"]: next(
            key
            for name, key in names.items()
            if f":{name}:" in integrations[route["Target"].split("/")[-1]]
        )
        for route in gateway.get_routes(ApiId=api_id)["Items"]
    }
    handlers = {client("lambda").get_function_configuration(FunctionName=name)["Handler"] for name in names}

    assert served_by == {
        key: FUNCTION_BY_TAG.get(route["tag"], "web") for key, route in deployment.outputs["routes"].items()
    }
    assert {key for key, function in served_by.items() if function == "web"} >= set(ROUTES)
    assert handlers == {f"{module}.handler" for module in HANDLER_MODULES}


SETTINGS: dict[str, list[type[EnvironmentSettings | WebSettings | TriggerSettings]]] = {
    "users": [AccountSettings],
    "images": [ImageSettings, MetadataExtractorSettings],
    "web": [WebSettings],
    "ingest": [ImageSettings, MetadataExtractorSettings, QueueSettings],
    "render": [ImageSettings, RendererSettings, RenderQueueSettings],
    "events": [EventSettings],
    "triggers": [TriggerSettings],
}
OF_THE_DEPLOYMENT = {
    "event_bus",
    "identify_path",
    "imagemagick_home",
    "images_bucket",
    "records_table",
    "render_queue_url",
    "s3_public_endpoint_url",
    "storage_origin",
    "uploads_queue_url",
    "user_pool_client_id",
    "user_pool_id",
}


def defaults_of(settings: type[EnvironmentSettings | WebSettings | TriggerSettings]) -> dict[str, Any]:
    """Each setting's default."""
    if issubclass(settings, EnvironmentSettings):
        return {
            name: field.get_default(call_default_factory=True)
            for name, field in settings.model_fields.items()
        }
    return {
        field.name: field.default if field.default_factory is MISSING else field.default_factory()
        for field in fields(settings)
    }


@pytest.mark.parametrize("function", SETTINGS)
def test_the_functions_are_deployed_with_the_default_settings(
    deployment: Deployment, function: str
) -> None:
    name = deployment.outputs["functions"][function]["name"]
    configuration = deployment.emulator.client("lambda").get_function_configuration(FunctionName=name)
    with patch.dict(os.environ, configuration["Environment"]["Variables"], clear=True):
        deployed = [settings.from_environment() for settings in SETTINGS[function]]

    for settings in deployed:
        defaults = {
            name: default
            for name, default in defaults_of(type(settings)).items()
            if name not in OF_THE_DEPLOYMENT
        }
        assert {name: getattr(settings, name) for name in defaults} == defaults


def test_every_variable_of_a_function_is_a_setting(deployment: Deployment) -> None:
    known = {"LOG_LEVEL", "POWERTOOLS_METRICS_NAMESPACE", "POWERTOOLS_SERVICE_NAME"} | {
        name.upper()
        for settings in chain.from_iterable(SETTINGS.values())
        for name in defaults_of(settings)
    }
    for function in deployment.outputs["functions"].values():
        configuration = deployment.emulator.client("lambda").get_function_configuration(
            FunctionName=function["name"]
        )
        assert configuration["Environment"]["Variables"].keys() - known == set()


KEY = {"owner_id": {"S": "u"}, "item_key": {"S": "ACCOUNT"}}
EVENT = {"Source": "images-upload-api", "DetailType": "image.ready", "Detail": "{{}}"}


def query(index: str, partition_key: str) -> dict[str, Any]:
    """The parameters that query one partition of an index."""
    return {
        "TableName": "{table}",
        "IndexName": index,
        "KeyConditionExpression": f"{partition_key} = :key",
        "ExpressionAttributeValues": {":key": {"S": "u"}},
    }


# The function whose role is tried, the attempt, and whether it has to succeed.
ATTEMPTS: list[tuple[str, str, dict[str, Any], bool]] = [
    ("users", "cognito-idp:admin_get_user", {"UserPoolId": "{pool}", "Username": "{user}"}, True),
    ("users", "s3:list_objects_v2", {"Bucket": "{bucket}", "Prefix": "users/u/"}, False),
    ("users", "s3:delete_object", {"Bucket": "{bucket}", "Key": "users/u/probe"}, False),
    ("users", "s3:get_object", {"Bucket": "{bucket}", "Key": "users/u/image"}, False),
    ("users", "s3:put_object", {"Bucket": "{bucket}", "Key": "users/u/probe"}, False),
    (
        "users",
        "cognito-idp:admin_create_user",
        {"UserPoolId": "{pool}", "Username": "eve@example.com"},
        False,
    ),
    ("users", "cognito-idp:delete_user_pool", {"UserPoolId": "{pool}"}, False),
    ("users", "cognito-idp:admin_get_user", {"UserPoolId": "{other_pool}", "Username": "{user}"}, False),
    ("users", "dynamodb:update_item", {"TableName": "{table}", "Key": KEY}, True),
    ("users", "dynamodb:delete_item", {"TableName": "{table}", "Key": KEY}, False),
    ("users", "dynamodb:scan", {"TableName": "{table}"}, False),
    ("users", "sqs:send_message", {"QueueUrl": "{queue}", "MessageBody": "{{}}"}, False),
    ("users", "sqs:receive_message", {"QueueUrl": "{queue}"}, False),
    ("images", "s3:put_object", {"Bucket": "{bucket}", "Key": "users/u/probe"}, True),
    ("images", "s3:get_object", {"Bucket": "{bucket}", "Key": "users/u/image"}, True),
    ("images", "s3:list_objects_v2", {"Bucket": "{bucket}", "Prefix": "users/u/"}, True),
    ("images", "s3:delete_object", {"Bucket": "{bucket}", "Key": "users/u/probe"}, True),
    ("images", "s3:put_object", {"Bucket": "{bucket}", "Key": "elsewhere/probe"}, False),
    ("images", "s3:list_multipart_uploads", {"Bucket": "{bucket}", "Prefix": "incoming/u/"}, True),
    ("images", "s3:list_objects_v2", {"Bucket": "{bucket}", "Prefix": "elsewhere/"}, False),
    ("images", "s3:get_object", {"Bucket": "{other_bucket}", "Key": "users/u/image"}, False),
    ("images", "s3:put_bucket_policy", {"Bucket": "{bucket}", "Policy": "{{}}"}, False),
    ("images", "s3:delete_bucket", {"Bucket": "{bucket}"}, False),
    ("images", "cognito-idp:admin_get_user", {"UserPoolId": "{pool}", "Username": "{user}"}, False),
    ("images", "s3:put_object", {"Bucket": "{bucket}", "Key": "incoming/u/probe"}, True),
    ("images", "s3:delete_object", {"Bucket": "{bucket}", "Key": "incoming/u/probe"}, True),
    ("images", "s3:get_object", {"Bucket": "{bucket}", "Key": "incoming/u/image"}, False),
    ("images", "dynamodb:get_item", {"TableName": "{table}", "Key": KEY}, True),
    ("images", "dynamodb:put_item", {"TableName": "{table}", "Item": KEY}, True),
    ("images", "dynamodb:batch_get_item", {"RequestItems": {"{table}": {"Keys": [KEY]}}}, True),
    ("images", "dynamodb:query", query("by_capture_time", "owner_id"), True),
    ("images", "dynamodb:query", query("due", "due_shard"), False),
    ("images", "dynamodb:scan", {"TableName": "{table}"}, False),
    ("images", "dynamodb:delete_table", {"TableName": "{table}"}, False),
    ("images", "events:put_events", {"Entries": [{**EVENT, "EventBusName": "{bus}"}]}, False),
    ("images", "sqs:send_message", {"QueueUrl": "{queue}", "MessageBody": "{{}}"}, False),
    ("images", "sqs:receive_message", {"QueueUrl": "{queue}"}, False),
    ("images", "iam:list_roles", {}, False),
    ("ingest", "sqs:get_queue_attributes", {"QueueUrl": "{queue}"}, True),
    ("ingest", "s3:get_object", {"Bucket": "{bucket}", "Key": "users/u/image"}, True),
    ("ingest", "s3:put_object", {"Bucket": "{bucket}", "Key": "users/u/probe"}, True),
    ("ingest", "s3:get_object", {"Bucket": "{bucket}", "Key": "incoming/u/image"}, True),
    ("ingest", "s3:delete_object", {"Bucket": "{bucket}", "Key": "incoming/u/probe"}, True),
    ("ingest", "s3:put_object", {"Bucket": "{bucket}", "Key": "incoming/u/probe"}, False),
    ("ingest", "dynamodb:get_item", {"TableName": "{table}", "Key": KEY}, True),
    ("ingest", "dynamodb:batch_get_item", {"RequestItems": {"{table}": {"Keys": [KEY]}}}, False),
    ("ingest", "dynamodb:query", query("due", "due_shard"), True),
    ("ingest", "dynamodb:query", query("by_capture_time", "owner_id"), False),
    (
        "ingest",
        "dynamodb:batch_write_item",
        {"RequestItems": {"{table}": [{"DeleteRequest": {"Key": KEY}}]}},
        True,
    ),
    ("ingest", "dynamodb:scan", {"TableName": "{table}"}, False),
    ("ingest", "sqs:send_message", {"QueueUrl": "{queue}", "MessageBody": "{{}}"}, True),
    ("ingest", "sqs:receive_message", {"QueueUrl": "{dead_letters}"}, False),
    ("ingest", "s3:put_object", {"Bucket": "{bucket}", "Key": "elsewhere/probe"}, False),
    ("ingest", "s3:list_multipart_uploads", {"Bucket": "{bucket}", "Prefix": "incoming/u/"}, True),
    ("ingest", "s3:list_object_versions", {"Bucket": "{bucket}", "Prefix": "users/u/"}, True),
    (
        "ingest",
        "s3:delete_object",
        {"Bucket": "{bucket}", "Key": "users/u/probe", "VersionId": "null"},
        True,
    ),
    ("ingest", "cognito-idp:admin_get_user", {"UserPoolId": "{pool}", "Username": "{user}"}, False),
    ("render", "sqs:get_queue_attributes", {"QueueUrl": "{render_queue}"}, True),
    ("render", "sqs:get_queue_attributes", {"QueueUrl": "{queue}"}, False),
    ("render", "sqs:send_message", {"QueueUrl": "{render_queue}", "MessageBody": "{{}}"}, False),
    ("render", "s3:get_object", {"Bucket": "{bucket}", "Key": "users/u/images/i/original.jpg"}, True),
    ("render", "s3:put_object", {"Bucket": "{bucket}", "Key": "users/u/images/i/original.jpg"}, False),
    ("render", "s3:delete_object", {"Bucket": "{bucket}", "Key": "users/u/images/i/original.jpg"}, False),
    ("render", "s3:get_object", {"Bucket": "{bucket}", "Key": "users/u/images/i/metadata.json"}, False),
    ("render", "s3:put_object", {"Bucket": "{bucket}", "Key": "users/u/images/i/renditions/p"}, True),
    ("render", "s3:delete_object", {"Bucket": "{bucket}", "Key": "users/u/images/i/renditions/p"}, True),
    ("render", "s3:get_object", {"Bucket": "{bucket}", "Key": "incoming/u/image"}, False),
    ("render", "dynamodb:get_item", {"TableName": "{table}", "Key": KEY}, True),
    ("render", "dynamodb:put_item", {"TableName": "{table}", "Item": KEY}, True),
    ("render", "dynamodb:update_item", {"TableName": "{table}", "Key": KEY}, True),
    ("render", "dynamodb:delete_item", {"TableName": "{table}", "Key": KEY}, False),
    ("render", "dynamodb:query", query("due", "due_shard"), False),
    ("render", "events:put_events", {"Entries": [{**EVENT, "EventBusName": "{bus}"}]}, False),
    ("render", "cognito-idp:admin_get_user", {"UserPoolId": "{pool}", "Username": "{user}"}, False),
    # Not tried: reading the stream, for which the emulator wants a right to all streams.
    ("events", "dynamodb:get_item", {"TableName": "{table}", "Key": KEY}, False),
    ("events", "events:put_events", {"Entries": [{**EVENT, "EventBusName": "{bus}"}]}, True),
    ("events", "events:put_events", {"Entries": [EVENT]}, False),
    ("events", "s3:put_object", {"Bucket": "{bucket}", "Key": "aws/lambda/probe"}, True),
    ("events", "s3:put_object", {"Bucket": "{bucket}", "Key": "users/u/probe"}, False),
    ("events", "s3:get_object", {"Bucket": "{bucket}", "Key": "users/u/image"}, False),
    ("events", "sqs:send_message", {"QueueUrl": "{queue}", "MessageBody": "{{}}"}, False),
    ("web", "s3:get_object", {"Bucket": "{bucket}", "Key": "users/u/image"}, False),
    ("web", "cognito-idp:admin_get_user", {"UserPoolId": "{pool}", "Username": "{user}"}, False),
    ("triggers", "dynamodb:get_item", {"TableName": "{table}", "Key": KEY}, False),
    ("triggers", "s3:get_object", {"Bucket": "{bucket}", "Key": "users/u/image"}, False),
    ("triggers", "s3:list_objects_v2", {"Bucket": "{bucket}", "Prefix": "users/u/"}, False),
    ("triggers", "cognito-idp:admin_get_user", {"UserPoolId": "{pool}", "Username": "{user}"}, False),
    ("triggers", "sqs:receive_message", {"QueueUrl": "{queue}"}, False),
]


@contextmanager
def things_to_touch(deployment: Deployment) -> Iterator[dict[str, str]]:
    """The resources of the attempts: ours, with content, and others that are created for a while."""
    cognito, s3 = deployment.emulator.client("cognito-idp"), deployment.emulator.client("s3")
    outputs = deployment.outputs
    user = "probe@example.com"
    other_pool = cognito.create_user_pool(PoolName="other", UsernameAttributes=["email"])["UserPool"]["Id"]
    s3.create_bucket(
        Bucket="other-bucket", CreateBucketConfiguration={"LocationConstraint": s3.meta.region_name}
    )
    for pool in (outputs["user_pool_id"], other_pool):
        cognito.admin_create_user(UserPoolId=pool, Username=user, MessageAction="SUPPRESS")
    for bucket in (outputs["bucket"], "other-bucket"):
        s3.put_object(Bucket=bucket, Key="users/u/image", Body=b"image")
    for name in ("original.jpg", "metadata.json"):
        s3.put_object(Bucket=outputs["bucket"], Key=f"users/u/images/i/{name}", Body=b"image")
    s3.put_object(Bucket=outputs["bucket"], Key="incoming/u/image", Body=b"image")
    yield {
        "bucket": outputs["bucket"],
        "bus": outputs["event_bus"],
        "dead_letters": outputs["dead_letter_queue_url"],
        "other_bucket": "other-bucket",
        "other_pool": other_pool,
        "pool": outputs["user_pool_id"],
        "queue": outputs["queue_url"],
        "render_queue": outputs["render_queue_url"],
        "table": outputs["records_table"],
        "user": user,
    }
    s3.delete_object(Bucket="other-bucket", Key="users/u/image")
    s3.delete_bucket(Bucket="other-bucket")
    cognito.delete_user_pool(UserPoolId=other_pool)


@pytest.fixture(scope="module")
def attempts(deployment: Deployment) -> list[tuple[str, str, bool, str]]:
    """Each attempt with its outcome: the role, the operation, what is expected, and the error's code."""
    with things_to_touch(deployment) as names:
        return [
            outcome
            for function in deployment.outputs["functions"]
            for outcome in outcomes_of(function, deployment, names)
        ]


def outcomes_of(
    function: str, deployment: Deployment, names: dict[str, str]
) -> list[tuple[str, str, bool, str]]:
    """The outcome of each attempt of this function's role, made by a function of our own that has it."""
    lambdas = deployment.emulator.client("lambda")
    deployed = deployment.outputs["functions"][function]["name"]
    probe = f"probe-{function}"
    lambdas.create_function(
        FunctionName=probe,
        Runtime="python3.13",
        Handler="probe.handler",
        Role=lambdas.get_function_configuration(FunctionName=deployed)["Role"],
        Code={"ZipFile": zipped(PROBE)},
        Timeout=60,
    )
    calls = [
        (operation, filled_in(parameters, names), succeeds)
        for role, operation, parameters, succeeds in ATTEMPTS
        if role == function
    ]
    answer = lambdas.invoke(FunctionName=probe, Payload=json.dumps([call[:2] for call in calls]).encode())
    codes = json.load(answer["Payload"])
    lambdas.delete_function(FunctionName=probe)
    assert len(codes) == len(calls), codes
    return [
        (function, f"{operation} {parameters}", succeeds, code)
        for (operation, parameters, succeeds), code in zip(calls, codes, strict=True)
    ]


def filled_in(value: Any, names: dict[str, str]) -> Any:
    """The value with each name in braces replaced, however deep in it."""
    if isinstance(value, dict):
        return {filled_in(key, names): filled_in(part, names) for key, part in value.items()}
    if isinstance(value, list):
        return [filled_in(part, names) for part in value]
    return value.format(**names) if isinstance(value, str) else value


def zipped(file: Path) -> bytes:
    """A function package with one module."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.write(file, file.name)
    return content.getvalue()


def test_each_role_may_do_what_its_function_does(attempts: list[tuple[str, str, bool, str]]) -> None:
    allowed = [attempt for attempt in attempts if attempt[2]]

    assert allowed
    assert [attempt for attempt in allowed if attempt[3] != "ok"] == []


def test_each_role_is_refused_everything_else(attempts: list[tuple[str, str, bool, str]]) -> None:
    refused = [attempt for attempt in attempts if not attempt[2]]

    assert {role for role, *_ in refused} == set(SETTINGS)
    assert [a for a in refused if a[3] not in {"AccessDenied", "AccessDeniedException"}] == []


def test_destroying_it_leaves_nothing(deployment: Deployment) -> None:
    endpoint_url = deployment.emulator.endpoint_url
    assert sum(remains(deployment.emulator).values()) > 0
    # As from a fresh clone: nothing is built for it.
    (deployment.directory / "functions.zip").unlink()

    deploy_local.down(deployment.directory, endpoint_url)

    assert {kind: count for kind, count in remains(deployment.emulator).items() if count} == {}
    assert not deployment.directory.exists()


def remains(emulator: Emulator) -> dict[str, int]:
    """How many resources of each kind there are."""
    client = emulator.client
    return {
        "alarms": len(client("cloudwatch").describe_alarms()["MetricAlarms"]),
        "buses": len(client("events").list_event_buses()["EventBuses"]) - 1,
        "apis": len(client("apigatewayv2").get_apis()["Items"]),
        "buckets": len(client("s3").list_buckets()["Buckets"]),
        "event sources": len(client("lambda").list_event_source_mappings()["EventSourceMappings"]),
        "functions": len(client("lambda").list_functions()["Functions"]),
        "queues": len(client("sqs").list_queues().get("QueueUrls", [])),
        "rules": len(client("events").list_rules()["Rules"]),
        "tables": len(client("dynamodb").list_tables()["TableNames"]),
        "roles": len(client("iam").list_roles()["Roles"]),
        "user pools": len(client("cognito-idp").list_user_pools(MaxResults=60)["UserPools"]),
    }
