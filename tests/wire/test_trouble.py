"""What is not the client's fault: a store that is gone, slow or read-only, and a fault of ours."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from structlog.testing import capture_logs

from mashery_oauth.dialects import DIALECTS, Dialect
from mashery_oauth.flows import FLOWS
from mashery_oauth.methods import fetch_application
from mashery_oauth.store.tokens import Tokens
from tests.world import HTTPS, Answer, World

from .conditions import PROFILES, Condition, answer, check, redirected, sent_on
from .conftest import Connected
from .scene import CODE, DOORS, IMPLICIT, LOOK, LOOK_FOR_TOKEN, TOKEN, Door, Members, Scene

SECRET_WORDS = "what only the log may have"
UNAVAILABLE = {"": "temporarily_unavailable", "draft16": "503"}
INTERNAL = {"": "server_error", "draft16": "500"}
GOES_ON = [(door, profile) for door in (CODE, TOKEN, IMPLICIT) for profile in PROFILES
           if door is CODE or profile != "oauth21"]  # fmt: skip

together = pytest.mark.asyncio(loop_scope="module")
dialects = pytest.mark.parametrize("dialect", DIALECTS, ids=lambda dialect: dialect.name)
profiles = pytest.mark.parametrize("profile", PROFILES)
doors = pytest.mark.parametrize("door", DOORS, ids=lambda door: door.name)
goes_on = pytest.mark.parametrize(("door", "profile"), GOES_ON, ids=lambda value: getattr(value, "name", value))


async def _never(scene: Scene) -> Answer:
    raise AssertionError("trouble is made by each test itself")


GONE = Condition("unavailable", "Service temporarily unavailable", UNAVAILABLE, _never, code=-32603, status=503)
OURS = Condition("internal_error", "Internal error", INTERNAL, _never, code=-32603, status=500)


async def staged(world: World, profile: str, dialect: Dialect, door: Door = CODE) -> Scene:
    """A scene that has been played once, so that service, client and caller are known to the process."""
    service = await world.add_service(profile)
    scene = Scene(world, service, await world.add_application(service), dialect, door)
    assert (await replace(scene, door=LOOK).ask()).result
    return scene


@pytest.mark.keeps("D16-63")
@together
@dialects
@goes_on
async def test_tells_of_an_outage_by_redirection_once_the_uri_is_verified(
    connected: Connected, door: Door, profile: str, dialect: Dialect
) -> None:
    scene = await staged(connected.world, profile, dialect, door)
    connected.line.cut()

    found = await scene.ask()

    relayed = redirected(GONE, profile, door)
    check(GONE, dialect, found, answer(GONE, dialect, GONE.error(profile), relayed))


@together
@dialects
@profiles
@doors
async def test_tells_nobody_to_redirect_while_the_client_is_not_verified(
    connected: Connected, door: Door, profile: str, dialect: Dialect
) -> None:
    scene = await staged(connected.world, profile, dialect, door)
    connected.line.cut()

    found = await scene.ask(client_id="not-asked-for-before")

    check(GONE, dialect, found, answer(GONE, dialect, GONE.error(profile), None))


@pytest.mark.keeps("D16-63")
@together
@dialects
@profiles
@pytest.mark.parametrize("what", ["client_credentials", "code", "refresh_token"])
async def test_tells_of_an_outage_in_a_body_at_the_token_step(
    connected: Connected, what: str, profile: str, dialect: Dialect
) -> None:
    scene = await staged(connected.world, profile, dialect)
    code, granted = await scene.code(), await scene.granted()
    connected.line.cut()

    if what == "client_credentials":
        found = await scene.token({"grant_type": "none" if profile == "draft10" else what})
    elif what == "code":
        found = await scene.redeem(code)
    else:
        found = await scene.refresh(granted["refresh_token"])

    check(GONE, dialect, found, answer(GONE, dialect, GONE.error(profile), sent_on(GONE, profile)))


@together
@dialects
@profiles
async def test_tells_of_an_outage_in_a_method_that_is_no_step(
    connected: Connected, profile: str, dialect: Dialect
) -> None:
    scene = await staged(connected.world, profile, dialect)
    connected.line.cut()

    found = await scene.call("fetchAccessToken", {"service_key": scene.service.key, "access_token": "t" * 44})

    check(GONE, dialect, found, answer(GONE, dialect, GONE.error(profile), None))


@together
@dialects
@pytest.mark.parametrize(
    "method", ["fetchApplication", "createAuthorizationCode", "createAccessToken", "fetchAccessToken"]
)
async def test_nests_nothing_while_the_profile_is_not_known(
    connected: Connected, method: str, dialect: Dialect
) -> None:
    scene = await staged(connected.world, "draft16", dialect)
    connected.line.cut()
    params: Members = {"service_key": "not-asked-for-before", "access_token": "t" * 44}

    found = await scene.call(method, params | {"client": {"client_id": "a"}, "uri": {"redirect_uri": HTTPS}})

    told = {"message": GONE.message, "code": GONE.code}
    check(GONE, dialect, found, {"jsonrpc": "2.0", "id": 1, "error": told})


@pytest.fixture(autouse=True)
def logged() -> Iterator[list[Any]]:
    """What was logged, kept out of sight."""
    with capture_logs() as entries:
        yield entries


def _fails(monkeypatch: pytest.MonkeyPatch, flow: str) -> None:
    """Lets whatever the flow does raise."""

    async def fail(*_: Any, **__: Any) -> Any:
        raise RuntimeError(SECRET_WORDS)

    broken = replace(FLOWS[flow], issue=fail, authorize=fail if FLOWS[flow].authorize else None)
    monkeypatch.setitem(FLOWS, flow, broken)


@together
@dialects
@goes_on
async def test_tells_of_our_fault_by_redirection_once_the_uri_is_verified(
    connected: Connected, monkeypatch: pytest.MonkeyPatch, door: Door, profile: str, dialect: Dialect
) -> None:
    scene = await staged(connected.world, profile, dialect, door)
    _fails(monkeypatch, door.flow)

    found = await scene.ask()

    check(OURS, dialect, found, answer(OURS, dialect, OURS.error(profile), redirected(OURS, profile, door)))
    assert SECRET_WORDS.encode() not in found.body


@together
@dialects
@profiles
async def test_tells_of_our_fault_in_a_body_at_the_token_step(
    connected: Connected, monkeypatch: pytest.MonkeyPatch, profile: str, dialect: Dialect
) -> None:
    scene = await staged(connected.world, profile, dialect)
    _fails(monkeypatch, "client_credentials")

    found = await scene.token({"grant_type": "none" if profile == "draft10" else "client_credentials"})

    check(OURS, dialect, found, answer(OURS, dialect, OURS.error(profile), sent_on(OURS, profile)))
    assert SECRET_WORDS.encode() not in found.body


@together
@dialects
@profiles
@pytest.mark.parametrize("door", [LOOK, LOOK_FOR_TOKEN], ids=lambda door: door.name)
async def test_tells_nobody_to_redirect_when_looking_at_the_client_failed(
    connected: Connected, monkeypatch: pytest.MonkeyPatch, door: Door, profile: str, dialect: Dialect
) -> None:
    scene = await staged(connected.world, profile, dialect, door)

    def fail(*_: Any) -> Any:
        raise RuntimeError(SECRET_WORDS)

    monkeypatch.setattr(fetch_application, "look_up", fail)
    found = await scene.ask()

    check(OURS, dialect, found, answer(OURS, dialect, OURS.error(profile), None))
    assert SECRET_WORDS.encode() not in found.body


@together
@dialects
async def test_tells_of_our_fault_in_a_method_that_is_no_step(
    connected: Connected, monkeypatch: pytest.MonkeyPatch, dialect: Dialect
) -> None:
    scene = await staged(connected.world, "rfc6749", dialect)

    async def fail(*_: Any) -> Any:
        raise RuntimeError(SECRET_WORDS)

    monkeypatch.setattr(Tokens, "fetch", fail)
    found = await scene.call("fetchAccessToken", {"service_key": scene.service.key, "access_token": "t" * 44})

    check(OURS, dialect, found, answer(OURS, dialect, "server_error", None))
    assert SECRET_WORDS.encode() not in found.body
