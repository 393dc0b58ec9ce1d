"""Services that allow one token, or so many, per user and client: however many are asked for at once."""

from __future__ import annotations

from typing import Any

from mashery_oauth.models import Application, Service
from tests.world import Answer, World

from .calls import MANY, are_alive, at_once, granted, listed, messages, password, revoke, successes

CAP = 5


async def living(world: World, service: Service, answers: list[Answer]) -> list[str]:
    """Which of the tokens in answers work."""
    tokens = [result["access_token"] for result in successes(answers)]
    alive = await are_alive(world, service, tokens)
    return [token for token, lives in zip(tokens, alive, strict=True) if lives]


async def refreshable(world: World, service: Service, client: Application, results: list[dict[str, Any]]) -> int:
    """How many of the grants in results can still be refreshed."""
    answers = [await world.refresh(service, client, result["refresh_token"]) for result in results]
    return len(successes(answers))


async def test_leaves_one_token_of_many_made_at_once(world: World) -> None:
    service = await world.add_service("rfc6749", allow_multiple_tokens=False)
    client = await world.add_application(service)

    answers = await at_once(lambda: password(world, service, client))
    alive = await living(world, service, answers)

    assert len(successes(answers)) == MANY
    assert len(alive) == 1
    assert await listed(world, service) == alive


async def test_leaves_one_token_of_many_made_at_once_for_the_client_itself(world: World) -> None:
    service = await world.add_service("rfc6749", allow_multiple_tokens=False)
    client = await world.add_application(service)

    answers = await at_once(lambda: world.token(service, client, {"grant_type": "client_credentials"}))

    assert len(successes(answers)) == MANY
    assert len(await living(world, service, answers)) == 1


async def test_leaves_one_token_of_many_codes_redeemed_at_once(world: World) -> None:
    service = await world.add_service("rfc6749", allow_multiple_tokens=False)
    client = await world.add_application(service)
    codes = iter([await world.code(service, client) for _ in range(50)])

    answers = await at_once(lambda: world.redeem(service, client, next(codes)), 50)

    assert len(await living(world, service, answers)) == 1
    assert await refreshable(world, service, client, successes(answers)) == 1


async def test_replaces_the_grant_whole(world: World) -> None:
    service = await world.add_service("rfc6749", allow_multiple_tokens=False)
    client = await world.add_application(service)
    first = await granted(world, service, client)

    second = await granted(world, service, client)

    alive = await are_alive(world, service, [first["access_token"], second["access_token"]])
    assert alive == [False, True]
    assert (await world.refresh(service, client, first["refresh_token"])).oauth["error"] == "invalid_grant"
    assert (await world.refresh(service, client, second["refresh_token"])).result["access_token"]


async def test_replaces_the_token_at_a_refresh_too(world: World) -> None:
    service = await world.add_service("rfc6749", allow_multiple_tokens=False)
    client = await world.add_application(service)
    first = await granted(world, service, client)

    answers = await at_once(lambda: world.refresh(service, client, first["refresh_token"]))
    (alive,) = set(await living(world, service, answers))

    assert not await world.is_alive(service, first["access_token"])
    assert await listed(world, service) == [alive]


async def test_leaves_other_users_and_clients_alone(world: World) -> None:
    service = await world.add_service("rfc6749", allow_multiple_tokens=False)
    client, other = await world.add_application(service), await world.add_application(service)
    others = [
        (await password(world, service, other)).result["access_token"],
        (await password(world, service, client, "another user")).result["access_token"],
        (await world.token(service, client, {"grant_type": "client_credentials"}, user_context=None)).result[
            "access_token"
        ],
    ]

    await at_once(lambda: password(world, service, client), 5)

    assert await are_alive(world, service, others) == [True, True, True]


async def test_holds_the_cap_when_many_are_made_at_once(world: World) -> None:
    service = await world.add_service("rfc6749", token_cap=CAP)
    client = await world.add_application(service)

    answers = await at_once(lambda: password(world, service, client))

    assert len(successes(answers)) == CAP
    assert messages(answers) == {"Token limit reached"}
    assert len(await living(world, service, answers)) == CAP


async def test_holds_the_cap_for_the_client_itself(world: World) -> None:
    service = await world.add_service("rfc6749", token_cap=CAP)
    client = await world.add_application(service)

    answers = await at_once(lambda: world.token(service, client, {"grant_type": "client_credentials"}))

    assert len(successes(answers)) == CAP


async def test_holds_the_cap_when_codes_are_redeemed_at_once(world: World) -> None:
    service = await world.add_service("rfc6749", token_cap=CAP)
    client = await world.add_application(service)
    codes = iter([await world.code(service, client) for _ in range(50)])

    answers = await at_once(lambda: world.redeem(service, client, next(codes)), 50)

    assert len(successes(answers)) == CAP


async def test_a_revoked_token_makes_room_under_the_cap(world: World) -> None:
    service = await world.add_service("rfc6749", token_cap=1)
    client = await world.add_application(service)
    first = (await password(world, service, client)).result
    full = await password(world, service, client)

    await revoke(world, service, client, first["access_token"])
    second = await password(world, service, client)

    assert full.error["message"] == "Token limit reached"
    assert second.result["access_token"]


async def test_a_revoked_grant_makes_room_under_the_cap_with_all_of_its_tokens(world: World) -> None:
    """Found by a mutant of ``dead`` in ``marks.lua`` that no test had noticed."""
    service = await world.add_service("rfc6749", token_cap=2)
    client = await world.add_application(service)
    grant = await granted(world, service, client)
    refreshed = (await world.refresh(service, client, grant["refresh_token"])).result
    full = await password(world, service, client)

    await revoke(world, service, client, refreshed["refresh_token"])
    made = [await password(world, service, client) for _ in range(3)]

    assert full.error["message"] == "Token limit reached"
    assert len(successes(made)) == 2


async def test_counts_each_client_and_user_by_itself(world: World) -> None:
    service = await world.add_service("rfc6749", token_cap=1)
    client, other = await world.add_application(service), await world.add_application(service)

    answers = [
        await password(world, service, client),
        await password(world, service, other),
        await password(world, service, client, "another user"),
    ]

    assert len(successes(answers)) == 3


async def test_a_code_that_met_the_cap_can_be_redeemed_later(world: World) -> None:
    service = await world.add_service("rfc6749", token_cap=1)
    client = await world.add_application(service)
    first, code = (await password(world, service, client)).result, await world.code(service, client)
    full = await world.redeem(service, client, code)

    await revoke(world, service, client, first["access_token"])
    made = await world.redeem(service, client, code)

    assert full.oauth["error"] == "invalid_request"
    assert made.result["access_token"]


async def test_a_code_under_way_outlives_a_token_that_replaces_another(world: World) -> None:
    service = await world.add_service(allow_multiple_tokens=False)
    client = await world.add_application(service)
    code = await world.code(service, client)

    earlier = (await world.token(service, client, {"grant_type": "password"}, user_context="user")).result
    redeemed = (await world.redeem(service, client, code)).result

    assert await world.is_alive(service, redeemed["access_token"])
    assert not await world.is_alive(service, earlier["access_token"])
