"""The calls that read, change and revoke."""

from __future__ import annotations

from typing import Any

from tests.flows.calls import granted, listed, revoke, revoke_user, update
from tests.world import Answer, World

from .calls import Call, Given, Members, check_all_dead, check_whole
from .stage import Trial


async def _have_grant(world: World, given: Given) -> Members:
    return await granted(world, given.service, given.client, scope="read write")


async def _look(world: World, given: Given) -> Answer:
    return await world.call("fetchApplication", given.named())


async def _check_look(world: World, given: Given, trial: Trial) -> None:
    found = trial.answer if trial.succeeded else await _look(world, given)
    assert found.result["id"] == given.client.id


async def _fetch(world: World, given: Given) -> Answer:
    return await world.fetch(given.service, given.texts["access_token"])


async def _check_fetch(world: World, given: Given, trial: Trial) -> None:
    found = trial.answer if trial.succeeded else await _fetch(world, given)
    assert found.result["scope"] == "read write"


async def _fetch_list(world: World, given: Given) -> Answer:
    return await world.fetch(given.service, [given.texts["access_token"], "t" * 44])


async def _check_fetch_list(world: World, given: Given, trial: Trial) -> None:
    """A token is not left out because the store did not tell of it."""
    found = trial.answer if trial.succeeded else await _fetch_list(world, given)
    assert [entry["access_token"] for entry in found.result] == [given.texts["access_token"]]


async def _list(world: World, given: Given) -> Answer:
    return await world.call("fetchUserApplications", [given.service.key, "user"])


async def _check_list(world: World, given: Given, trial: Trial) -> None:
    found = trial.answer if trial.succeeded else await _list(world, given)
    assert [entry["access_tokens"] for entry in found.result] == [[given.texts["access_token"]]]


async def _revoke(world: World, given: Given) -> Answer:
    return await revoke(world, given.service, given.client, given.texts["access_token"])


async def _revoke_refresh(world: World, given: Given) -> Answer:
    return await revoke(world, given.service, given.client, given.texts["refresh_token"])


async def _revoke_user(world: World, given: Given) -> Answer:
    return await revoke_user(world, given.service, given.client)


def _check_revoked(act: Any) -> Any:
    async def check(world: World, given: Given, trial: Trial) -> None:
        """A revocation answered with true is in force; one that was not is whole or has not begun; again it is."""
        if trial.succeeded:
            assert trial.result is True
        else:
            assert await check_whole(world, given, given.texts) is (not trial.writes)
            assert (await act(world, given)).result is True
        await check_all_dead(world, given, given.texts)

    return check


async def _have_moved_here(world: World, given: Given) -> Members:
    made = await granted(world, given.service, given.client, "former")
    assert (await update(world, given.service, given.client, made["access_token"], user_context="user")).result
    own = await _have_grant(world, given)
    return {"moved_access": made["access_token"], "moved_refresh": made["refresh_token"], **own}


async def _check_all_revoked(world: World, given: Given, trial: Trial) -> None:
    """A user's revocation reaches what was moved to that user as well, at the next try if not at the first."""
    if trial.succeeded:
        assert trial.result is True
    else:
        assert (await _revoke_user(world, given)).result is True
    await check_all_dead(world, given, given.texts)
    moved = {"access_token": given.texts["moved_access"], "refresh_token": given.texts["moved_refresh"]}
    await check_all_dead(world, given, moved)


async def _update(world: World, given: Given) -> Answer:
    return await update(world, given.service, given.client, given.texts["access_token"], scope="read", expires_in=900)


async def _check_update(world: World, given: Given, trial: Trial) -> None:
    """The token is as it was or as it was to be, and its grant with it."""
    token, family = given.texts["access_token"], given.texts["refresh_token"]
    seen = (await world.fetch(given.service, token)).result["scope"]
    assert seen == ("read" if trial.writes else "read write")
    assert not trial.succeeded or trial.result["scope"] == seen == "read"
    assert (await world.refresh(given.service, given.client, family)).result["scope"] == seen
    assert (await _update(world, given)).result["scope"] == "read"


async def _move(world: World, given: Given) -> Answer:
    return await update(world, given.service, given.client, given.texts["access_token"], user_context="other")


async def _check_move(world: World, given: Given, trial: Trial) -> None:
    """The token is one user's or the other's; whose it is can revoke it and its grant."""
    token, family = given.texts["access_token"], given.texts["refresh_token"]
    owner = (await world.fetch(given.service, token)).result["user_context"]
    assert not trial.succeeded or owner == "other"
    for user in ("user", "other"):
        assert await listed(world, given.service, user) == ([token] if user == owner else [])
    assert (await revoke_user(world, given.service, given.client, owner)).result is True
    assert not await world.is_alive(given.service, token)
    refused = await world.refresh(given.service, given.client, family)
    assert refused.error["message"] == "Invalid refresh token"


USING = (
    Call("fetchApplication", 2, _look, _check_look),
    Call("fetchAccessToken", 4, _fetch, _check_fetch, _have_grant),
    Call("fetchAccessToken of a list", 4, _fetch_list, _check_fetch_list, _have_grant),
    Call("fetchUserApplications", 5, _list, _check_list, _have_grant),
    Call("revokeAccessToken", 4, _revoke, _check_revoked(_revoke), _have_grant),
    Call("revokeAccessToken of a refresh token", 3, _revoke_refresh, _check_revoked(_revoke_refresh), _have_grant),
    Call("revokeUserApplication", 3, _revoke_user, _check_revoked(_revoke_user), _have_grant),
    Call("revokeUserApplication with moved tokens", 6, _revoke_user, _check_all_revoked, _have_moved_here),
    Call("updateAccessToken", 5, _update, _check_update, _have_grant),
    Call("updateAccessToken to another user", 7, _move, _check_move, _have_grant),
)
