"""Draft 16 §4.2: a token straight from the authorization step."""

from __future__ import annotations

from typing import Any

import pytest

from tests.flows.calls import listed
from tests.wire.profiles import staged
from tests.wire.scene import IMPLICIT, LOOK_FOR_TOKEN, TOKEN
from tests.world import SECRET, World

from .asking import in_fragment, in_query, refusal

token_doors = pytest.mark.parametrize("door", [TOKEN, IMPLICIT], ids=lambda door: door.name)


@pytest.mark.keeps("D16-42")
@token_doors
async def test_a_token_is_had_without_any_proof_of_who_the_client_is(world: World, door: Any) -> None:
    scene = await staged(world, "draft16", door)

    without, with_one = await scene.ask(), await scene.ask(client_secret=SECRET)

    assert await world.is_alive(scene.service, without.result["access_token"])
    assert await world.is_alive(scene.service, with_one.result["access_token"])
    assert len(await listed(world, scene.service)) == 2


@pytest.mark.keeps("D16-43")
async def test_what_is_in_the_fragment_is_the_token_that_was_made(world: World) -> None:
    scene = await staged(world, "draft16", TOKEN)

    made = await scene.ask(scope="read write")

    found = {name: value for name, (value,) in in_fragment(made).items()}
    assert await world.is_alive(scene.service, found["access_token"])
    assert found["token_type"] == made.result["token_type"]
    assert found["expires_in"] == str(made.result["expires_in"])
    assert in_query(made) == {}


@pytest.mark.keeps("D16-44")
async def test_the_scope_is_told_whether_it_was_asked_for_or_not_and_is_never_narrowed(one_world: World) -> None:
    scene = await staged(one_world, "draft16", TOKEN, scopes=("read", "write"), default_scopes=("read",))

    asked, by_default = await scene.ask(scope="write read"), await scene.ask(scope=None)
    wider = await scene.ask(scope="read admin")

    assert in_fragment(asked)["scope"] == ["write read"]
    assert in_fragment(by_default)["scope"] == ["read"]
    assert refusal(wider) == "invalid_scope"


PASSWORD = frozenset({"password"})
WRONG: list[Any] = [
    pytest.param("invalid_scope", {"asked": {"scope": 'a"b'}}, id="scope"),
    pytest.param("invalid_scope", {"asked": {"scope": "admin"}, "policy": {"scopes": ("read",)}}, id="scope-not-had"),
    pytest.param("invalid_request", {"asked": {"state": "a\nb"}}, id="state"),
    pytest.param("unsupported_response_type", {"policy": {"flows": PASSWORD}}, id="flow-off"),
    pytest.param("unauthorized_client", {"client": {"flows": PASSWORD}}, id="flow-not-allowed"),
]


@pytest.mark.keeps("D16-46")
@pytest.mark.parametrize("door", [LOOK_FOR_TOKEN, TOKEN, IMPLICIT], ids=lambda door: door.name)
@pytest.mark.parametrize(("wanted", "wrong"), WRONG)
async def test_an_error_is_told_in_the_fragment(
    one_world: World, door: Any, wanted: str, wrong: dict[str, Any]
) -> None:
    scene = await staged(one_world, "draft16", door, wrong.get("client"), **wrong.get("policy", {}))

    found = await scene.ask(**wrong.get("asked", {}))

    assert in_query(found) == {}
    assert in_fragment(found)["error"] == [wanted]
    assert set(in_fragment(found)) <= {"error", "error_description", "state"}


@pytest.mark.keeps("D16-46")
async def test_a_cap_is_told_in_the_fragment(world: World) -> None:
    scene = await staged(world, "draft16", TOKEN, token_cap=1)
    assert (await scene.ask()).result

    found = await scene.ask()

    assert in_query(found) == {}
    assert in_fragment(found)["error"] == ["access_denied"]
