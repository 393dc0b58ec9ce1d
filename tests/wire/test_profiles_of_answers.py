"""The profiles, switch by switch, continued: errors, where they go, and what kind of token there is."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

import pytest
from structlog.testing import capture_logs

from mashery_oauth.flows import FLOWS
from mashery_oauth.operation import OperationError
from mashery_oauth.presets import preset
from mashery_oauth.rails import check_policy
from tests.world import SECRET, World

from .profiles import PUBLIC, across, outcome, staged
from .scene import CODE, IMPLICIT, LOOK, LOOK_FOR_TOKEN, TOKEN, Scene

together = pytest.mark.asyncio(loop_scope="module")


@pytest.mark.keeps("D16-63")
@together
@across("error", "server_error", "500", "server_error", "server_error")
async def test_numeric_errors(stage: World, monkeypatch: pytest.MonkeyPatch, profile: str, error: str) -> None:
    scene = await staged(stage, profile)
    code = await scene.code()

    async def fail(*_: Any) -> Any:
        raise RuntimeError

    broken = replace(FLOWS["authorization_code"], issue=fail, authorize=fail)
    monkeypatch.setitem(FLOWS, "authorization_code", broken)
    with capture_logs():
        asked, redeemed = await scene.ask(), await scene.redeem(code)

    assert [outcome(asked), outcome(redeemed)] == [error, error]
    assert asked.oauth["error_response"]["response"]["error"] == error
    assert redeemed.oauth["error_response"]["response"]["error"] == error
    assert redeemed.oauth["error_response"]["status"] == 500


@together
@pytest.mark.parametrize("door", [LOOK, CODE, TOKEN, IMPLICIT], ids=lambda door: door.name)
@across(
    "unknown,mismatch",
    ("invalid_client", "redirect_uri_mismatch"),
    *[("unauthorized_client", "invalid_request")] * 3,
)
async def test_authorization_error_for_unknown_client_and_redirect_mismatch(
    stage: World, profile: str, unknown: str, mismatch: str, door: Any
) -> None:
    scene = await staged(stage, profile, door)

    stranger = await scene.ask(client_id="nobody")
    elsewhere = await scene.ask(redirect_uri="https://attacker.example.net/")

    assert [outcome(stranger), outcome(elsewhere)] == [unknown, mismatch]
    assert stranger.oauth["error_response"] is None
    assert elsewhere.oauth["error_response"] is None


@together
@pytest.mark.parametrize("door", [LOOK_FOR_TOKEN, TOKEN, IMPLICIT], ids=lambda door: door.name)
@across("part", "query", "fragment", "fragment", "fragment")
async def test_place_of_implicit_errors(stage: World, profile: str, part: str, door: Any) -> None:
    scene = await staged(stage, profile, door, client={"flows": frozenset()})

    found = await scene.ask()

    told = found.oauth["error_response"]
    parts = urlsplit(told["headers"]["Location"])
    assert told["uri"]["redirect_uri"] == told["headers"]["Location"]
    assert [name for name in ("query", "fragment") if getattr(parts, name)] == [part]


@together
@pytest.mark.parametrize("identity", [{"client_id": "nobody"}, {"client_secret": "wrong"}], ids=["unknown", "wrong"])
@across("status", 400, 401, 401, 401)
async def test_invalid_client_status(stage: World, profile: str, status: int, identity: dict[str, str]) -> None:
    scene = await staged(stage, profile)
    right = {"client_id": scene.client.client_id, "client_secret": SECRET}

    found = await scene.token({"grant_type": "refresh_token"}, client=right | identity)

    told = found.oauth["error_response"]
    challenge = {"WWW-Authenticate": 'Basic realm="Test Site"'} if status == 401 else {}
    assert told["response"]["error"] == "invalid_client"
    assert told["status"] == status
    assert {name: told["headers"][name] for name in told["headers"] if name == "WWW-Authenticate"} == challenge


@together
@pytest.mark.parametrize("door", [LOOK, CODE, TOKEN, IMPLICIT], ids=lambda door: door.name)
@across("status", 302, 302, 302, 303)
async def test_redirect_status(stage: World, profile: str, status: int, door: Any) -> None:
    scene = await staged(stage, profile, door, client={"flows": frozenset()})

    found = await scene.ask()

    assert found.oauth["error_response"]["status"] == status


@together
@across("with_pragma", False, False, True, False)
async def test_pragma_in_bodies(stage: World, profile: str, *, with_pragma: bool) -> None:
    scene = await staged(stage, profile)

    found = await scene.token({"grant_type": "magic"})

    assert ("Pragma" in found.oauth["error_response"]["headers"]) == with_pragma


@across("has_mac", False, True, True, False)
def test_token_type_mac(profile: str, *, has_mac: bool) -> None:
    policy = replace(preset(profile), token_type="mac")

    if has_mac:
        check_policy(policy, imported=False)
    else:
        with pytest.raises(OperationError, match="has no mac tokens"):
            check_policy(policy, imported=True)


@together
@pytest.mark.parametrize("profile", ["draft16", "rfc6749"])
async def test_token_type_mac_gives_mac_tokens(stage: World, profile: str) -> None:
    scene = await staged(stage, profile, token_type="mac")

    found = await scene.token({"grant_type": "client_credentials"})

    assert found.result["token_type"] == "mac"
    assert set(found.result["extended"]) == {"mac_key", "mac_algorithm"}


@together
@across("split", "read write", "read+write", "read+write", "read+write")
async def test_scope_separators(stage: World, profile: str, split: str) -> None:
    scene = await staged(stage, profile, scope_separators=" +" if profile == "draft10" else " ")

    found = await scene.redeem(await scene.code(scope="read+write"))

    assert found.result["scope"] == split


@across("can_have_two", True, False, False, False)
def test_scope_separators_are_a_choice_of_draft10_alone(profile: str, *, can_have_two: bool) -> None:
    policy = replace(preset(profile), scope_separators=" +")

    if can_have_two:
        check_policy(policy, imported=False)
    else:
        with pytest.raises(OperationError, match="separator"):
            check_policy(policy, imported=True)


async def _rotates(scene: Scene) -> bool:
    """Whether a refresh token is replaced when it is used."""
    first = (await scene.granted())["refresh_token"]
    second = (await scene.refresh(first)).result["refresh_token"]
    return bool(first != second)


@together
@across("by_default,switched_off,public", *[(True, False, None)] * 2, *[(True, False, True)] * 2)
async def test_refresh_rotation(
    stage: World, profile: str, *, by_default: bool, switched_off: bool, public: bool | None
) -> None:
    on, off = await staged(stage, profile), await staged(stage, profile, refresh_rotation=False)

    found = [await _rotates(scene) for scene in (on, off)]

    assert found == [by_default, switched_off]
    if public is not None:
        client = await stage.add_application(off.service, **PUBLIC)
        assert await _rotates(replace(off, client=client)) == public
