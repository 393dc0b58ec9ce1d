"""Libraries that know nothing of this provider go through every flow that they have."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest

from tests.effort import tally
from tests.provider.visiting import ANNA

from .conftest import Open, Tell, error_of
from .errand import Errand, Library, Told
from .libraries import LIBRARIES
from .matrix import PROFILES, REFUSALS, Case, cases
from .scene import SCOPE, Scene

Check = Callable[[Scene, Errand, Told], Awaitable[None]]
WITH_TOKENS = ("refresh_token", "revocation", "introspection")
INTROSPECTING = [library for library in LIBRARIES if "introspection" in library.flows]
NO_USER = "client_credentials"
ENDPOINTS = ("authorization_endpoint", "token_endpoint", "revocation_endpoint", "introspection_endpoint")


def name_of(case: Case) -> str:
    library, flow, profile = case
    return f"{library.name}-{flow}-{profile}"


async def is_granted(scene: Scene, errand: Errand, told: Told) -> None:
    """The library has a token that works, and knows of it what the service knows."""
    seen = await scene.seen(told["access_token"])
    assert (seen["client_id"], seen["user_context"]) == (errand.client_id, ANNA.user_context)
    assert set(seen["scope"].split()) == set(SCOPE.split())
    assert told["token_type"].lower() == "bearer"
    assert int(told["expires_in"]) == scene.service.policy.access_ttl


async def is_granted_without_a_user(scene: Scene, errand: Errand, told: Told) -> None:
    seen = await scene.seen(told["access_token"])
    assert (seen["client_id"], seen["user_context"]) == (errand.client_id, None)
    assert set(seen["scope"].split()) == set(SCOPE.split())
    assert int(told["expires_in"]) == scene.service.policy.access_ttl


async def is_granted_anew(scene: Scene, errand: Errand, told: Told) -> None:
    await is_granted(scene, errand, told)
    assert told["access_token"] != errand.access_token
    assert told["refresh_token"] != errand.refresh_token


async def is_dead(scene: Scene, errand: Errand, told: Told) -> None:
    assert not await scene.world.is_alive(scene.service, errand.access_token)


async def is_told_of(scene: Scene, errand: Errand, told: Told) -> None:
    assert (told["active"], told["client_id"]) == (True, errand.client_id)
    assert (told["sub"], told["username"]) == (ANNA.user_context, ANNA.user_context)
    assert (set(told["scope"].split()), told["iss"]) == (set(SCOPE.split()), errand.issuer)
    assert told["exp"] > 1_700_000_000


async def is_described(scene: Scene, errand: Errand, told: Told) -> None:
    assert told["issuer"] == errand.issuer
    assert {name: told[name] for name in ENDPOINTS} == {name: getattr(errand, name) for name in ENDPOINTS}


CHECKS: dict[str, Check] = {
    NO_USER: is_granted_without_a_user,
    "refresh_token": is_granted_anew,
    "revocation": is_dead,
    "introspection": is_told_of,
    "metadata": is_described,
}


@pytest.mark.parametrize("case", cases(refused=False), ids=name_of)
async def test_completes_the_flow(open_scene: Open, tell: Tell, case: Case) -> None:
    library, flow, profile = case
    scene = await open_scene(profile, public=flow == "public")
    errand = await scene.with_tokens() if flow in WITH_TOKENS else scene.errand

    told = await tell(library, flow, errand)

    await CHECKS.get(flow, is_granted)(scene, errand, told)
    tally("flows that libraries have completed")


@pytest.mark.parametrize("case", cases(refused=True), ids=name_of)
async def test_understands_what_its_text_does_not_have(open_scene: Open, tell: Tell, case: Case) -> None:
    library, flow, profile = case
    scene = await open_scene(profile, public=flow == "public")

    error = await error_of(library, tell(library, flow, scene.errand))

    heard = error == REFUSALS[profile, flow]
    assert heard is (flow not in library.deaf)  # one that hears at last is to be praised in the documentation
    tally("refusals that libraries have understood", heard)


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize(
    "library", [each for each in LIBRARIES if "introspection" in each.flows], ids=lambda of: of.name
)
async def test_sees_that_a_token_is_dead(open_scene: Open, tell: Tell, library: Library, profile: str) -> None:
    scene = await open_scene(profile)
    errand = await scene.with_tokens()
    await tell(library, "revocation", errand)

    told = await tell(library, "introspection", errand)

    assert told == {"active": False}


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("library", LIBRARIES, ids=lambda library: library.name)
async def test_understands_that_its_refresh_token_is_dead(
    open_scene: Open, tell: Tell, library: Library, profile: str
) -> None:
    scene = await open_scene(profile)
    errand = await scene.with_tokens()
    token = {"client_id": errand.client_id, "client_secret": errand.client_secret}
    await scene.world.call("revokeAccessToken", [scene.service.key, token, errand.access_token])

    error = await error_of(library, tell(library, "refresh_token", errand))

    assert error == "invalid_grant"
