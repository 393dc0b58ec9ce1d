"""What is revoked stays dead, whatever else happens at the same moment."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

from tests.world import Answer, World

from .calls import MANY, are_alive, granted, listed, messages, password, revoke, revoke_user, successes, update

GRANTS = 20


def tokens_of(results: list[dict[str, Any]]) -> list[str]:
    """The access tokens in results."""
    return [result["access_token"] for result in results]


async def test_nothing_from_before_outlives_a_users_revocation_that_races_refreshes(world: World) -> None:
    service = await world.add_service("rfc6749")
    client = await world.add_application(service)
    first = [await granted(world, service, client) for _ in range(GRANTS)]

    async def refresh_on(token: str) -> list[Answer]:
        answers = []
        for _ in range(5):
            answers.append(await world.refresh(service, client, token))
            if "result" not in answers[-1].json:
                break
            token = answers[-1].result["refresh_token"]
        return answers

    chains, revoked = await asyncio.gather(
        asyncio.gather(*(refresh_on(grant["refresh_token"]) for grant in first)), revoke_user(world, service, client)
    )
    later = [result for chain in chains for result in successes(chain)]
    everything = [*first, *later]

    assert revoked.result is True
    assert not any(await are_alive(world, service, tokens_of(everything)))
    again = [await world.refresh(service, client, each["refresh_token"]) for each in everything]
    assert successes(again) == []
    assert await listed(world, service) == []


async def test_nothing_from_before_outlives_a_users_revocation_that_races_redemptions(world: World) -> None:
    service = await world.add_service("rfc6749")
    client = await world.add_application(service)
    codes = [await world.code(service, client) for _ in range(GRANTS)]

    *answers, revoked = await asyncio.gather(
        *(world.redeem(service, client, code) for code in codes), revoke_user(world, service, client)
    )

    assert revoked.result is True
    assert not any(await are_alive(world, service, tokens_of(successes(answers))))
    assert successes([await world.redeem(service, client, code) for code in codes]) == []


async def test_what_comes_after_a_users_revocation_lives(world: World) -> None:
    service = await world.add_service("rfc6749")
    client = await world.add_application(service)
    before = await granted(world, service, client)

    await revoke_user(world, service, client)
    after = await granted(world, service, client)

    assert await are_alive(world, service, tokens_of([before, after])) == [False, True]
    assert (await world.refresh(service, client, after["refresh_token"])).result


async def test_a_revoked_client_does_not_touch_another_client_of_the_user(world: World) -> None:
    service = await world.add_service("rfc6749")
    client, other = await world.add_application(service), await world.add_application(service)
    mine, others = await granted(world, service, client), await granted(world, service, other)

    await revoke_user(world, service, client)

    assert await are_alive(world, service, tokens_of([mine, others])) == [False, True]


async def test_an_update_that_races_a_revocation_revives_nothing(world: World) -> None:
    service = await world.add_service("rfc6749")
    client = await world.add_application(service)
    made = [await granted(world, service, client) for _ in range(GRANTS)]
    changes: list[dict[str, Any]] = [{"expires_in": 7200}, {"scope": "read"}, {"user_context": "another"}]

    async def fight(token: str) -> Answer:
        def updates() -> list[Coroutine[Any, Any, Answer]]:
            return [update(world, service, client, token, **change) for change in changes]

        revoked = asyncio.create_task(revoke(world, service, client, token))
        await asyncio.gather(*updates(), revoked, *updates())
        return revoked.result()

    revoked = await asyncio.gather(*(fight(token) for token in tokens_of(made)))
    later = [await update(world, service, client, token, expires_in=7200) for token in tokens_of(made)]

    assert [answer.result for answer in revoked] == [True] * GRANTS
    assert not any(await are_alive(world, service, tokens_of(made)))
    assert successes(later) == []
    assert successes([await world.refresh(service, client, each["refresh_token"]) for each in made]) == []
    assert await listed(world, service) == await listed(world, service, "another") == []


async def test_an_update_that_races_a_revocation_of_the_token_alone_revives_nothing(world: World) -> None:
    service = await world.add_service("rfc6749", revocation="token")
    client = await world.add_application(service)
    made = [await granted(world, service, client) for _ in range(GRANTS)]

    for token in tokens_of(made):
        await asyncio.gather(
            *(update(world, service, client, token, expires_in=7200 + number) for number in range(5)),
            revoke(world, service, client, token),
            *(update(world, service, client, token, scope=f"s{number}") for number in range(5)),
        )

    assert not any(await are_alive(world, service, tokens_of(made)))
    assert await listed(world, service) == []


async def test_an_update_that_races_a_users_revocation_revives_nothing(world: World) -> None:
    service = await world.add_service("rfc6749")
    client = await world.add_application(service)
    made = [(await password(world, service, client)).result for _ in range(GRANTS)]

    await asyncio.gather(
        *(update(world, service, client, token, expires_in=7200, scope="read") for token in tokens_of(made)),
        revoke_user(world, service, client),
        *(update(world, service, client, token, expires_in=3600, scope="read") for token in tokens_of(made)),
    )

    assert not any(await are_alive(world, service, tokens_of(made)))
    assert successes([await world.refresh(service, client, each["refresh_token"]) for each in made]) == []


async def test_a_revocation_that_races_refreshes_of_its_grant_ends_it_whole(world: World) -> None:
    service = await world.add_service("rfc6749")
    client = await world.add_application(service)
    made = [await granted(world, service, client) for _ in range(GRANTS)]

    async def fight(grant: dict[str, Any]) -> list[Answer]:
        *answers, revoked = await asyncio.gather(
            *(world.refresh(service, client, grant["refresh_token"]) for _ in range(5)),
            revoke(world, service, client, grant["access_token"]),
        )
        assert revoked.result is True
        return list(answers)

    later = [result for answers in await asyncio.gather(*map(fight, made)) for result in successes(answers)]

    assert not any(await are_alive(world, service, tokens_of([*made, *later])))
    assert successes([await world.refresh(service, client, each["refresh_token"]) for each in later]) == []


async def test_a_new_owners_revocation_that_races_refreshes_ends_a_moved_grant(world: World) -> None:
    service = await world.add_service("rfc6749")
    client = await world.add_application(service)
    made = [await granted(world, service, client, f"user {number}") for number in range(GRANTS)]
    for grant in made:
        await update(world, service, client, grant["access_token"], user_context="owner")

    *answers, revoked = await asyncio.gather(
        *(world.refresh(service, client, grant["refresh_token"]) for grant in made),
        revoke_user(world, service, client, "owner"),
    )
    later = successes(list(answers))

    assert revoked.result is True
    assert not any(await are_alive(world, service, tokens_of([*made, *later])))
    assert successes([await world.refresh(service, client, each["refresh_token"]) for each in [*made, *later]]) == []
    assert await listed(world, service, "owner") == []


async def test_a_live_token_that_many_update_at_once_is_never_called_dead(world: World) -> None:
    """Found by a test: most were told "Unable to update token"."""
    service = await world.add_service("rfc6749")
    client = await world.add_application(service)
    token = (await password(world, service, client)).result["access_token"]

    answers = await asyncio.gather(
        *(update(world, service, client, token, scope=f"s{number}") for number in range(MANY))
    )

    assert messages(list(answers)) <= {"Service temporarily unavailable"}
    assert len(successes(list(answers))) > MANY / 2


async def test_a_token_that_many_give_to_one_user_at_once_is_one_token_of_that_user(world: World) -> None:
    """Found by a test: each of the updates counted, and most were told "Token limit reached"."""
    service = await world.add_service("rfc6749")
    client = await world.add_application(service)
    token = (await password(world, service, client)).result["access_token"]

    answers = await asyncio.gather(
        *(update(world, service, client, token, user_context="owner", scope=f"s{number}") for number in range(MANY))
    )

    assert messages(list(answers)) <= {"Service temporarily unavailable"}
    assert await listed(world, service, "owner") == [token]
    await revoke_user(world, service, client, "owner")
    assert await are_alive(world, service, [token]) == [False]
