"""Idempotency-Key: a create call that is repeated gets the same answer, and did its work once."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import orjson

from mashery_oauth.models import Once
from mashery_oauth.store import keys
from mashery_oauth.store.texts import random_letters

from ..world import HTTPS
from .keyed import AUTHORIZE, CREATE, FIELD, PASSWORD, Prepare, Scene, by_code, by_refresh, every_create


@every_create
async def test_a_repeated_call_gets_the_same_answer_to_the_letter(scene: Scene, prepare: Prepare) -> None:
    method, params = await prepare(scene)

    first = await scene.keyed("key", method, params)
    second = await scene.keyed("key", method, params)

    assert first.result
    assert second.body == first.body
    if "access_token" in first.result:
        assert await scene.world.is_alive(scene.service, first.result["access_token"])


@every_create
async def test_of_many_at_once_one_works_and_all_have_its_answer(scene: Scene, prepare: Prepare) -> None:
    method, params = await prepare(scene)

    answers_ = await asyncio.gather(*(scene.keyed("key", method, params) for _ in range(200)))

    assert {answer.status for answer in answers_} == {200}
    assert len({orjson.dumps(answer.result) for answer in answers_}) == 1
    assert len(await scene.tokens()) <= 1


async def test_without_a_key_or_with_another_one_the_work_is_done_again(scene: Scene) -> None:
    params = scene.params(PASSWORD)

    made = [
        await scene.keyed("one", CREATE, params),
        await scene.keyed("two", CREATE, params),
        await scene.world.call(CREATE, params),
        await scene.world.call(CREATE, params),
    ]

    assert len({answer.result["access_token"] for answer in made}) == 4


async def test_a_code_that_is_sent_again_with_its_key_is_no_replay(scene: Scene) -> None:
    method, params = await by_code(scene)

    first = await scene.keyed("key", method, params)
    await scene.keyed("key", method, params)
    replayed = await scene.keyed("another", method, params)

    assert replayed.oauth["error"] == "invalid_grant"
    assert not await scene.world.is_alive(scene.service, first.result["access_token"])


async def test_a_refresh_that_is_sent_again_after_its_grace_is_no_reuse(scene: Scene) -> None:
    await scene.world.set_policy(scene.service, refresh_grace=0)
    method, params = await by_refresh(scene)

    first = await scene.keyed("key", method, params)
    again = await scene.keyed("key", method, params)

    assert again.result == first.result
    assert await scene.world.is_alive(scene.service, first.result["access_token"])


async def test_a_key_belongs_to_its_service_and_method(scene: Scene) -> None:
    world = scene.world
    other = await world.add_service()
    client = await world.add_application(scene.service, other)

    made = await Scene(world, scene.service, client).keyed("key", CREATE, scene.params(PASSWORD))
    elsewhere = await Scene(world, other, client).keyed("key", CREATE, Scene(world, other, client).params(PASSWORD))
    code = await scene.keyed("key", AUTHORIZE, scene.params(None))

    assert made.result["access_token"] != elsewhere.result["access_token"]
    assert code.result["code"]


async def test_a_key_belongs_to_its_caller(scene: Scene) -> None:
    world = scene.world
    password = random_letters(16)
    caller = replace(
        world.caller, apikey=random_letters(24), user=random_letters(9), password=world.store.ring.hash(password)
    )
    await world.write(caller)
    other = Scene(replace(world, caller=caller, password=password), scene.service, scene.client)

    mine = await scene.keyed("key", CREATE, scene.params(PASSWORD))
    theirs = await other.keyed("key", CREATE, scene.params(PASSWORD, "someone else"))

    assert mine.result["access_token"] != theirs.result["access_token"]


async def test_only_a_success_is_kept(scene: Scene) -> None:
    await scene.world.set_policy(scene.service, token_cap=1)
    first = await scene.world.call(CREATE, scene.params(PASSWORD))
    refused = await scene.keyed("key", CREATE, scene.params(PASSWORD))

    gone = {name: value for name, value in scene.params().items() if name in ("service_key", "client")}
    await scene.world.call("revokeAccessToken", {**gone, "access_token": first.result["access_token"]})
    made = await scene.keyed("key", CREATE, scene.params(PASSWORD))

    assert refused.error["message"] == "Token limit reached"
    assert await scene.world.is_alive(scene.service, made.result["access_token"])


async def test_what_is_refused_before_anything_is_done_does_not_take_the_key(scene: Scene) -> None:
    wrong = await scene.keyed("key", CREATE, scene.params({"grant_type": "nothing known"}))
    right = await scene.keyed("key", CREATE, scene.params(PASSWORD))

    assert wrong.error["message"] == "Unsupported grant type"
    assert right.result["access_token"]


async def test_the_answer_is_the_first_one_also_when_the_policy_has_changed(scene: Scene) -> None:
    await scene.world.set_policy(scene.service, access_ttl=600, default_scopes=("read",))
    first = await scene.keyed("key", CREATE, scene.params(PASSWORD))

    await scene.world.set_policy(scene.service, access_ttl=900, default_scopes=("write",))
    again = await scene.keyed("key", CREATE, scene.params(PASSWORD))

    assert again.body == first.body


async def test_a_policy_that_keeps_tokens_elsewhere_makes_the_key_another(scene: Scene) -> None:
    """Found by an attack: a client's own tokens are kept elsewhere once they are counted, and so was the answer."""
    params = scene.params({"grant_type": "client_credentials"}, None)
    await scene.keyed("key", CREATE, params)

    await scene.world.set_policy(scene.service, token_cap=5)
    again = await scene.keyed("key", CREATE, params)

    assert again.error["data"][0]["field"] == FIELD


