"""Draft 16 on answers: what is in a token response, and how it is told what went wrong."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest

from mashery_oauth.dialects import Dialect
from mashery_oauth.rails import CHOICES
from tests.wire import at_exchange, at_token
from tests.wire.conditions import TOKEN as AT_TOKEN
from tests.wire.conditions import Condition
from tests.wire.profiles import staged
from tests.wire.scene import TOKEN
from tests.world import HTTPS, Answer, World

from .asking import REDIRECTED, TOKEN_ERRORS, each_dialect, each_flow, in_fragment, in_query, made, redirecting, refusal

NAME = re.compile(r"[-._0-9A-Za-z]+")
REGISTERED = {"access_token", "token_type", "expires_in", "refresh_token", "scope", "state", "code",
              "error", "error_description", "error_uri"}  # fmt: skip
OF_MAC = {"mac_key", "mac_algorithm"}
MET = [condition for condition in AT_TOKEN if "draft16" in condition.profiles]
RELAYED = [condition for condition in MET if condition.relayed]


async def refused(world: World, condition: Condition) -> Answer:
    """What is heard of a condition."""
    scene = await staged(world, "draft16", client=condition.client, **condition.policy)
    return await condition.provoke(scene)


@pytest.mark.keeps("D16-55", "D16-56")
@each_dialect
@each_flow
async def test_a_token_response_has_flat_strings_and_one_number(world: World, flow: str, dialect: Dialect) -> None:
    scene = await staged(world, "draft16")

    found = (await made(replace(scene, dialect=dialect), flow)).result

    assert re.fullmatch("[a-z0-9]{44}", found["access_token"])
    assert (found["token_type"], found["scope"]) == ("bearer", "read")
    assert type(found["expires_in"]) is int
    assert found["expires_in"] == 3600
    assert ("refresh_token" in found) == (flow not in REDIRECTED)
    assert all(type(found[name]) is str for name in found.keys() & REGISTERED - {"expires_in", "state"})


@pytest.mark.keeps("D16-56", "D16-74")
@each_flow
@pytest.mark.parametrize("token_type", CHOICES["token_type"])
async def test_a_token_response_names_a_type_that_a_document_defines(
    one_world: World, flow: str, token_type: str
) -> None:
    scene = await staged(one_world, "draft16", token_type=token_type)

    found = (await made(scene, flow)).result

    assert found["access_token"]
    assert found["token_type"] == token_type
    assert token_type in ("bearer", "mac")
    assert NAME.fullmatch(found["token_type"])
    assert set(found["extended"] or {}) == (OF_MAC if token_type == "mac" else set())


@pytest.mark.keeps("D16-57")
@each_dialect
@each_flow
async def test_no_answer_with_a_token_may_be_kept_by_a_cache(one_world: World, flow: str, dialect: Dialect) -> None:
    scene = replace(await staged(one_world, "draft16"), dialect=dialect)

    given = await made(scene, flow)
    asked = await scene.ask()
    fetched = await one_world.fetch(scene.service, given.result["access_token"], dialect=dialect)

    assert [answer.headers["Cache-Control"] for answer in (given, asked, fetched)] == ["no-store"] * 3
    assert all(answer.result for answer in (given, asked, fetched))


@pytest.mark.keeps("D16-58")
@each_flow
@pytest.mark.parametrize(("asked", "given"), [(None, "read list"), ("write", "write"), ("list read", "list read")])
async def test_the_scope_is_told_also_where_it_is_not_the_one_that_was_asked_for(
    world: World, flow: str, asked: str | None, given: str
) -> None:
    scene = await staged(world, "draft16", scopes=("read", "list", "write"), default_scopes=("read", "list"))

    found = (await made(scene, flow, asked)).result

    assert found["scope"] == given
    assert (await world.fetch(scene.service, found["access_token"])).result["scope"] == given


@pytest.mark.keeps("D16-57", "D16-60")
@pytest.mark.parametrize("condition", RELAYED, ids=lambda condition: condition.name)
async def test_a_token_error_is_one_of_the_list_with_400_and_json_and_not_kept_by_a_cache(
    one_world: World, condition: Condition
) -> None:
    answer = await refused(one_world, condition)

    found, told = answer.oauth, answer.oauth["error_response"]
    assert answer.headers["Cache-Control"] == told["headers"]["Cache-Control"] == "no-store"
    assert set(told["response"]) == {"error", "error_description"}
    assert told["response"]["error"] == found["error"]
    assert found["error"] in TOKEN_ERRORS
    assert told["status"] == (401 if found["error"] == "invalid_client" else 400)
    assert told["headers"]["Content-Type"] == "application/json"


CREDENTIALS = [
    at_token.an_unknown_client,
    at_token.an_inactive_client,
    at_token.a_client_of_another_service,
    at_token.a_wrong_secret,
    at_token.no_secret,
]
BY_PROVOKING = {condition.provoke: condition for condition in MET}


@pytest.mark.keeps("D16-61")
@pytest.mark.parametrize("provoke", CREDENTIALS, ids=lambda provoke: provoke.__name__)
async def test_a_client_that_failed_is_told_401_and_the_scheme_to_use(one_world: World, provoke: Any) -> None:
    found = (await refused(one_world, BY_PROVOKING[provoke])).oauth

    assert found["error"] == "invalid_client"
    assert found["error_response"]["status"] == 401
    assert re.fullmatch('Basic realm="[^"]+"', found["error_response"]["headers"]["WWW-Authenticate"])


GRANTS = [
    at_exchange.an_unknown_code,
    at_exchange.a_code_used_twice,
    at_exchange.a_code_of_a_user_who_revoked_the_client,
    at_exchange.a_code_of_another_client,
    at_exchange.a_code_of_another_service,
    at_exchange.a_code_with_another_redirect_uri,
    at_exchange.a_code_with_an_ill_formed_redirect_uri,
    at_exchange.an_access_token_for_a_code,
    at_exchange.an_unknown_refresh_token,
    at_exchange.a_refresh_token_used_twice,
    at_exchange.a_revoked_refresh_token,
    at_exchange.a_refresh_token_of_another_client,
    at_exchange.an_access_token_for_a_refresh_token,
]


@pytest.mark.keeps("D16-62")
@pytest.mark.parametrize("provoke", GRANTS, ids=lambda provoke: provoke.__name__)
async def test_a_grant_that_is_not_good_or_not_the_clients_is_invalid_grant(world: World, provoke: Any) -> None:
    found = (await refused(world, BY_PROVOKING[provoke])).oauth

    assert found["error"] == "invalid_grant"
    assert found["error_response"]["status"] == 400


@pytest.mark.keeps("D16-73", "D16-55")
@pytest.mark.parametrize("token_type", CHOICES["token_type"])
@redirecting
async def test_nothing_is_added_to_a_redirection_that_no_document_defines(
    one_world: World, door: Any, token_type: str
) -> None:
    scene = await staged(one_world, "draft16", door, token_type=token_type, scopes=("read",))

    found = [await scene.ask(), await scene.ask(scope="admin"), await scene.ask(response_type="magic")]

    names = {name for answer in found for name in (*in_query(answer), *in_fragment(answer))}
    assert names <= REGISTERED | (OF_MAC if token_type == "mac" and door is TOKEN else set())
    assert all(NAME.fullmatch(name) for name in names)


@pytest.mark.keeps("D16-5")
async def test_without_a_response_type_the_method_says_which_one_is_meant(one_world: World) -> None:
    scene = await staged(one_world, "draft16")

    made_code, neither = await scene.ask(response_type=None), await scene.token({}, uri={"redirect_uri": HTTPS})

    assert in_query(made_code)["code"] == [made_code.result["code"]]
    assert refusal(neither) == "invalid_request"
    assert neither.error["message"] == "Grant type or response type is required"
