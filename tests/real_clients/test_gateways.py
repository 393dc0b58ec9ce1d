"""Servers of others protect a page: they introspect what comes, as the files in ``gateways`` have it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.effort import tally
from tests.waiting import until

from .conftest import Open
from .gateways.running import PAGE, Start, apache, nginx
from .matrix import PROFILES

GATEWAYS = {"nginx": nginx, "Apache": apache}


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("start", GATEWAYS.values(), ids=GATEWAYS)
async def test_lets_a_good_token_through_and_no_other(
    open_scene: Open, start: Start, profile: str, tmp_path: Path
) -> None:
    scene = await open_scene(profile)
    own, other = await scene.with_tokens(), await open_scene(profile)
    foreign = await other.with_tokens()

    async with start(scene, tmp_path) as gateway:
        good = await gateway.get(f"Bearer {own.access_token}")
        bad = [
            await gateway.get(authorization)
            for authorization in (
                "",
                "Bearer nonsense",
                f"Bearer {foreign.access_token}",
                f"Bearer {own.refresh_token}",
                f"Basic {own.access_token}",
            )
        ]

    assert (good.status_code, good.text) == (200, PAGE)
    assert [answer.status_code for answer in bad] == [401] * 5
    assert all(answer.headers["WWW-Authenticate"].startswith("Bearer") for answer in bad)
    tally("tokens that servers of others have introspected", 4)


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("start", GATEWAYS.values(), ids=GATEWAYS)
async def test_lets_a_revoked_token_through_no_longer(
    open_scene: Open, start: Start, profile: str, tmp_path: Path
) -> None:
    scene = await open_scene(profile)
    errand = await scene.with_tokens()
    owner = {"client_id": errand.client_id, "client_secret": errand.client_secret}

    async with start(scene, tmp_path) as gateway:
        before = await gateway.get(f"Bearer {errand.access_token}")
        await scene.world.call("revokeAccessToken", [scene.service.key, owner, errand.access_token])

        async def is_refused() -> bool:
            return (await gateway.get(f"Bearer {errand.access_token}")).status_code == 401

        await until(is_refused)

    assert before.status_code == 200


@pytest.mark.parametrize("start", GATEWAYS.values(), ids=GATEWAYS)
async def test_lets_nothing_through_while_the_provider_is_away(open_scene: Open, start: Start, tmp_path: Path) -> None:
    scene = await open_scene("rfc6749")
    errand = await scene.with_tokens()
    async with start(scene, tmp_path) as gateway:
        await scene.close()

        answer = await gateway.get(f"Bearer {errand.access_token}")

    assert answer.status_code in (401, 500)
    assert PAGE not in answer.text