async def test_a_flow_that_was_switched_off_meanwhile_gives_no_kept_answer(scene: Scene) -> None:
    await scene.keyed("key", CREATE, scene.params(PASSWORD))

    await scene.world.set_policy(scene.service, flows=frozenset())

    assert (await scene.keyed("key", CREATE, scene.params(PASSWORD))).oauth["error"] == "unsupported_grant_type"


async def test_a_code_never_goes_to_a_redirect_uri_that_it_was_not_made_for(scene: Scene) -> None:
    params = scene.params(None, uri={"state": "xyz"})
    first = await scene.keyed("key", AUTHORIZE, params)

    await scene.world.write(replace(scene.client, redirect_uris=("https://elsewhere.example.com/cb",)))
    again = await scene.keyed("key", AUTHORIZE, params)

    assert first.result["uri"]["redirect_uri"].startswith(HTTPS)
    assert again.error["data"][0]["field"] == FIELD


async def test_claim_and_answer_end_after_a_day(scene: Scene) -> None:
    await scene.keyed("key", CREATE, scene.params(PASSWORD))

    name = f"{scene.world.caller.apikey}\n{scene.service.key}\ncreateAccessToken\nkey"
    claim_key = keys.claim(name)
    link = scene.world.store.link
    claim = (await link.run(claim_key, "GET", claim_key)).decode()
    tag = scene.world.store.texts.tag_of_user(scene.service.id, "alice")
    answer_key = keys.answer(tag, Once(name, claim))
    lives = [await link.run(key, "PTTL", key) for key in (claim_key, answer_key)]

    assert all(86_390_000 < life <= 86_400_000 for life in lives)


async def test_a_claim_that_ended_leaves_no_answer_to_other_arguments(scene: Scene) -> None:
    first = await scene.keyed("key", CREATE, scene.params(PASSWORD))
    name = keys.claim(f"{scene.world.caller.apikey}\n{scene.service.key}\ncreateAccessToken\nkey")

    await scene.world.store.link.run(name, "DEL", name)  # it ends a little before the answer does
    other = await scene.keyed("key", CREATE, scene.params({**PASSWORD, "scope": "read"}))

    assert other.result["access_token"] != first.result["access_token"]
    assert other.result["scope"] == "read"
