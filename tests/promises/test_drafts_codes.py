"""Both drafts on the code: for whom it is, with what it comes, how long it lives, and that it is good once."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from mashery_oauth.presets import PRESETS, preset
from mashery_oauth.rails import RAILS
from tests.effort import tally, times
from tests.flows.calls import at_once, messages, successes
from tests.redirect_uris import OK, SENT
from tests.waiting import code_expired
from tests.wire.profiles import staged
from tests.wire.scene import Members, Scene
from tests.world import HTTPS, World

from .asking import DRAFTS, both_drafts, redirecting, refusal

TEN_MINUTES = 600


@pytest.mark.keeps("D16-29")
@redirecting
async def test_an_authorization_request_names_its_client_and_one_of_two_response_types(
    one_world: World, door: Any
) -> None:
    scene = await staged(one_world, "draft16", door)
    others = ("code token", "token code", "Code", "id_token", "none", "code_and_token", "urn:x:y")

    nameless = await scene.ask(client_id=None)
    found = [await scene.ask(response_type=other) for other in others]

    assert refusal(nameless) == "invalid_request"
    assert {refusal(answer) for answer in found} == {"unsupported_response_type"}
    assert (await scene.ask()).result


@pytest.mark.keeps("D16-29")
@redirecting
@pytest.mark.parametrize(
    ("registered", "wanted"), [((), "invalid_request"), ((HTTPS,), ""), ((HTTPS, HTTPS + "2"), "invalid_request")]
)
async def test_a_redirect_uri_may_be_left_out_only_where_it_is_known_which_one_is_meant(
    one_world: World, door: Any, registered: tuple[str, ...], wanted: str
) -> None:
    scene = await staged(one_world, "draft16", door, client={"redirect_uris": registered})

    found = await scene.ask(redirect_uri=None)

    assert refusal(found) == wanted


@pytest.mark.keeps("D16-32", "D16-62", "D10-7")
async def test_a_code_expires(world: World) -> None:
    scenes = [await staged(world, profile, code_ttl=1) for profile in DRAFTS]
    codes = [await scene.code() for scene in scenes]
    for code in codes:
        await code_expired(world.store, code)

    found = [await scene.redeem(code) for scene, code in zip(scenes, codes, strict=True)]

    assert [refusal(answer) for answer in found] == ["invalid_grant", "invalid_grant"]


@pytest.mark.keeps("D16-32", "D10-7")
def test_a_new_service_gives_codes_for_less_than_ten_minutes_and_none_for_more_than_an_hour() -> None:
    lifetimes = [preset(name).code_ttl for name in PRESETS]

    assert max(lifetimes) < TEN_MINUTES
    assert RAILS["code_ttl"].highest == 3600
    assert not RAILS["code_ttl"].off


@pytest.mark.keeps("D16-33", "D10-7")
@both_drafts
async def test_a_code_gives_one_token_however_many_ask_for_it_at_once(world: World, profile: str) -> None:
    scene = await staged(world, profile)
    rounds, crowd = times(3), 40

    for _ in range(rounds):
        code = await scene.code()
        answers = await at_once(lambda code=code: scene.redeem(code), crowd)  # type: ignore[misc]

        assert len(successes(answers)) == 1
        assert messages(answers) == {"Invalid authorization code"}

    tally("calls that raced for a code of a draft", rounds * crowd)


@pytest.mark.keeps("D16-33", "D16-34", "D10-7")
@both_drafts
async def test_a_code_that_is_used_again_ends_everything_that_came_of_it(world: World, profile: str) -> None:
    scene = await staged(world, profile)
    code, bystander = await scene.code(), await scene.granted()
    first = (await scene.redeem(code)).result
    second = (await scene.refresh(first["refresh_token"])).result

    again = await scene.redeem(code)

    assert refusal(again) == "invalid_grant"
    for made in (first, second):
        assert not await world.is_alive(scene.service, made["access_token"])
        assert refusal(await scene.refresh(made["refresh_token"])) == "invalid_grant"
    assert await world.is_alive(scene.service, bystander["access_token"])


async def _another_uri(scene: Scene, code: str) -> Any:
    return await scene.redeem(code, redirect_uri=HTTPS + "/other")


async def _another_client(scene: Scene, code: str) -> Any:
    other = await scene.world.add_application(scene.service)
    return await replace(scene, client=other).redeem(code)


async def _another_service(scene: Scene, code: str) -> Any:
    other = await scene.world.add_service(scene.profile)
    client = replace(scene.client, services=(scene.service.key, other.key))
    await scene.world.write(client)
    return await replace(scene, service=other, client=client).redeem(code)


async def _wrong_secret(scene: Scene, code: str) -> Any:
    data = {"grant_type": "authorization_code", "code": code}
    client = {"client_id": scene.client.client_id, "client_secret": "wrong"}
    return await scene.token(data, client=client, uri={"redirect_uri": HTTPS})


NOT_ITS_OWN = [
    pytest.param(_another_uri, "invalid_grant", id="another-uri"),
    pytest.param(_another_client, "invalid_grant", id="another-client"),
    pytest.param(_another_service, "invalid_grant", id="another-service"),
    pytest.param(_wrong_secret, "invalid_client", id="wrong-secret"),
]


@pytest.mark.keeps("D16-34", "D16-35", "D16-37", "D10-7", "D10-15")
@both_drafts
@pytest.mark.parametrize(("steal", "wanted"), NOT_ITS_OWN)
async def test_a_code_is_good_for_its_client_and_redirect_uri_alone_and_a_thief_cannot_spoil_it(
    world: World, profile: str, steal: Any, wanted: str
) -> None:
    scene = await staged(world, profile)
    code = await scene.code()

    before = await steal(scene, code)
    made = await scene.redeem(code)
    after = await steal(scene, code)

    assert [refusal(before), refusal(after)] == [wanted, wanted]
    assert await world.is_alive(scene.service, made.result["access_token"])
    assert (await scene.refresh(made.result["refresh_token"])).result


@pytest.mark.keeps("D16-36", "D10-15")
@both_drafts
@pytest.mark.parametrize("sent", [HTTPS, None], ids=["uri-was-sent", "uri-was-registered"])
@pytest.mark.parametrize("missing", ["client", "code", "uri"])
async def test_a_code_needs_client_code_and_redirect_uri_in_every_case(
    world: World, profile: str, sent: str | None, missing: str
) -> None:
    scene = await staged(world, profile)
    code = await scene.code(redirect_uri=sent)
    data: Members = {"grant_type": "authorization_code"} | ({} if missing == "code" else {"code": code})
    client = {"client_secret": scene.secret} | ({} if missing == "client" else {"client_id": scene.client.client_id})
    uri = {} if missing == "uri" else {"redirect_uri": HTTPS}

    found = await scene.token(data, client=client, uri=uri)

    assert refusal(found) == "invalid_request"
    assert (await scene.redeem(code)).result


@pytest.mark.keeps("D16-38", "D10-15")
@both_drafts
@pytest.mark.parametrize("sent", [HTTPS, None], ids=["uri-was-sent", "uri-was-registered"])
async def test_a_code_takes_no_redirect_uri_but_the_one_it_was_delivered_to(
    world: World, profile: str, sent: str | None
) -> None:
    scene = await staged(world, profile)
    code = await scene.code(redirect_uri=sent)
    others = [uri for uri, wanted in SENT if uri and wanted != OK]

    found = await asyncio.gather(*(scene.redeem(code, redirect_uri=uri) for uri in others))

    oversize = {uri for uri in others if len(uri) > 4096}
    wanted = ["invalid_request" if uri in oversize else "invalid_grant" for uri in others]
    assert [refusal(answer) for answer in found] == wanted
    assert (await scene.redeem(code)).result
    tally("redirect URIs compared with that of a code", len(others))


@pytest.mark.keeps("D16-37", "D16-51", "D16-64", "D10-15", "D10-18")
@both_drafts
async def test_what_the_owner_authorized_is_of_no_use_to_a_client_of_another_site(world: World, profile: str) -> None:
    scene = await staged(world, profile)
    granted, code = await scene.granted(), await scene.code()
    foreign = replace(scene.client, id=scene.client.id + 7, client_id=scene.client.client_id[::-1], site_id=7)
    await world.write(foreign)
    thief = replace(scene, client=foreign)

    found = [await thief.redeem(code), await thief.refresh(granted["refresh_token"])]

    assert [refusal(answer) for answer in found] == ["invalid_client", "invalid_client"]
    assert (await scene.redeem(code)).result
