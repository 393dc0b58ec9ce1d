"""The calls that make codes and tokens."""

from __future__ import annotations

from typing import Any

from tests.flows.calls import granted, listed, password
from tests.world import HTTPS, Answer, World

from .calls import Call, Given, Members, check_one_grant
from .stage import Trial


async def _make_code(world: World, given: Given) -> Answer:
    uri = {"redirect_uri": HTTPS}
    return await world.call("createAuthorizationCode", given.named(uri=uri, user_context="user", response_type="code"))


async def _check_code(world: World, given: Given, trial: Trial) -> None:
    """A code that was told is redeemed once."""
    code = trial.result["code"] if trial.succeeded else await world.code(given.service, given.client)
    made = (await world.redeem(given.service, given.client, code)).result
    await check_one_grant(world, given, made)
    used = await world.redeem(given.service, given.client, code)
    assert used.error["message"] == "Invalid authorization code"


async def _have_code(world: World, given: Given) -> Members:
    return {"code": await world.code(given.service, given.client, scope="read write")}


async def _exchange(world: World, given: Given) -> Answer:
    return await world.redeem(given.service, given.client, given.texts["code"])


async def _check_exchange(world: World, given: Given, trial: Trial) -> None:
    """The code became the grant that was told; or it can be redeemed still; or what it became dies at the next try."""
    if trial.succeeded:
        await check_one_grant(world, given, trial.result)
        return
    again = await _exchange(world, given)
    if trial.writes:
        assert again.error["message"] == "Invalid authorization code"
        assert await listed(world, given.service) == []
    else:
        await check_one_grant(world, given, again.result)


async def _have_grant(world: World, given: Given) -> Members:
    return await granted(world, given.service, given.client, scope="read write")


async def _refresh(world: World, given: Given) -> Answer:
    return await world.refresh(given.service, given.client, given.texts["refresh_token"])


async def _check_refresh(world: World, given: Given, trial: Trial) -> None:
    """The refresh token has one successor: the one that was told, and the one that a retry is told."""
    again = (await _refresh(world, given)).result
    assert not trial.succeeded or again == trial.result
    assert set(await listed(world, given.service)) == {given.texts["access_token"], again["access_token"]}
    following = (await world.refresh(given.service, given.client, again["refresh_token"])).result
    reused = await _refresh(world, given)
    assert reused.error["message"] == "Invalid refresh token"
    assert not await world.is_alive(given.service, following["access_token"])


async def _check_refresh_without_grace(world: World, given: Given, trial: Trial) -> None:
    """Without grace a retry is taken for a thief: the family dies, with the successor that nobody was told."""
    again = trial.answer if trial.succeeded else await _refresh(world, given)
    if trial.writes and not trial.succeeded:
        assert again.error["message"] == "Invalid refresh token"
        assert await listed(world, given.service) == []
    else:
        assert await world.is_alive(given.service, again.result["access_token"])
        assert (await world.refresh(given.service, given.client, again.result["refresh_token"])).result


async def _check_refresh_without_rotation(world: World, given: Given, trial: Trial) -> None:
    """The refresh token stays; a token that nobody was told of may be there, none that was told is missing."""
    again = (trial.answer if trial.succeeded else await _refresh(world, given)).result
    assert again["refresh_token"] == given.texts["refresh_token"]
    tokens = await listed(world, given.service)
    assert {given.texts["access_token"], again["access_token"]} <= set(tokens)
    assert len(tokens) == 2 + (trial.writes > 0 and not trial.succeeded)


async def _have_moved_grant(world: World, given: Given) -> Members:
    made = await _have_grant(world, given)
    change = given.named(access_token=made["access_token"], user_context="other")
    assert (await world.call("updateAccessToken", change)).result
    return made


async def _check_moved_refresh(world: World, given: Given, trial: Trial) -> None:
    """The new token belongs to who has the grant now: it is listed there, and dies with that user."""
    again = (await _refresh(world, given)).result
    assert not trial.succeeded or again == trial.result
    assert set(await listed(world, given.service, "other")) == {given.texts["access_token"], again["access_token"]}
    assert await listed(world, given.service) == []
    assert (await world.call("revokeUserApplication", given.named(user_context="other"))).result is True
    assert not await world.is_alive(given.service, again["access_token"])


def _by(**token_data: str) -> Any:
    async def act(world: World, given: Given) -> Answer:
        uri = {"redirect_uri": HTTPS, "state": "state"}
        return await world.token(given.service, given.client, token_data, uri=uri, user_context="user")

    return act


def _by_client(world: World, given: Given) -> Any:
    return world.token(given.service, given.client, {"grant_type": "client_credentials"})


def _check_made(act: Any) -> Any:
    async def check(world: World, given: Given, trial: Trial) -> None:
        """What was told works; a retry works."""
        answer = trial.answer if trial.succeeded else await act(world, given)
        assert await world.is_alive(given.service, answer.result["access_token"])

    return check


async def _have_token(world: World, given: Given) -> Members:
    return dict((await password(world, given.service, given.client)).result)


async def _check_only(world: World, given: Given, trial: Trial) -> None:
    """Where there may be one token there is one: that which was told, or was before, or is replaced by a retry."""
    before = given.texts["access_token"]
    assert await world.is_alive(given.service, before) is (not trial.writes)
    assert len(await listed(world, given.service)) == 1
    answer = trial.answer if trial.succeeded else await password(world, given.service, given.client)
    await check_one_grant_of_one(world, given, answer.result)


async def check_one_grant_of_one(world: World, given: Given, made: Members) -> None:
    """As for any grant, where a refresh replaces the access token."""
    assert await listed(world, given.service) == [made["access_token"]]
    following = (await world.refresh(given.service, given.client, made["refresh_token"])).result
    assert await listed(world, given.service) == [following["access_token"]]


BY_PASSWORD, BY_FRAGMENT = _by(grant_type="password"), _by(response_type="token")

CREATING = (
    Call("createAuthorizationCode", 3, _make_code, _check_code),
    Call("createAccessToken: authorization_code", 3, _exchange, _check_exchange, _have_code),
    Call("createAccessToken: refresh_token", 3, _refresh, _check_refresh, _have_grant),
    Call(
        "createAccessToken: refresh_token without grace",
        3,
        _refresh,
        _check_refresh_without_grace,
        _have_grant,
        {"refresh_grace": 0},
    ),
    Call(
        "createAccessToken: refresh_token without rotation",
        3,
        _refresh,
        _check_refresh_without_rotation,
        _have_grant,
        {"refresh_rotation": False},
    ),
    Call("createAccessToken: refresh_token of a moved grant", 5, _refresh, _check_moved_refresh, _have_moved_grant),
    Call("createAccessToken: implicit", 3, BY_FRAGMENT, _check_made(BY_FRAGMENT)),
    Call("createAccessToken: client_credentials", 3, _by_client, _check_made(_by_client)),
    Call("createAccessToken: password", 3, BY_PASSWORD, _check_only, _have_token, {"allow_multiple_tokens": False}),
)
