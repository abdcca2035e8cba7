"""Requests that came through a content delivery network, and those that bypassed it."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entrypoints.http.cdn import admitted

OLD, NEW = "o" * 32, "n" * 32


def request(**headers: str) -> dict[str, Any]:
    return {
        "routeKey": "POST /v1/sessions",
        "rawPath": "/v1/sessions",
        "headers": {"content-type": "application/json"}
        | {name.replace("_", "-"): value for name, value in headers.items()},
        "requestContext": {
            "domainName": "origin.example.com",
            "requestId": "request-1",
            "http": {"method": "POST", "sourceIp": "130.176.0.1", "userAgent": "agent"},
        },
    }


def test_without_a_network_every_request_is_admitted_as_it_is() -> None:
    event = request(x_viewer_address="192.0.2.1", x_viewer_host="images.example.com")

    assert admitted(event, ()) is event


@pytest.mark.parametrize("secret", [OLD, NEW])
def test_any_of_the_secrets_is_good(secret: str) -> None:
    assert admitted(request(x_origin_secret=secret), (NEW, OLD)) is not None


@given(st.text(st.characters()))
def test_anything_else_is_not(secret: str) -> None:
    assert admitted(request(x_origin_secret=secret), (NEW, OLD)) is None


def test_nor_is_a_part_of_one_or_none() -> None:
    assert admitted(request(x_origin_secret=NEW[:-1]), (NEW,)) is None
    assert admitted(request(), (NEW,)) is None


def test_the_client_is_the_one_that_the_network_saw() -> None:
    event = request(x_origin_secret=NEW, x_viewer_address="2001:db8::1", x_viewer_host="images.example.com")

    result = admitted(event, (NEW,))

    assert result == event | {
        "headers": {"content-type": "application/json"},
        "requestContext": {
            "domainName": "images.example.com",
            "requestId": "request-1",
            "http": {"method": "POST", "sourceIp": "2001:db8::1", "userAgent": "agent"},
        },
    }


@pytest.mark.parametrize("headers", [{}, {"x_viewer_address": "unknown"}, {"x_viewer_address": ""}])
def test_without_an_address_it_is_the_one_that_the_gateway_saw(headers: dict[str, str]) -> None:
    result = admitted(request(x_origin_secret=NEW, **headers), (NEW,))

    assert result
    assert result["requestContext"]["http"]["sourceIp"] == "130.176.0.1"
    assert result["requestContext"]["domainName"] == "origin.example.com"
