"""What the records do when DynamoDB refuses, throttles or does not answer."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import boto3
import pytest
from botocore.awsrequest import AWSResponse
from botocore.exceptions import ClientError, ConnectTimeoutError
from botocore.stub import Stubber

from adapters.dynamodb.image_records import DynamoDbImageRecords
from adapters.dynamodb.items import item_of_record
from adapters.dynamodb.requests import MAX_ATTEMPTS, ConditionsFailed, Requests
from domain.images.account import Quotas
from domain.images.ports import RecordConflict
from domain.shared.errors import ServiceUnavailable
from tests.support.records import accepted, pending, ref_at, tombstone_of


class RawBytes:
    """The body of an answer as botocore reads it."""

    def __init__(self, content: bytes) -> None:
        self._content = content

    def stream(self) -> Iterator[bytes]:
        yield self._content


class Pauses(list[float]):
    """Notes how long would have been waited."""

    def __call__(self, seconds: float) -> None:
        self.append(seconds)


def failure(code: str, reasons: list[str] | None = None, **more: Any) -> ClientError:
    response: Any = {"Error": {"Code": code, "Message": "no"}, **more}
    if reasons:
        response["CancellationReasons"] = [{"Code": reason} for reason in reasons]
    return ClientError(response, "TransactWriteItems")


def failing(*failures: Exception) -> Callable[[], str]:
    """A request that fails in these ways, one after the other, and then succeeds."""
    waiting = list(failures)

    def request() -> str:
        if waiting:
            raise waiting.pop(0)
        return "done"

    return request


PASSING = [
    failure("TransactionCanceledException", ["None", "TransactionConflict"]),
    failure("TransactionCanceledException", ["ThrottlingError", "None"]),
    failure("TransactionCanceledException", ["None", "ProvisionedThroughputExceeded"]),
    failure("TransactionConflictException"),
    failure("TransactionInProgressException"),
    failure("ThrottlingException"),
    failure("RequestLimitExceeded"),
    failure("ProvisionedThroughputExceededException"),
]


@pytest.mark.parametrize("error", PASSING, ids=str)
def test_temporary_failures_are_retried_a_limited_number_of_times(error: ClientError) -> None:
    pauses = Pauses()

    assert Requests(pauses).make(failing(*[error] * (MAX_ATTEMPTS - 1))) == "done"

    assert len(pauses) == MAX_ATTEMPTS - 1
    assert all(0 <= pause <= 1 for pause in pauses)
    assert max(pauses[:2]) <= 0.05, "the first repeats come soon"
    with pytest.raises(ServiceUnavailable) as refused:
        Requests(Pauses()).make(failing(*[error] * MAX_ATTEMPTS))
    assert 0 < refused.value.retry_after_s <= 5
    assert refused.value.__cause__ is error


def test_repeats_are_spread_at_random() -> None:
    one, other = Pauses(), Pauses()
    for pauses in (one, other):
        Requests(pauses).make(failing(*[PASSING[0]] * (MAX_ATTEMPTS - 1)))

    assert one != other


@pytest.mark.parametrize(
    "error",
    [
        failure("InternalServerError"),
        failure("AccessDeniedException"),
        failure("ResourceNotFoundException"),
        ConnectTimeoutError(endpoint_url="https://dynamodb.example"),
    ],
    ids=str,
)
def test_other_failures_are_reported_as_temporary_and_not_retried(error: Exception) -> None:
    pauses = Pauses()

    with pytest.raises(ServiceUnavailable) as refused:
        Requests(pauses).make(failing(error))

    assert pauses == []
    assert "dynamodb" not in refused.value.detail.lower()


@pytest.mark.parametrize(
    "error",
    [
        failure("ValidationException"),
        failure("TransactionCanceledException", ["None", "ValidationError"]),
    ],
    ids=str,
)
def test_a_request_that_can_never_succeed_is_not_reported_as_temporary(error: ClientError) -> None:
    with pytest.raises(ClientError):
        Requests(Pauses()).make(failing(error))


def test_a_failed_condition_takes_precedence_over_a_conflict() -> None:
    error = failure("TransactionCanceledException", ["TransactionConflict", "ConditionalCheckFailed"])

    with pytest.raises(ConditionsFailed) as refused:
        Requests(Pauses()).make(failing(error))

    assert refused.value.found == {1: {}}


@pytest.fixture
def client() -> Any:
    return boto3.client(
        "dynamodb", region_name="eu-central-1", aws_access_key_id="x", aws_secret_access_key="x"
    )


def records_with(client: Any) -> DynamoDbImageRecords:
    return DynamoDbImageRecords(client, "records", lambda: datetime(2026, 3, 1, tzinfo=UTC), Pauses())


def test_a_change_whose_response_was_lost_is_not_a_conflict(client: Any) -> None:
    before = accepted(pending(ref_at(0)))
    after = before.edit({"title": "title"})
    with Stubber(client) as stub:
        stub.add_client_error(
            "put_item",
            "ConditionalCheckFailedException",
            modeled_fields={"Item": item_of_record(after)},
        )
        stub.add_client_error(
            "put_item",
            "ConditionalCheckFailedException",
            modeled_fields={"Item": item_of_record(before.edit({"title": "another"}))},
        )

        records_with(client).save(before, after)
        with pytest.raises(RecordConflict):
            records_with(client).save(before, after)


def test_repeats_of_a_transaction_are_known_by_their_token(client: Any) -> None:
    bodies: list[bytes] = []

    def drop_the_first_answer(request: Any, **_: Any) -> Any:
        bodies.append(request.body)
        if len(bodies) == 1:
            raise ConnectTimeoutError(endpoint_url=request.url)
        return AWSResponse(request.url, 200, {}, RawBytes(b"{}"))

    client.meta.events.register("before-send.dynamodb.TransactWriteItems", drop_the_first_answer)

    records_with(client).add(pending(ref_at(0)), Quotas())

    one, two = (json.loads(body) for body in bodies)
    assert one["ClientRequestToken"] == two["ClientRequestToken"]


@pytest.mark.parametrize(
    ("code", "is_same"), [("TransactionInProgressException", True), ("TransactionConflictException", False)]
)
def test_a_transaction_that_is_in_progress_keeps_its_token(client: Any, code: str, is_same: bool) -> None:
    bodies: list[bytes] = []

    def refuse_the_first(request: Any, **_: Any) -> Any:
        bodies.append(request.body)
        answer = json.dumps({"__type": code}).encode() if len(bodies) == 1 else b"{}"
        return AWSResponse(request.url, 400 if len(bodies) == 1 else 200, {}, RawBytes(answer))

    client.meta.events.register("before-send.dynamodb.TransactWriteItems", refuse_the_first)

    records_with(client).add(pending(ref_at(0)), Quotas())

    one, two = (json.loads(body)["ClientRequestToken"] for body in bodies)
    assert (one == two) is is_same


def test_a_deletion_whose_surroundings_keep_changing_gives_up(client: Any) -> None:
    record = accepted(pending(ref_at(0)))
    others = {"ids": {"SS": [record.ref.image_id, ref_at(1).image_id]}}
    with Stubber(client) as stub:
        for _ in range(5):
            stub.add_client_error(
                "transact_write_items",
                "TransactionCanceledException",
                modeled_fields={
                    "CancellationReasons": [
                        {"Code": "None"},
                        {"Code": "None"},
                        {"Code": "None"},
                        {"Code": "ConditionalCheckFailed", "Item": others},
                    ]
                },
            )

        with pytest.raises(ServiceUnavailable):
            records_with(client).remove(record, tombstone_of(record))


def test_unprocessed_items_of_a_batch_are_requested_again(client: Any) -> None:
    one, two = accepted(pending(ref_at(0))), accepted(pending(ref_at(1)))
    left = {"records": {"Keys": [{"owner_id": {"S": "u"}, "item_key": {"S": "IMG#"}}]}}
    with Stubber(client) as stub:
        stub.add_response(
            "batch_get_item", {"Responses": {"records": [item_of_record(one)]}, "UnprocessedKeys": left}
        )
        stub.add_response("batch_get_item", {"Responses": {"records": [item_of_record(two)]}})

        found = records_with(client).find_many(one.ref.owner_id, [one.ref.image_id, two.ref.image_id])

    assert found == {one.ref.image_id: one, two.ref.image_id: two}
