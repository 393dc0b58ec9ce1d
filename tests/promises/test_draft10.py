"""What draft 10 says otherwise than draft 16, or says alone."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest

from mashery_oauth.dialects import Dialect
from tests.wire import at_exchange, at_token
from tests.wire.conditions import TOKEN as AT_TOKEN
from tests.wire.profiles import staged
from tests.wire.scene import CODE, IMPLICIT, TOKEN
from tests.world import World

from .asking import REDIRECTED, TOKEN_ERRORS, each_dialect, each_flow, in_fragment, in_query, made, redirecting, refusal

PRINTABLE = re.compile(r"[!-~]+")  # §5.1.1, without the space
OF_DRAFT_10 = {"code", "access_token", "expires_in", "scope", "state",
         "error", "error_description", "error_uri"}  # fmt: skip
RELAYED = [condition for condition in AT_TOKEN if "draft10" in condition.profiles and condition.relayed]


@pytest.mark.keeps("D10-6", "D10-8")
@pytest.mark.parametrize("door", [CODE, TOKEN, IMPLICIT], ids=lambda door: door.name)
async def test_an_error_goes_into_the_query_whatever_was_asked_for(one_world: World, door: Any) -> None:
    scene = await staged(one_world, "draft10", door, scopes=("read",))

    found = [await scene.ask(scope="admin"), await scene.ask(state="a\nb")]

    assert [in_query(answer)["error"] for answer in found] == [["invalid_scope"], ["invalid_request"]]
    assert [in_fragment(answer) for answer in found] == [{}, {}]


@pytest.mark.keeps("D10-8")
@pytest.mark.parametrize("name", ["code_and_token", "code-and-token", "code token"])
async def test_code_and_token_together_are_not_had(one_world: World, name: str) -> None:
    scene = await staged(one_world, "draft10", TOKEN)

    found = [await each.ask(response_type=name) for each in (scene, replace(scene, door=CODE))]

    assert [refusal(answer) for answer in found] == ["unsupported_response_type"] * 2
    assert [in_query(answer)["error"] for answer in found] == [["unsupported_response_type"]] * 2


@pytest.mark.keeps("D10-9")
@each_flow
@pytest.mark.parametrize(("asked", "given"), [(None, "read list"), ("write", "write")])
async def test_the_scope_is_told_also_where_it_is_not_the_one_that_was_asked_for(
    world: World, flow: str, asked: str | None, given: str
) -> None:
    scene = await staged(world, "draft10", scopes=("read", "list", "write"), default_scopes=("read", "list"))

    found = await made(scene, flow, asked)

    assert found.result["scope"] == given
    if flow == "token":
        assert in_fragment(found)["scope"] == [given]


@pytest.mark.keeps("D10-10", "D10-20")
@each_dialect
@each_flow
async def test_a_token_response_has_printable_texts_and_a_number(world: World, flow: str, dialect: Dialect) -> None:
    scene = replace(await staged(world, "draft10"), dialect=dialect)

    found = await made(scene, flow)

    texts = [found.result[name] for name in ("access_token", "refresh_token") if name in found.result]
    assert all(PRINTABLE.fullmatch(text) for text in texts)
    assert type(found.result["expires_in"]) is int
    assert found.headers["Cache-Control"] == "no-store"


@pytest.mark.keeps("D10-12", "D10-17")
@pytest.mark.parametrize(
    "grant_type", ["assertion", "client_credentials", "None", "NONE", "urn:ietf:params:oauth:grant-type:saml2-bearer"]
)
async def test_a_grant_type_that_is_not_of_draft_10_is_unsupported(one_world: World, grant_type: str) -> None:
    scene = await staged(one_world, "draft10")
    assertion = {"assertion_type": "urn:oasis:names:tc:SAML:2.0:assertion", "assertion": "PHNhbWxwOl4"}

    found = await scene.token({"grant_type": grant_type} | assertion)

    assert refusal(found) == "unsupported_grant_type"
    assert found.oauth["error_response"]["status"] == 400


@pytest.mark.keeps("D10-12")
@pytest.mark.parametrize("flow", ["code", "password", "no_user", "refresh"])
async def test_the_other_four_grant_types_give_a_token(world: World, flow: str) -> None:
    scene = await staged(world, "draft10")

    found = (await made(scene, flow)).result

    assert await world.is_alive(scene.service, found["access_token"])


@pytest.mark.keeps("D10-13")
@pytest.mark.parametrize("flow", ["password", "no_user", *REDIRECTED])
async def test_no_scope_is_had_that_the_service_does_not_have(one_world: World, flow: str) -> None:
    scene = await staged(one_world, "draft10", scopes=("read",))

    within, wider = await made(scene, flow, "read"), await made(scene, flow, "read admin")

    assert within.result["scope"] == "read"
    assert refusal(wider) == "invalid_scope"


@pytest.mark.keeps("D10-13", "D10-15")
async def test_a_code_is_good_for_no_more_than_was_approved_and_survives_the_attempt(world: World) -> None:
    scene = await staged(world, "draft10")
    code = await scene.code(scope="read write")

    wider = await scene.redeem(code, scope="read write admin")
    narrower = await scene.redeem(code, scope="write")

    assert refusal(wider) == "invalid_scope"
    assert narrower.result["scope"] == "write"


@pytest.mark.keeps("D10-19")
async def test_none_yields_no_refresh_token(world: World) -> None:
    scene = await staged(world, "draft10")

    found = await made(scene, "no_user")

    assert "refresh_token" not in found.result
    assert await world.is_alive(scene.service, found.result["access_token"])


@pytest.mark.keeps("D10-20", "D10-21")
@pytest.mark.parametrize("condition", RELAYED, ids=lambda condition: condition.name)
async def test_a_token_error_is_400_and_json_and_not_kept_by_a_cache(one_world: World, condition: Any) -> None:
    scene = await staged(one_world, "draft10", client=condition.client, **condition.policy)

    found = await condition.provoke(scene)

    told = found.oauth["error_response"]
    assert told["status"] == 400
    assert told["headers"] == {"Content-Type": "application/json", "Cache-Control": "no-store"}
    assert told["response"]["error"] in TOKEN_ERRORS
    assert found.headers["Cache-Control"] == "no-store"


def test_every_kind_of_failure_is_among_those_that_are_400() -> None:
    kinds = {condition.provoke for condition in RELAYED}

    assert {at_token.a_wrong_secret, at_token.an_unknown_client, at_exchange.a_code_used_twice} <= kinds
    assert {at_token.no_selector, at_token.an_unknown_grant_type, at_exchange.a_wider_scope_at_refresh} <= kinds


@pytest.mark.keeps("D10-26")
@redirecting
async def test_a_redirection_has_no_parameter_that_draft_10_does_not_know(one_world: World, door: Any) -> None:
    """Found that an implicit token came with the ``token_type`` of later drafts."""
    scene = await staged(one_world, "draft10", door, scopes=("read",))

    found = [await scene.ask(scope="read"), await scene.ask(scope="admin"), await scene.ask(response_type="magic")]

    names = [{*in_query(answer), *in_fragment(answer)} for answer in found]
    assert set().union(*names) <= OF_DRAFT_10
    assert names[0] == ({"code", "state"} if door is CODE else {"access_token", "expires_in", "scope", "state"})
