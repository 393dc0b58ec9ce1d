"""Wrong secrets of a client are counted, whatever is called with them; who has the right one is not kept out."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import orjson
import pytest
from pytest_aiohttp.plugin import AiohttpClient

from mashery_oauth.dialects import CLOUD, DIALECTS, LOCAL_V3, Dialect
from mashery_oauth.routes import application
from mashery_oauth.settings import Settings, guess_limit
from mashery_oauth.store import Store, open_store
from mashery_oauth.store.texts import random_letters

from .conftest import KEYS, new_world
from .waiting import until
from .wire.scene import DOORS, LOOK, Door, Scene
from .world import Answer, World

LIMIT = 5
CLIENT = {"grant_type": "client_credentials"}


async def limited(url: str, limit: str = f"{LIMIT}/minute") -> Store:
    return await open_store(url, KEYS, timeout=5, max_config_age=1, guesses=guess_limit(limit))


@pytest.fixture
async def guarded(store_url: str, aiohttp_client: AiohttpClient) -> AsyncIterator[World]:
    """A world in which a client may send five wrong secrets a minute."""
    store = await limited(store_url)
    yield await new_world(store, aiohttp_client)
    await store.close()


async def staged(world: World, dialect: Dialect = LOCAL_V3, door: Door = LOOK, **policy: Any) -> Scene:
    service = await world.add_service(**policy)
    return Scene(world, service, await world.add_application(service), dialect, door)


def credentials(scene: Scene, secret: str | None) -> dict[str, Any]:
    return {
        "service_key": scene.service.key,
        "client": {"client_id": scene.client.client_id, "client_secret": secret},
    }


async def guess(scene: Scene, secret: str | None = "wrong") -> Answer:
    return await scene.token(CLIENT, **credentials(scene, secret))


async def guess_often(scene: Scene, count: int, secret: str | None = "wrong") -> list[Answer]:
    return [await guess(scene, secret) for _ in range(count)]


def check_held_up(found: Answer) -> None:
    assert found.status == 429
    assert 1 <= int(found.headers["Retry-After"]) <= 60
    assert found.error["message"] == "Too many failed attempts"
    assert found.error["code"] == -2001


@pytest.mark.keeps("D16-70")
@pytest.mark.parametrize("dialect", DIALECTS, ids=lambda dialect: dialect.name)
async def test_wrong_secrets_over_the_limit_are_told_to_wait(guarded: World, dialect: Dialect) -> None:
    scene = await staged(guarded, dialect)

    within = await guess_often(scene, LIMIT)
    over = await guess(scene)

    assert {answer.error["message"] for answer in within} == {"Invalid client credentials"}
    check_held_up(over)
    assert over.oauth["error"] == "invalid_client"
    sent_on = over.oauth["error_response"]
    assert (sent_on["status"], sent_on["response"]["error"]) == (429, "invalid_client")
    assert sent_on["headers"]["Retry-After"] == over.headers["Retry-After"]


@pytest.mark.parametrize("door", DOORS, ids=lambda door: door.name)
async def test_at_the_authorization_step_nothing_is_redirected(guarded: World, door: Door) -> None:
    scene = await staged(guarded, CLOUD, door)

    for _ in range(LIMIT):
        assert (await scene.ask(client_secret="wrong")).oauth["error"] == "invalid_client"
    over = await scene.ask(client_secret="wrong")

    check_held_up(over)
    assert over.oauth == {
        "error": "unauthorized_client",
        "error_description": "Too many failed attempts",
        "error_response": None,
    }


OTHERS: dict[str, dict[str, Any]] = {
    "revokeAccessToken": {"access_token": "a" * 44},
    "revokeUserApplication": {"user_context": "user"},
    "updateAccessToken": {"access_token": "a" * 44, "expires_in": 60},
}


@pytest.mark.parametrize("method", OTHERS)
async def test_methods_that_are_no_step_count_too(guarded: World, method: str) -> None:
    scene = await staged(guarded)
    call = credentials(scene, "wrong") | OTHERS[method]

    for _ in range(LIMIT):
        assert (await scene.call(method, call)).error["message"] == "Invalid client credentials"

    check_held_up(await scene.call(method, call))
    check_held_up(await guess(scene))


async def test_the_right_secret_passes_however_many_were_wrong(guarded: World) -> None:
    scene = await staged(guarded)

    await guess_often(scene, 4 * LIMIT)

    assert (await scene.token(CLIENT)).result["access_token"]
    assert (await scene.ask(client_secret=scene.secret)).result["name"] == scene.client.name


async def test_an_attack_does_not_lock_the_rightful_client_out(guarded: World) -> None:
    scene = await staged(guarded)

    attack = [guess(scene, f"guess {number}") for number in range(100)]
    rightful = [scene.token(CLIENT) for _ in range(100)]
    found = await asyncio.gather(*attack, *rightful)

    assert all("result" in answer.json for answer in found[100:])
    assert sum(answer.status != 429 for answer in found[:100]) == LIMIT


async def test_a_missing_secret_counts(guarded: World) -> None:
    scene = await staged(guarded)

    within = await guess_often(scene, LIMIT, None)

    assert {answer.error["message"] for answer in within} == {"Invalid client credentials"}
    check_held_up(await guess(scene, None))


async def test_what_a_client_does_wrong_that_is_who_it_says_never_counts(guarded: World) -> None:
    scene = await staged(guarded)
    code = await scene.code()
    assert (await scene.redeem(code)).result

    for _ in range(LIMIT + 1):
        assert (await scene.redeem(code)).oauth["error"] == "invalid_grant"
        assert (await scene.refresh("a" * 60)).oauth["error"] == "invalid_grant"
        assert (await scene.token({"grant_type": "unheard of"})).oauth["error"] == "unsupported_grant_type"

    assert (await guess(scene)).error["message"] == "Invalid client credentials"


async def test_each_client_has_a_count_of_its_own(guarded: World) -> None:
    scene = await staged(guarded)
    other = replace(scene, client=await guarded.add_application(scene.service))

    await guess_often(scene, LIMIT + 1)

    assert (await guess(other)).error["message"] == "Invalid client credentials"


async def test_each_caller_has_a_count_of_its_own(guarded: World) -> None:
    scene = await staged(guarded)
    await guess_often(scene, LIMIT + 1)
    password = random_letters(16)
    caller = replace(
        guarded.caller, apikey=random_letters(24), user=random_letters(9), password=guarded.store.ring.hash(password)
    )

    await guarded.write(caller)
    other = replace(scene, world=replace(guarded, caller=caller, password=password))

    assert (await guess(other)).error["message"] == "Invalid client credentials"


async def test_a_client_that_nobody_knows_is_not_counted(guarded: World) -> None:
    scene = await staged(guarded)
    strange = credentials(scene, "wrong") | {"client": {"client_id": "nobody", "client_secret": "wrong"}}

    messages = {(await scene.token(CLIENT, **strange)).error["message"] for _ in range(LIMIT + 2)}

    assert messages == {"Invalid client identifier"}


async def test_all_workers_count_together(guarded: World, store_url: str, aiohttp_client: AiohttpClient) -> None:
    scene = await staged(guarded)
    store = await limited(store_url)
    other = replace(
        scene, world=replace(guarded, store=store, http=await aiohttp_client(application(store, Settings())))
    )

    await guess_often(scene, LIMIT - 1)
    last = await guess(other)
    over = await guess(scene)
    await store.close()

    assert last.error["message"] == "Invalid client credentials"
    check_held_up(over)


async def test_the_window_ends(store_url: str, aiohttp_client: AiohttpClient) -> None:
    store = await limited(store_url, "1/second")
    scene = await staged(await new_world(store, aiohttp_client))
    statuses = {answer.status for answer in await guess_often(scene, 4)}

    async def may_guess() -> bool:
        return (await guess(scene)).status != 429

    assert 429 in statuses
    await until(may_guess)
    await store.close()


async def test_a_strict_service_holds_up_the_right_secret_too(guarded: World) -> None:
    scene = await staged(guarded, guess_limit="strict")
    for number in range(LIMIT):
        await guess(scene, f"guess {number}")

    held = await scene.token(CLIENT)

    check_held_up(held)
    check_held_up(await scene.ask(client_secret=scene.secret))
    assert (await scene.ask()).result["name"] == scene.client.name  # without a secret nothing is guessed


async def test_many_guesses_at_once_get_no_further_into_a_strict_service(guarded: World) -> None:
    """Found by an attack: guesses in one batch were all looked at before any of them was counted."""
    scene = await staged(guarded, guess_limit="strict")
    secrets = [*(f"guess {number}" for number in range(60)), scene.secret]
    calls = [
        {"jsonrpc": "2.0", "id": at, "method": "oauth2.createAccessToken",
         "params": {**credentials(scene, secret), "token_data": CLIENT}}
        for at, secret in enumerate(secrets)
    ]  # fmt: skip

    answers = (await guarded.post(orjson.dumps(calls))).json

    messages = [answer["error"]["message"] for answer in answers]
    assert messages.count("Invalid client credentials") <= LIMIT
    assert messages[-1] == "Too many failed attempts"


async def test_a_retry_loop_with_an_old_secret_locks_nobody_out_of_a_strict_service(guarded: World) -> None:
    scene = await staged(guarded, guess_limit="strict")

    looped = await guess_often(scene, 10 * LIMIT, "the secret of yesterday")

    check_held_up(looped[-1])
    assert (await scene.token(CLIENT)).result["access_token"]


async def test_off_means_that_nothing_is_counted(store_url: str, aiohttp_client: AiohttpClient) -> None:
    store = await limited(store_url, "off")
    scene = await staged(await new_world(store, aiohttp_client), guess_limit="strict")

    messages = {answer.error["message"] for answer in await guess_often(scene, 50)}

    assert messages == {"Invalid client credentials"}
    assert (await scene.token(CLIENT)).result
    await store.close()


async def test_no_wrong_secret_is_kept_in_clear(guarded: World) -> None:
    scene = await staged(guarded, guess_limit="strict")
    secret = random_letters(20)

    await guess(scene, secret)
    found = b"".join(
        [key for node in await guarded.store.link.everywhere("KEYS", "*") for key in node]  # a small store of ours
    )

    assert secret.encode() not in found
