"""PKCE as it was left out, downgraded, guessed and confused elsewhere."""

from __future__ import annotations

from typing import Any

import pytest

from mashery_oauth.pkce import s256
from tests.effort import tally, times
from tests.world import HTTPS, World

from .calls import (
    CHALLENGE,
    VERIFIER,
    Call,
    batch,
    oauth_error,
    outcome,
    redeem,
    scene,
    with_code,
)

CROWD = 200
PLAIN = {"code_challenge": VERIFIER, "code_challenge_method": "plain"}

together = pytest.mark.asyncio(loop_scope="module")
profiles = pytest.mark.parametrize("profile", ["draft10", "draft16", "rfc6749", "oauth21"])


@together
@pytest.mark.keeps("CVE-2024-22258", "RFC9700-4.8", "RFC9700-2.1.1")
@profiles
async def test_pkce_cannot_be_left_out_of_either_step(town: World, profile: str) -> None:
    service, client = await scene(town, profile)
    challenged = await town.code(service, client, **CHALLENGE)
    free = None if profile == "oauth21" else await town.code(service, client)

    without_verifier = await redeem(town, service, client, challenged, code_verifier=None)
    without_challenge = None if free is None else await redeem(town, service, client, free)

    assert oauth_error(without_verifier) == "invalid_grant"
    assert without_challenge is None or oauth_error(without_challenge) == "invalid_grant"
    assert (await redeem(town, service, client, challenged)).result["access_token"]


@together
@pytest.mark.keeps("RFC9700-2.1.1")
async def test_a_challenge_is_demanded_where_the_text_or_the_policy_does(town: World) -> None:
    strict, client = await scene(town, "oauth21")
    chosen, other = await scene(town, "draft16", pkce="required")
    ask = [Call("createAuthorizationCode", {
        "service_key": service.key, "client": {"client_id": who.client_id}, "uri": {"redirect_uri": HTTPS}, **more,
    }) for service, who in ((strict, client), (chosen, other)) for more in ({}, PLAIN, CHALLENGE)]  # fmt: skip

    answers = await batch(town, ask)

    missing, invalid = "Code challenge is required", "Code challenge is invalid"
    assert [outcome(answer) for answer in answers] == [missing, invalid, "ok", missing, "ok", "ok"]


LEFT_OUT: list[tuple[Any, str]] = [
    (None, "Invalid code verifier"),
    ("", "Invalid code verifier"),
    (" ", "Invalid code verifier"),
    ("a", "Invalid code verifier"),
    (s256(VERIFIER), "Invalid code verifier"),
    (VERIFIER.upper(), "Invalid code verifier"),
    (VERIFIER + "\n", "Invalid code verifier"),
    (0, "Invalid params"),
    (False, "Invalid params"),
    (True, "Invalid params"),
    ([], "Invalid params"),
    ([VERIFIER], "Invalid params"),
    ({}, "Invalid params"),
    ({"$ne": ""}, "Invalid params"),
]


@together
@pytest.mark.keeps("CVE-2023-48228", "GHSA-vh4h-fvqf-q9wv")
@pytest.mark.parametrize("asked", [CHALLENGE, PLAIN], ids=["S256", "plain"])
@pytest.mark.parametrize(("verifier", "sentence"), LEFT_OUT, ids=lambda value: ascii(value)[:20])
async def test_a_verifier_that_is_none_gets_no_token(
    town: World, asked: dict[str, str], verifier: Any, sentence: str
) -> None:
    service, client = await scene(town)
    code = await town.code(service, client, **asked)

    refused = await redeem(town, service, client, code, code_verifier=verifier)
    data = with_code(service, client, code)["token_data"]
    left_out = {name: value for name, value in data.items() if name != "code_verifier"}
    absent = await town.token(service, client, left_out, uri={"redirect_uri": HTTPS})

    assert outcome(refused).startswith(sentence)
    assert oauth_error(absent) == "invalid_grant"
    assert (await redeem(town, service, client, code)).result["access_token"]


@together
@pytest.mark.keeps("CVE-2026-41213")
@pytest.mark.parametrize("length", [1, 8, 42, 129])
async def test_a_verifier_that_could_be_guessed_is_none(town: World, length: int) -> None:
    service, client = await scene(town)
    short = "a" * length
    hashed = {"code_challenge": s256(short), "code_challenge_method": "S256"}
    code = await town.code(service, client, **hashed)

    fitting = await redeem(town, service, client, code, code_verifier=short)
    plain = await town.call("createAuthorizationCode", {
        "service_key": service.key, "client": {"client_id": client.client_id}, "uri": {"redirect_uri": HTTPS},
        "code_challenge": short, "code_challenge_method": "plain",
    })  # fmt: skip

    assert (oauth_error(fitting), outcome(fitting)) == ("invalid_request", "Invalid code verifier")
    assert outcome(plain) == "Code challenge is invalid"


@together
@pytest.mark.keeps("CVE-2026-41213")
async def test_guesses_of_a_verifier_tell_nothing_and_end_nothing(town: World) -> None:
    service, client = await scene(town)
    code = await town.code(service, client, **CHALLENGE)
    guesses = [f"{number:043d}" for number in range(times(CROWD))]
    near = [VERIFIER[:at] + ("x" if VERIFIER[at] != "x" else "y") + VERIFIER[at + 1 :] for at in range(len(VERIFIER))]

    calls = [
        Call("createAccessToken", with_code(service, client, code, code_verifier=guess)) for guess in guesses + near
    ]
    answers = await batch(town, calls)

    tally("verifiers guessed", len(answers))
    assert {(oauth_error(answer), outcome(answer)) for answer in answers} == {
        ("invalid_grant", "Invalid code verifier")
    }
    assert (await redeem(town, service, client, code)).result["access_token"]


@together
@pytest.mark.keeps("CVE-2025-59420")
@profiles
async def test_what_is_to_protect_a_code_is_never_passed_over_because_it_is_unknown(town: World, profile: str) -> None:
    service, client = await scene(town, profile)
    methods = ["S512", "s256", "none", "PLAIN", "S256 ", "S256\n", "plain,S256", "../S256"]
    ask = {"service_key": service.key, "client": {"client_id": client.client_id}, "uri": {"redirect_uri": HTTPS}}

    answers = await batch(
        town, [Call("createAuthorizationCode", ask | CHALLENGE | {"code_challenge_method": each}) for each in methods]
    )

    assert {outcome(answer) for answer in answers} == {"Code challenge is invalid"}


@together
@pytest.mark.keeps("CVE-2024-37568", "CVE-2026-114615")
async def test_how_a_verifier_is_compared_is_what_the_code_says_and_not_the_request(town: World) -> None:
    service, client = await scene(town)
    hashed, plain = await town.code(service, client, **CHALLENGE), await town.code(service, client, **PLAIN)
    says = [{"code_challenge_method": name} for name in ("plain", "S256", "none", "")]

    confused = [
        Call("createAccessToken", with_code(service, client, code, code_verifier=verifier, **method) | method)
        for method in says
        for code, verifier in ((hashed, s256(VERIFIER)), (plain, s256(VERIFIER)))
    ]
    answers = await batch(town, confused)

    assert {oauth_error(answer) for answer in answers} == {"invalid_grant"}
    assert (await redeem(town, service, client, hashed)).result["access_token"]
    assert (await redeem(town, service, client, plain)).result["access_token"]
