"""What is ended before its time: every answer is the one that the same thing gets when its time has really passed."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from mashery_oauth.store import keys, lifetimes
from mashery_oauth.store.texts import random_letters

from ..waiting import code_expired, expired, family_expired, grace_expired, token_expired
from ..world import SECRET, World
from .lives import LONG, Lives, asked, comparable, lives, state

POLICIES: dict[str, dict[str, Any]] = {
    "plain": {},
    "nothing_stays_listed": {"inactive_retention": 0},
    "one_token": {"allow_multiple_tokens": False},
    "two_tokens": {"token_cap": 2},
    "secure": {"secure_tokens": True},
    "mac": {"token_type": "mac"},
}
Ending = Callable[[World, Lives], Awaitable[None]]


async def access_passes(world: World, given: Lives) -> None:
    await token_expired(world.store, given.access)


async def access_is_ended(world: World, given: Lives) -> None:
    assert await lifetimes.end(world.store, given.access) == lifetimes.ACCESS


async def code_passes(world: World, given: Lives) -> None:
    await code_expired(world.store, given.code)


async def code_is_ended(world: World, given: Lives) -> None:
    assert await lifetimes.end(world.store, given.code) == lifetimes.CODE


async def refresh_passes(world: World, given: Lives) -> None:
    await family_expired(world.store, given.refresh)


async def refresh_is_ended(world: World, given: Lives) -> None:
    assert await lifetimes.end(world.store, given.refresh) == lifetimes.REFRESH


KINDS: dict[str, tuple[dict[str, int], Ending, Ending]] = {
    "access_token": ({"access_ttl": 1}, access_passes, access_is_ended),
    "code": ({"code_ttl": 1}, code_passes, code_is_ended),
    "idle_refresh_token": ({"refresh_idle_ttl": 1}, refresh_passes, refresh_is_ended),
    "old_refresh_token": ({"refresh_absolute_ttl": 1}, refresh_passes, refresh_is_ended),
}


async def test_answers_as_where_the_time_has_passed(world: World) -> None:
    cases = [(kind, policy) for kind in KINDS for policy in POLICIES]
    really = [await lives(world, KINDS[kind][0], POLICIES[policy]) for kind, policy in cases]
    before_their_time = [await lives(world, {}, POLICIES[policy]) for _, policy in cases]
    untouched = {policy: await asked(world, await lives(world, {}, POLICIES[policy])) for policy in POLICIES}

    for (kind, _), given, other in zip(cases, really, before_their_time, strict=True):
        _, passes, is_ended = KINDS[kind]
        await passes(world, given)
        await is_ended(world, other)

    for case, given, other in zip(cases, really, before_their_time, strict=True):
        expected, told = await asked(world, given), await asked(world, other)
        assert told == expected, case
        assert told != untouched[case[1]], case


async def test_a_list_ends_with_its_last_token(one_world: World) -> None:
    made = {}
    for retention, ttl in ((0, 1), (0, LONG), (86_400, 1), (86_400, LONG)):
        service = await one_world.add_service(access_ttl=ttl, inactive_retention=retention)
        application = await one_world.add_application(service)
        answer = await one_world.token(service, application, {"grant_type": "password"}, user_context="user")
        made[retention, ttl] = service, answer.result["access_token"]

    for (_, ttl), (_, token) in made.items():
        await (token_expired(one_world.store, token) if ttl == 1 else lifetimes.end(one_world.store, token))
    for (retention, _), (service, _) in made.items():
        if retention == 0:
            await expired(one_world.store, keys.index(one_world.store.texts.tag_of_user(service.id, "user")))

    listed = {
        case: comparable((await one_world.call("fetchUserApplications", [service.key, "user"])).result)
        for case, (service, _) in made.items()
    }
    assert listed[0, 1] == listed[0, LONG] == "[]"
    assert listed[86_400, 1] == listed[86_400, LONG] != "[]"


async def test_a_list_that_a_revoked_token_holds_stays_for_it(one_world: World) -> None:
    listed = []
    for ttl in (1, LONG // 2):
        service = await one_world.add_service(access_ttl=LONG, inactive_retention=0)
        application = await one_world.add_application(service)
        revoked = (await one_world.token(service, application, {"grant_type": "password"}, user_context="user")).result
        client = {"client_id": application.client_id, "client_secret": SECRET}
        await one_world.call("revokeAccessToken", [service.key, client, revoked["access_token"]])
        await one_world.set_policy(service, access_ttl=ttl)
        made = await one_world.token(service, application, {"grant_type": "password"}, user_context="user")
        token = made.result["access_token"]

        await (token_expired(one_world.store, token) if ttl == 1 else lifetimes.end(one_world.store, token))

        listed.append(comparable((await one_world.call("fetchUserApplications", [service.key, "user"])).result))
    assert listed[0] == listed[1] != "[]"


async def test_a_moved_token_is_listed_as_ended_by_who_has_it_now(world: World) -> None:
    told = []
    for seconds in (1, LONG):
        service = await world.add_service(access_ttl=LONG)
        application = await world.add_application(service)
        made = await world.token(service, application, {"grant_type": "password"}, user_context="user")
        token = made.result["access_token"]
        client = {"client_id": application.client_id, "client_secret": SECRET}
        await world.call("updateAccessToken", [service.key, client, token, None, seconds, "heir"])

        await (token_expired(world.store, token) if seconds == 1 else lifetimes.end(world.store, token))

        lists = [("user", None), ("heir", None), ("heir", "active"), ("heir", "inactive")]
        params = [[service.key, *each] for each in lists]
        told.append([comparable((await world.call("fetchUserApplications", each)).json) for each in params])
        index = keys.index(world.store.texts.tag_of_user(service.id, "heir"))
        entries = await world.store.link.run(index, "ZRANGE", index, 0, -1, "WITHSCORES")
        seconds_now = int((await world.store.link.run(index, "TIME"))[0])
        told[-1] += [
            f"{member[:1].decode()} {float(score) <= (seconds_now + 1) * 1000}"
            for member, score in zip(entries[::2], entries[1::2], strict=True)
        ]
    assert told[0] == told[1]


async def test_a_used_refresh_token_has_no_grace_any_more(one_world: World) -> None:
    told = []
    for grace in (1, 300):
        service = await one_world.add_service(refresh_grace=grace)
        application = await one_world.add_application(service)
        made = await one_world.token(service, application, {"grant_type": "password"}, user_context="user")
        old = made.result["refresh_token"]
        new = (await one_world.refresh(service, application, old)).result

        if grace == 1:
            await grace_expired(one_world.store, old)
        else:
            assert await lifetimes.end_grace(one_world.store, old)

        again = await one_world.refresh(service, application, old)
        after = await one_world.refresh(service, application, new["refresh_token"])
        alive = await one_world.is_alive(service, new["access_token"])
        told.append((again.json, after.json, alive))
    assert told[0] == told[1]
    assert told[0][0]["error"]["error"]["error"] == "invalid_grant"
    assert told[0][2] is False


async def test_a_used_code_is_forgotten_and_its_grant_lives(world: World) -> None:
    service = await world.add_service()
    application = await world.add_application(service)
    code = await world.code(service, application)
    token = (await world.redeem(service, application, code)).result["access_token"]

    ended = await lifetimes.end(world.store, code)

    assert ended == lifetimes.CODE
    assert (await world.redeem(service, application, code)).oauth["error"] == "invalid_grant"
    assert await world.is_alive(service, token)


async def test_a_revoked_token_ends_as_any_other(world: World) -> None:
    service = await world.add_service()
    application = await world.add_application(service)
    made = await world.token(service, application, {"grant_type": "password"}, user_context="user")
    token = made.result["access_token"]
    client = {"client_id": application.client_id, "client_secret": SECRET}
    await world.call("revokeAccessToken", [service.key, client, token])

    ended = await lifetimes.end(world.store, token)

    assert ended == lifetimes.ACCESS
    assert await state(world, token) == "token: no such token"
    listed = await world.call("fetchUserApplications", [service.key, "user", "inactive"])
    assert listed.result[0]["access_tokens"] == [token]


async def test_what_is_not_there_is_not_ended(world: World) -> None:
    service = await world.add_service()
    application = await world.add_application(service)
    made = (await world.token(service, application, {"grant_type": "password"}, user_context="user")).result
    await lifetimes.end(world.store, made["access_token"])
    texts = [made["access_token"], random_letters(44), random_letters(60), "", "no text of ours"]

    ended = [await lifetimes.end(world.store, text) for text in texts]

    assert ended == [None] * len(texts)
    assert await lifetimes.end_grace(world.store, made["refresh_token"]) is False
    assert await lifetimes.end_grace(world.store, made["access_token"]) is False
