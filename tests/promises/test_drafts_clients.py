"""Both drafts on clients: who must prove what, and who gets nothing without."""

from __future__ import annotations

from typing import Any

import pytest

from mashery_oauth.flows import FLOWS
from tests.wire.profiles import PUBLIC, staged
from tests.wire.scene import DOORS, Door, Members, Scene
from tests.world import HTTPS, SECRET, World

from .asking import DRAFTS, both_drafts, refusal

TOKEN_FLOWS = [
    pytest.param(profile, grant_type, id=f"{profile}-{grant_type}")
    for profile in DRAFTS
    for flow in FLOWS.values()
    for grant_type, where in flow.grant_types.items()
    if profile in where and not flow.at_authorization
]


NO_SECRETS: list[Members] = [{}, {"client_secret": None}, {"client_secret": ""}, {"client_secret": "wrong"}]
NEARLY = [SECRET[:-1], SECRET + " ", " " + SECRET, SECRET.upper(), SECRET[::-1], SECRET + "\x00"]


async def everything(scene: Scene, grant_type: str) -> Members:
    """Token data with which the client would be given a token."""
    granted = await scene.granted()
    return {"grant_type": grant_type, "code": await scene.code(), "refresh_token": granted["refresh_token"]}


@pytest.mark.keeps("D16-21", "D16-28", "D16-37", "D16-48", "D16-51", "D16-64", "D10-14", "D10-15", "D10-16", "D10-18")
@pytest.mark.parametrize(("profile", "grant_type"), TOKEN_FLOWS)
async def test_no_token_is_given_for_a_client_identifier_alone(world: World, profile: str, grant_type: str) -> None:
    scene = await staged(world, profile)
    data, uri = await everything(scene, grant_type), {"redirect_uri": HTTPS}
    name = {"client_id": scene.client.client_id}

    found = [await scene.token(data, client=name | secret, uri=uri) for secret in NO_SECRETS]

    assert [refusal(answer) for answer in found] == ["invalid_client"] * len(NO_SECRETS)
    assert (await scene.token(data, uri=uri)).result["access_token"]


@pytest.mark.keeps("D16-21", "D16-26", "D16-28", "D10-14")
@pytest.mark.parametrize(("profile", "grant_type"), TOKEN_FLOWS)
async def test_a_client_that_has_no_secret_authenticates_with_nothing(
    one_world: World, profile: str, grant_type: str
) -> None:
    scene = await staged(one_world, profile, client=PUBLIC | {"secret": None})
    name, uri = {"client_id": scene.client.client_id}, {"redirect_uri": HTTPS}
    data = {"grant_type": grant_type, "code": await scene.code(), "refresh_token": "r" * 60}
    secrets = [*NO_SECRETS, {"client_secret": SECRET}]

    found = [await scene.token(data, client=name | secret, uri=uri) for secret in secrets]

    assert [refusal(answer) for answer in found] == ["invalid_client"] * len(secrets)


@pytest.mark.keeps("D16-27", "D16-48", "D10-15", "D10-16", "D10-18")
@pytest.mark.parametrize(("profile", "grant_type"), TOKEN_FLOWS)
async def test_a_secret_that_is_nearly_right_is_wrong(one_world: World, profile: str, grant_type: str) -> None:
    scene = await staged(one_world, profile)
    name, uri = {"client_id": scene.client.client_id}, {"redirect_uri": HTTPS}
    data = await everything(scene, grant_type)

    found = [await scene.token(data, client=name | {"client_secret": near}, uri=uri) for near in NEARLY]

    assert [refusal(answer) for answer in found] == ["invalid_client"] * len(NEARLY)


@pytest.mark.keeps("D16-27")
@both_drafts
@pytest.mark.parametrize("door", DOORS, ids=lambda door: door.name)
async def test_a_secret_that_is_sent_is_checked_even_where_none_is_needed(
    one_world: World, profile: str, door: Door
) -> None:
    scene = await staged(one_world, profile, door)

    found = [await scene.ask(client_secret=secret) for secret in (None, SECRET, "wrong")]

    assert [refusal(answer) for answer in found] == ["", "", "invalid_client"]
    assert found[2].oauth["error_response"] is None


OTHERS: list[tuple[str, Any]] = [
    ("revokeAccessToken", {"access_token": "t" * 44}),
    ("revokeUserApplication", {"user_context": "user"}),
    ("updateAccessToken", {"access_token": "t" * 44}),
]


@pytest.mark.keeps("D16-27")
@pytest.mark.parametrize(("method", "more"), OTHERS, ids=[method for method, _ in OTHERS])
async def test_a_wrong_secret_ends_and_changes_nothing(world: World, method: str, more: Members) -> None:
    scene = await staged(world, "draft16")
    granted = await scene.granted()
    wrong = {"client_id": scene.client.client_id, "client_secret": "wrong"}
    mine = more | ({"access_token": granted["access_token"]} if "access_token" in more else {})

    found = await scene.call(method, {"service_key": scene.service.key, "client": wrong, **mine})

    assert refusal(found) == "invalid_client"
    assert await world.is_alive(scene.service, granted["access_token"])
    assert (await scene.refresh(granted["refresh_token"])).result
