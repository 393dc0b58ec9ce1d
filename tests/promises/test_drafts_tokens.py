"""Both drafts on tokens: that nobody makes one up, and what is told of one to whoever protects a resource."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import pairwise

import pytest

from mashery_oauth.store.texts import ALPHABET, SECRET
from tests.effort import tally, times
from tests.flows.calls import names
from tests.waiting import token_expired
from tests.wire.profiles import staged
from tests.world import World

from .asking import NO_USER, both_drafts, refusal

LETTERS = ALPHABET.decode()
A_CALL = 1000  # tokens that fetchAccessToken takes at once
STRETCH = 10  # letters; that two texts have these in common at a place happens once in some million runs


def altered(text: str) -> list[str]:
    """The text with each of its letters changed to each other letter, and cut, and grown, and in another case."""
    made = [text[:at] + letter + text[at + 1 :] for at in range(len(text)) for letter in LETTERS if letter != text[at]]
    return [*made, text[1:], text[:-1], text + "a", "a" + text, text.upper(), text + " ", text + "\n", text[::-1]]


def crossed(texts: list[str]) -> Iterator[str]:
    """Texts put together of the beginning of one and the end of the next."""
    for one, other in pairwise(texts):
        for at in range(1, len(one)):
            yield from (one[:at] + other[at:], other[:at] + one[at:])


@pytest.mark.keeps("D16-69", "D10-23")
@both_drafts
async def test_no_altered_access_token_is_known(world: World, profile: str) -> None:
    scene = await staged(world, profile)
    real = [(await scene.granted())["access_token"] for _ in range(times(3))]
    made_up = [text for text in (*altered(real[0]), *crossed(real)) if text not in real]

    found = [
        (await world.fetch(scene.service, made_up[at : at + A_CALL])).result for at in range(0, len(made_up), A_CALL)
    ]

    assert [token for tokens in found for token in tokens] == []
    assert len((await world.fetch(scene.service, real)).result) == len(real)
    tally("altered access tokens", len(made_up))


@pytest.mark.keeps("D16-67", "D16-69")
@both_drafts
async def test_no_altered_code_or_refresh_token_is_known_and_the_real_one_stays_good(
    world: World, profile: str
) -> None:
    scene = await staged(world, profile)
    code, refresh_token = await scene.code(), (await scene.granted())["refresh_token"]
    chance, count = random.Random(69), times(60)
    codes = chance.choices(altered(code), k=count)
    refresh_tokens = chance.choices(altered(refresh_token), k=count)

    found = await asyncio.gather(*map(scene.redeem, codes), *map(scene.refresh, refresh_tokens))

    assert {refusal(answer) for answer in found} == {"invalid_grant"}
    assert (await scene.redeem(code)).result
    assert (await scene.refresh(refresh_token)).result
    tally("altered codes and refresh tokens", 2 * count)


def stretches(texts: list[str]) -> list[tuple[int, str]]:
    """Every run of letters of these texts, with its place."""
    return [(at, text[at : at + STRETCH]) for text in texts for at in range(len(text) - STRETCH + 1)]


@pytest.mark.keeps("D16-70", "D16-67")
@both_drafts
async def test_no_text_resembles_another_of_the_same_user(world: World, profile: str) -> None:
    scene = await staged(world, profile)
    count = times(30)

    granted = await asyncio.gather(*(scene.granted() for _ in range(count)))
    codes = await asyncio.gather(*(scene.code() for _ in range(count)))
    own = await asyncio.gather(*(scene.token({"grant_type": NO_USER[profile]}) for _ in range(count)))

    access_tokens = [each["access_token"] for each in granted] + [each.result["access_token"] for each in own]
    for texts in (codes, access_tokens, [each["refresh_token"] for each in granted]):
        drawn = stretches(list(texts))
        assert len(set(drawn)) == len(drawn)
    tally("texts compared letter by letter", 4 * count)


@pytest.mark.keeps("D16-70")
def test_what_cannot_be_guessed_of_a_text_has_more_than_160_bits() -> None:
    guesses = len(set(LETTERS)) ** SECRET

    assert guesses > 2**160


@pytest.mark.keeps("D16-68", "D10-23")
@both_drafts
async def test_a_resource_server_is_told_scope_and_end_of_a_token_that_lives(world: World, profile: str) -> None:
    scene = await staged(world, profile, access_ttl=600)
    granted = await scene.granted(scope="read write")

    found = await world.fetch(scene.service, granted["access_token"])

    end = datetime.fromisoformat(found.result["expires"])
    assert 590 < (end - datetime.now(UTC)).total_seconds() <= 600
    assert (found.result["scope"], found.result["user_context"]) == ("read write", "user")
    assert found.result["client_id"] == scene.client.client_id


@pytest.mark.keeps("D16-68", "D10-23")
@both_drafts
@pytest.mark.parametrize("why", ["expired", "revoked", "owner-revoked", "of-another-service", "refresh-token", "code"])
async def test_a_resource_server_is_told_of_no_token_that_does_not_live(world: World, profile: str, why: str) -> None:
    scene = await staged(world, profile, access_ttl=1 if why == "expired" else 600)
    granted, code = await scene.granted(), await scene.code()
    others = {"refresh-token": granted["refresh_token"], "code": code}
    token = str(others.get(why, granted["access_token"]))
    service = await world.add_service(profile) if why == "of-another-service" else scene.service
    if why == "expired":
        await token_expired(world.store, token)
    if why == "revoked":
        await scene.call("revokeAccessToken", names(scene.service, scene.client, access_token=token))
    if why == "owner-revoked":
        await scene.call("revokeUserApplication", names(scene.service, scene.client, user_context="user"))

    one, several = await world.fetch(service, token), await world.fetch(service, [token])

    assert one.error["message"] == "Invalid Access Token"
    assert several.result == []
