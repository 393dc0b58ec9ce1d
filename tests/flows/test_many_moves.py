"""Tokens that are given to a user again and again: how many a user may have, and that none of them is lost sight of."""

from __future__ import annotations

import pytest

from mashery_oauth.models import Application, Service
from tests.waiting import token_expired
from tests.world import World

from .calls import are_alive, granted, listed, messages, password, revoke_user, successes, update

MOST = 4
OLD, NEW = "old-user", "new-user"


@pytest.fixture(autouse=True)
def few_pointers(monkeypatch: pytest.MonkeyPatch) -> None:
    """A user may be given few tokens, so that a test can give one too many."""
    monkeypatch.setattr("mashery_oauth.store.tokens.POINTERS", MOST)


async def made(world: World, service: Service, client: Application, count: int) -> list[str]:
    """Tokens of the old user."""
    return [(await password(world, service, client, OLD)).result["access_token"] for _ in range(count)]


async def test_two_tokens_go_to_and_fro_as_often_as_one_likes(world: World) -> None:
    service = await world.add_service("rfc6749")
    client = await world.add_application(service)
    texts = await made(world, service, client, 2)

    answers = [
        await update(world, service, client, text, user_context=user)
        for _ in range(3 * MOST)
        for user in (NEW, OLD)
        for text in texts
    ]
    for text in texts:
        await update(world, service, client, text, user_context=NEW)
    before = await listed(world, service, NEW)
    await revoke_user(world, service, client, NEW)

    assert messages(answers) == set()
    assert sorted(before) == sorted(texts)
    assert await are_alive(world, service, texts) == [False, False]


async def test_one_too_many_is_refused_and_stays_with_its_user(world: World) -> None:
    service = await world.add_service("rfc6749")
    client = await world.add_application(service)
    *texts, last = await made(world, service, client, MOST + 1)

    answers = [await update(world, service, client, text, user_context=NEW) for text in [*texts, last]]

    assert len(successes(answers)) == MOST
    assert answers[-1].error["message"] == "Token limit reached"
    assert (await world.fetch(service, last)).result["user_context"] == OLD


async def test_who_has_as_many_as_one_may_can_be_given_one_of_them_again(world: World) -> None:
    service = await world.add_service("rfc6749")
    client = await world.add_application(service)
    texts = await made(world, service, client, MOST)
    for text in texts:
        await update(world, service, client, text, user_context=NEW)

    back = await update(world, service, client, texts[0], user_context=OLD)
    again = await update(world, service, client, texts[0], user_context=NEW)

    assert (back.result["user_context"], again.result["user_context"]) == (OLD, NEW)
    assert sorted(await listed(world, service, NEW)) == sorted(texts)


async def test_one_that_came_back_with_a_shorter_life_is_still_followed(world: World) -> None:
    service = await world.add_service("rfc6749")
    client, other = await world.add_application(service), await world.add_application(service)
    shorter, *rest = await made(world, service, client, MOST)
    await update(world, service, client, shorter, user_context=NEW)
    await password(world, service, other, NEW)
    await revoke_user(world, service, other, NEW)
    await update(world, service, client, shorter, user_context=OLD, expires_in=600)
    await update(world, service, client, shorter, user_context=NEW)

    given = [await update(world, service, client, text, user_context=NEW) for text in rest]
    before = await listed(world, service, NEW)
    await revoke_user(world, service, client, NEW)

    assert messages(given) == set()
    assert sorted(before) == sorted([shorter, *rest])
    assert not any(await are_alive(world, service, [shorter, *rest]))


async def test_a_given_token_that_is_changed_often_leaves_room_for_others(world: World) -> None:
    service = await world.add_service("rfc6749")
    client = await world.add_application(service)
    changed, other = await made(world, service, client, 2)
    await update(world, service, client, changed, user_context=NEW)

    answers = [await update(world, service, client, changed, expires_in=600 + number) for number in range(MOST + 2)]
    answers.append(await update(world, service, client, other, user_context=NEW))

    assert messages(answers) == set()
    assert sorted(await listed(world, service, NEW)) == sorted([changed, other])


async def test_what_a_given_grant_yielded_leaves_room_when_it_has_ended(world: World) -> None:
    service = await world.add_service("rfc6749", access_ttl=1, inactive_retention=0)
    client = await world.add_application(service)
    grant = await granted(world, service, client, OLD)
    await update(world, service, client, grant["access_token"], user_context=NEW)
    for _ in range(MOST + 1):
        grant = (await world.refresh(service, client, grant["refresh_token"])).result
    await token_expired(world.store, grant["access_token"])
    (other,) = await made(world, service, client, 1)

    answer = await update(world, service, client, other, user_context=NEW, expires_in=600)

    assert answer.result["user_context"] == NEW
    assert await listed(world, service, NEW) == [other]
