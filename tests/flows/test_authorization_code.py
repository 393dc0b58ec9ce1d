"""The user consents, a code goes through the browser, a token comes for it: once, and to the right one."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from mashery_oauth.models import Application, Service, Site
from mashery_oauth.pkce import s256
from tests.waiting import code_expired
from tests.world import HTTPS, World

from .calls import are_alive, at_once, granted, listed, messages, names, successes, update

VERIFIER = "a-verifier-of-the-test-that-is-long-enough-to-be-one"
CHALLENGE = {"code_challenge": s256(VERIFIER), "code_challenge_method": "S256"}


async def test_gives_a_token_for_what_the_user_consented_to(world: World) -> None:
    service = await world.add_service("rfc6749")
    client = await world.add_application(service)
    code = await world.code(service, client, scope="read write")

    made = await world.redeem(service, client, code)
    fetched = await world.fetch(service, made.result["access_token"])

    assert made.result["user_context"] == "user"
    assert made.result["scope"] == "read write"
    assert made.result["refresh_token"]
    assert fetched.result["user_context"] == "user"
    assert fetched.result["grant_type"] == "authorization_code"
    assert await listed(world, service) == [made.result["access_token"]]


async def test_gives_no_refresh_token_where_refresh_is_off(world: World) -> None:
    service = await world.add_service("rfc6749", flows=frozenset({"authorization_code"}))
    client = await world.add_application(service)

    made = await granted(world, service, client)

    assert "refresh_token" not in made


async def test_lists_a_token_without_user_under_nobody(world: World) -> None:
    service = await world.add_service("rfc6749")
    client = await world.add_application(service)

    made = await granted(world, service, client, None)

    assert (await world.fetch(service, made["access_token"])).result["user_context"] is None
    assert await listed(world, service) == []


async def test_refuses_a_code_used_twice_and_kills_its_grant(world: World) -> None:
    service = await world.add_service("rfc6749")
    client = await world.add_application(service)
    code = await world.code(service, client)
    first = (await world.redeem(service, client, code)).result
    second = (await world.refresh(service, client, first["refresh_token"])).result

    again = await world.redeem(service, client, code)

    assert again.oauth["error"] == "invalid_grant"
    assert await are_alive(world, service, [first["access_token"], second["access_token"]]) == [False, False]
    refreshed = await world.refresh(service, client, second["refresh_token"])
    assert refreshed.oauth["error"] == "invalid_grant"


async def test_gives_one_token_to_many_at_once_and_kills_its_grant(world: World) -> None:
    service = await world.add_service("rfc6749")
    client = await world.add_application(service)
    code = await world.code(service, client)

    answers = await at_once(lambda: world.redeem(service, client, code))

    (made,) = successes(answers)
    assert messages(answers) == {"Invalid authorization code"}
    assert not await world.is_alive(service, made["access_token"])
    refreshed = await world.refresh(service, client, made["refresh_token"])
    assert refreshed.oauth["error"] == "invalid_grant"
    assert await listed(world, service) == []


@pytest.mark.parametrize("wrong", ["redirect", "no redirect", "verifier", "no verifier", "client"])
async def test_a_wrong_redemption_changes_nothing(world: World, wrong: str) -> None:
    service = await world.add_service("rfc6749")
    client, other = await world.add_application(service), await world.add_application(service)
    code = await world.code(service, client, **CHALLENGE)
    data: dict[str, Any] = {"grant_type": "authorization_code", "code": code, "code_verifier": VERIFIER}
    uris = {"redirect": HTTPS + "/other", "no redirect": None}
    verifiers = {"verifier": "w" * 43, "no verifier": None}
    bad_data = data | ({"code_verifier": verifiers[wrong]} if wrong in verifiers else {})
    bad_uri = {"redirect_uri": uris.get(wrong, HTTPS)}
    who = other if wrong == "client" else client

    before = await at_once(lambda: world.token(service, who, bad_data, uri=bad_uri), 20)
    made = await world.token(service, client, data, uri={"redirect_uri": HTTPS})
    after = await at_once(lambda: world.token(service, who, bad_data, uri=bad_uri), 20)

    assert successes(before) == successes(after) == []
    assert await world.is_alive(service, made.result["access_token"])
    assert (await world.refresh(service, client, made.result["refresh_token"])).result


async def test_wrong_redemptions_cannot_win_a_race_nor_spoil_it(world: World) -> None:
    service = await world.add_service("rfc6749")
    client, thief = await world.add_application(service), await world.add_application(service)
    code = await world.code(service, client)

    thefts, right = await asyncio.gather(
        at_once(lambda: world.redeem(service, thief, code)), world.redeem(service, client, code)
    )

    assert successes(thefts) == []
    assert await world.is_alive(service, right.result["access_token"])


async def test_remembers_a_used_code_beyond_its_own_lifetime(world: World) -> None:
    service = await world.add_service("rfc6749", code_ttl=1)
    client = await world.add_application(service)
    used, unused = await world.code(service, client), await world.code(service, client)
    made = (await world.redeem(service, client, used)).result
    await code_expired(world.store, unused)

    again = await world.redeem(service, client, used)

    assert again.oauth["error"] == "invalid_grant"
    assert not await world.is_alive(service, made["access_token"])
    assert (await world.redeem(service, client, unused)).oauth["error"] == "invalid_grant"


async def test_refuses_codes_from_before_the_flow_was_switched_off(world: World) -> None:
    service = await world.add_service("rfc6749")
    client = await world.add_application(service)
    code, made = await world.code(service, client), await granted(world, service, client)
    await world.set_policy(service, flows=frozenset({"refresh_token"}))

    redeemed = await world.redeem(service, client, code)
    refreshed = await world.refresh(service, client, made["refresh_token"])

    assert redeemed.oauth["error"] == "unsupported_grant_type"
    assert refreshed.result["access_token"]


async def test_refuses_the_unused_code_of_a_user_who_revoked_the_client(world: World) -> None:
    service = await world.add_service("rfc6749")
    client = await world.add_application(service)
    code = await world.code(service, client)

    revoked = await world.call("revokeUserApplication", names(service, client, user_context="user"))
    redeemed = await world.redeem(service, client, code)

    assert revoked.result is True
    assert redeemed.oauth["error"] == "invalid_grant"


@pytest.mark.parametrize("whose", ["client", "service", "site"])
async def test_refuses_codes_from_before_everything_was_revoked(world: World, whose: str) -> None:
    service = await world.add_service("rfc6749")
    client = await world.add_application(service)
    code = await world.code(service, client)
    records: dict[str, Application | Service | Site] = {"client": client, "service": service, "site": world.site}

    await world.write(replace(records[whose], revoked_before=world.store.configuration.version + 1))
    redeemed = await world.redeem(service, client, code)
    later = await granted(world, service, client)

    assert redeemed.oauth["error"] == "invalid_grant"
    assert await world.is_alive(service, later["access_token"])


async def test_a_code_used_twice_kills_its_grant_wherever_it_went(world: World) -> None:
    service = await world.add_service("rfc6749")
    client = await world.add_application(service)
    code = await world.code(service, client)
    made = (await world.redeem(service, client, code)).result
    await update(world, service, client, made["access_token"], user_context="another")

    await world.redeem(service, client, code)

    assert not await world.is_alive(service, made["access_token"])
    assert (await world.refresh(service, client, made["refresh_token"])).oauth["error"] == "invalid_grant"


async def test_binds_a_code_to_the_redirect_uri_even_where_none_was_sent(world: World) -> None:
    service = await world.add_service("rfc6749")
    client = await world.add_application(service)
    code = await world.code(service, client, uri={})
    data = {"grant_type": "authorization_code", "code": code}

    other = await world.token(service, client, data, uri={"redirect_uri": "https://other.example.com/"})
    none = await world.token(service, client, data)

    assert other.oauth["error"] == "invalid_grant"
    assert none.result["access_token"]


async def test_gives_less_than_was_granted_in_draft10_where_less_is_asked_for(world: World) -> None:
    service = await world.add_service("draft10")
    client = await world.add_application(service)
    code = await world.code(service, client, scope="read write admin")

    wider = await world.redeem(service, client, code, scope="read delete")
    made = await world.redeem(service, client, code, scope="read write")
    refreshed = await world.refresh(service, client, made.result["refresh_token"])
    regained = await world.refresh(service, client, refreshed.result["refresh_token"], scope="read admin")

    assert wider.oauth["error"] == "invalid_scope"
    assert made.result["scope"] == "read write"
    assert refreshed.result["scope"] == "read write"
    assert regained.oauth["error"] == "invalid_scope"
