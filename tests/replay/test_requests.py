"""Requests as they travel, among them those that the drafts print."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from mashery_oauth.replay import Client, Target, rule_sets
from mashery_oauth.replay.exchange import Request
from mashery_oauth.replay.requests import Setting, authorization_url, basic, request_of, with_query
from mashery_oauth.replay.scenario import Step

# The client of the drafts' examples.
CLIENT = Client("s6BhdRkqt3", "gX1fBat3bV", ("https://client.example.com/cb",))
BASIC = "Basic czZCaGRSa3F0MzpnWDFmQmF0M2JW"
TARGET = Target(
    "https://server.example.com/token",
    {"main": CLIENT, "second": Client("other", "its secret"), "public": Client("p")},
    authorize_url="https://server.example.com/authorize?tenant=1",
    resource_url="https://server.example.com/resource",
    pkce=True,
)
CODE = (("grant_type", "authorization_code"), ("code", "i1WsRn1uB1"), ("redirect_uri", "https://client.example.com/cb"))
VALUES = {"challenge": "challenge-x", "verifier": "verifier-x"}


def asked(text: str, **members: Any) -> Request:
    """The request of a step with these members."""
    step = Step(**{"title": "", "send": "token", "client": "main", "claims": (), "params": CODE, **members})
    return request_of(step, Setting(TARGET, rule_sets()[text]), VALUES)


def authorization(request: Request) -> str:
    return dict(request.headers).get("Authorization", "")


def body(request: Request) -> str:
    assert request.body is not None
    return request.body.decode()


def test_draft_16_names_the_client_in_the_header_and_in_the_body() -> None:
    request = asked("draft16")

    assert authorization(request) == BASIC
    assert set(body(request).split("&")) == {
        "grant_type=authorization_code",
        "client_id=s6BhdRkqt3",
        "code=i1WsRn1uB1",
        "redirect_uri=https%3A%2F%2Fclient.example.com%2Fcb",
    }
    # the draft prints 121 octets; it encodes the two dots of the redirect URI, which need not be
    assert len(body(request)) == 121 - 2 * len("2E")


def test_a_secret_may_be_in_the_body() -> None:
    request = asked("draft16", auth="body")

    assert authorization(request) == ""
    assert body(request).endswith("&client_id=s6BhdRkqt3&client_secret=gX1fBat3bV")


@pytest.mark.parametrize(
    ("text", "members", "header", "told"),
    [
        ("rfc6749", {}, BASIC, ""),
        ("draft16", {"auth": "bare_basic"}, BASIC, ""),
        ("draft16", {"auth": "both"}, BASIC, "&client_id=s6BhdRkqt3&client_secret=gX1fBat3bV"),
        ("draft16", {"auth": "id"}, "", "&client_id=s6BhdRkqt3"),
        ("draft16", {"auth": "none"}, "", ""),
        ("barracuda", {}, "", "&client_id=s6BhdRkqt3&client_secret=gX1fBat3bV"),
        ("draft10", {"secret": "wrong"}, basic("s6BhdRkqt3", "wrong", "raw"), ""),
        ("draft10", {"auth": "body", "secret": ""}, "", "&client_id=s6BhdRkqt3&client_secret="),
        ("rfc6749", {"client": "public"}, "", "&client_id=p&code_verifier=verifier-x"),
        ("oauth21", {}, BASIC, "&code_verifier=verifier-x"),
        ("oauth21", {"pkce": False}, BASIC, ""),
    ],
)
def test_a_client_tells_who_it_is(text: str, members: dict[str, Any], header: str, told: str) -> None:
    request = asked(text, **members)

    assert authorization(request) == header
    assert body(request).partition("client.example.com%2Fcb")[2] == told


def test_a_parameter_of_the_step_is_not_added_again() -> None:
    request = asked("draft16", client="second", params=(("client_id", "s6BhdRkqt3"),))

    assert authorization(request) == basic("other", "its secret", "raw")
    assert body(request) == "client_id=s6BhdRkqt3"


def test_rfc_6749_encodes_identifier_and_secret_before_they_become_a_header() -> None:
    assert basic("a b", "c:%+", "raw") == "Basic YSBiOmM6JSs="
    assert basic("a b", "c:%+", "form") == "Basic YStiOmMlM0ElMjUlMkI="


def test_get_has_everything_in_the_query() -> None:
    request = asked("draft16", method="GET", auth="id", params=(("grant_type", "x"),))

    assert (request.url, request.body) == ("https://server.example.com/token?grant_type=x&client_id=s6BhdRkqt3", None)


def test_the_form_may_be_json() -> None:
    request = asked("draft16", json=True, auth="none", params=(("grant_type", "x"),))

    assert (dict(request.headers)["Content-Type"], body(request)) == ("application/json", '{"grant_type": "x"}')


def test_a_resource_is_asked_for_with_the_token_alone() -> None:
    request = asked("draft16", send="resource", params=(), headers=(("Authorization", "Bearer x"),))

    assert request == Request("GET", "https://server.example.com/resource", (("Authorization", "Bearer x"),))


@pytest.mark.parametrize(
    ("text", "client", "added"),
    [
        ("draft16", "main", ""),
        ("rfc6749", "main", ""),
        ("rfc6749", "public", "&code_challenge=challenge-x&code_challenge_method=S256"),
        ("oauth21", "main", "&code_challenge=challenge-x&code_challenge_method=S256"),
    ],
)
def test_an_authorization_request_keeps_the_query_of_the_endpoint(text: str, client: str, added: str) -> None:
    params = (("response_type", "code"), ("state", "a b"), ("state", "c"))
    step = Step(title="", send="authorize", client=client, claims=(), params=params)

    url = authorization_url(step, Setting(TARGET, rule_sets()[text]), VALUES)

    assert url == f"https://server.example.com/authorize?tenant=1&response_type=code&state=a+b&state=c{added}"


def test_the_targets_way_of_authenticating_wins_over_the_texts() -> None:
    step = Step(title="", send="token", client="main", claims=(), params=())

    request = request_of(step, Setting(replace(TARGET, auth="body"), rule_sets()["draft16"]), VALUES)

    assert body(request) == "client_id=s6BhdRkqt3&client_secret=gX1fBat3bV"


def test_nothing_is_added_to_a_url_without_parameters() -> None:
    assert with_query("https://server.example.com/x", []) == "https://server.example.com/x"
