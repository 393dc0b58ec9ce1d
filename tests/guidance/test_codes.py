"""Authorization codes as they were stolen, replayed and downgraded elsewhere."""

from __future__ import annotations

import asyncio

import pytest

from mashery_oauth.pkce import s256
from tests.effort import tally, times
from tests.waiting import code_expired, token_expired
from tests.world import World

from .calls import (
    CHALLENGE,
    Call,
    batch,
    client_of,
    is_refreshable,
    living,
    oauth_error,
    outcome,
    redeem,
    scene,
    with_code,
)

CROWD = 200
PROFILES = ("draft10", "draft16", "rfc6749", "oauth21")

together = pytest.mark.asyncio(loop_scope="module")


@together
@pytest.mark.keeps("CVE-2026-68079", "CVE-2026-73311", "CVE-2020-15222", "RFC9700-4.3.1")
@pytest.mark.parametrize("profile", ["draft16", "oauth21"])
async def test_many_redemptions_through_several_services_yield_one_token(
    workers: list[World], town: World, profile: str
) -> None:
    service, client = await scene(town, profile)
    code = await town.code(service, client, **CHALLENGE)

    answers = await asyncio.gather(
        *(redeem(workers[number % len(workers)], service, client, code) for number in range(times(CROWD)))
    )

    tally("redemptions of one code", len(answers))
    (made,) = [answer.result for answer in answers if outcome(answer) == "ok"]
    assert {outcome(answer) for answer in answers} == {"ok", "Invalid authorization code"}
    assert await living(town, service, [made["access_token"]]) == [False]
    assert not await is_refreshable(town, service, client, made["refresh_token"])


@together
@pytest.mark.keeps("CVE-2020-5300")
async def test_a_code_that_stands_in_every_call_of_a_batch_is_redeemed_once(town: World) -> None:
    service, client = await scene(town)
    code = await town.code(service, client, **CHALLENGE)

    answers = await batch(town, [Call("createAccessToken", with_code(service, client, code))] * 100)

    assert [outcome(answer) for answer in answers].count("ok") == 1


@together
@pytest.mark.keeps("CVE-2026-68079", "CVE-2026-26232")
async def test_a_used_code_is_refused_after_its_token_has_expired(town: World) -> None:
    service, client = await scene(town, access_ttl=1)
    code = await town.code(service, client, **CHALLENGE)
    made = (await redeem(town, service, client, code)).result
    await token_expired(town.store, made["access_token"])

    again = await redeem(town, service, client, code)

    assert oauth_error(again) == "invalid_grant"
    assert not await is_refreshable(town, service, client, made["refresh_token"])


@together
@pytest.mark.keeps("CVE-2026-26232")
async def test_a_code_is_refused_once_its_lifetime_is_over(town: World) -> None:
    scenes = [await scene(town, profile, code_ttl=1) for profile in PROFILES]
    codes = [await town.code(service, client, **CHALLENGE) for service, client in scenes]
    for code in codes:
        await code_expired(town.store, code)

    answers = [await redeem(town, service, client, code) for (service, client), code in zip(scenes, codes, strict=True)]

    assert {oauth_error(answer) for answer in answers} == {"invalid_grant"}
    assert {outcome(answer) for answer in answers} == {"Invalid authorization code"}


@together
@pytest.mark.keeps("CVE-2017-18924", "RFC9700-4.5", "RFC9700-2.1.1")
@pytest.mark.parametrize("profile", ["rfc6749", "oauth21"])
async def test_a_code_of_one_session_is_worth_nothing_in_another(town: World, profile: str) -> None:
    service, client = await scene(town, profile)
    other = await town.add_application(service)
    stolen = await town.code(service, client, "victim", **CHALLENGE)
    await town.code(service, client, "thief", code_challenge=s256("t" * 43), code_challenge_method="S256")

    injected = await redeem(town, service, client, stolen, code_verifier="t" * 43)
    by_another = await redeem(town, service, other, stolen)
    right = await redeem(town, service, client, stolen)

    assert [oauth_error(answer) for answer in (injected, by_another)] == ["invalid_grant"] * 2
    assert right.result["user_context"] == "victim"


@together
@pytest.mark.keeps("CVE-2020-15222")
async def test_an_assertion_in_the_place_of_a_secret_is_none(town: World) -> None:
    service, client = await scene(town)
    code = await town.code(service, client, **CHALLENGE)
    assertion = {
        "client_assertion": "eyJhbGciOiJub25lIn0.eyJqdGkiOiIxIn0.",
        "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
    }
    data = with_code(service, client, code)

    answer = await town.call(
        "createAccessToken",
        data | assertion | {
            "client": client_of(client, None) | assertion,
            "token_data": data["token_data"] | assertion,
        },
    )  # fmt: skip

    assert oauth_error(answer) == "invalid_client"
    assert (await redeem(town, service, client, code)).result["access_token"]
