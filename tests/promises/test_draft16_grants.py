"""Draft 16 §4.3 to §4.5: the owner's password, the client for itself, and grants of other documents."""

from __future__ import annotations

import random

import pytest

from mashery_oauth.flows import FLOWS
from mashery_oauth.presets import PRESETS
from tests.effort import tally, times
from tests.wire.profiles import staged
from tests.world import World

from .asking import refusal

KNOWN = {name for flow in FLOWS.values() for name, where in flow.grant_types.items() if "draft16" in where}
UNKNOWN = ["none", "assertion", "Password", "password ", " password", "client_credentials\x00", "code", "token",
           "authorization-code", "refresh", "implicit,password", "pass\u200bword", "passw\u043erd"]  # fmt: skip
EXTENSIONS = [
    "http://oauth.net/grant_type/assertion/saml/2.0/bearer",
    "urn:ietf:params:oauth:grant-type:saml2-bearer",
    "urn:ietf:params:oauth:grant-type:jwt-bearer",
    "urn:ietf:params:oauth:grant-type:device_code",
    "https://example.com/grant?a=b#c",
    "http://oauth.net/grant_type/password",
]


@pytest.mark.keeps("D16-48")
async def test_a_password_that_comes_along_is_passed_over_and_the_provider_names_the_user(world: World) -> None:
    scene = await staged(world, "draft16")
    owner = {"username": "j\u00f6hn", "password": "\u30d1\u30b9\u30ef\u30fc\u30c9"}

    made = await scene.token({"grant_type": "password"} | owner, user_context="user")
    other = await scene.token({"grant_type": "password"} | owner, user_context="j\u00f6rg \U0001f600")

    assert (await world.fetch(scene.service, made.result["access_token"])).result["user_context"] == "user"
    fetched = await world.fetch(scene.service, other.result["access_token"])
    assert fetched.result["user_context"] == "j\u00f6rg \U0001f600"


@pytest.mark.keeps("D16-50")
@pytest.mark.parametrize("preset", PRESETS)
async def test_no_new_service_takes_passwords_until_somebody_says_so(one_world: World, preset: str) -> None:
    service = await one_world.add_service(preset, all_flows=False)
    client = await one_world.add_application(service)

    found = await one_world.token(service, client, {"grant_type": "password"})

    assert refusal(found) == "unsupported_grant_type"


@pytest.mark.keeps("D16-51")
@pytest.mark.parametrize("client_id", [None, "", "nobody"])
async def test_a_client_that_acts_for_itself_says_who_it_is(one_world: World, client_id: str | None) -> None:
    scene = await staged(one_world, "draft16")
    identity = {"client_id": client_id, "client_secret": scene.secret}

    found = await scene.token({"grant_type": "client_credentials"}, client=identity)

    assert refusal(found) == ("invalid_client" if client_id else "invalid_request")


@pytest.mark.keeps("D16-53")
@pytest.mark.parametrize("grant_type", EXTENSIONS)
async def test_no_grant_type_of_another_document_is_taken(one_world: World, grant_type: str) -> None:
    scene = await staged(one_world, "draft16")

    found = await scene.token({"grant_type": grant_type, "assertion": "PEFzc2VydGlvbj4"})

    assert refusal(found) == "unsupported_grant_type"


def some_grant_types() -> list[str]:
    """Names that are nearly right, and some that chance has made."""
    chance, count = random.Random(54), times(40)
    near = [name[:at] + name[at + 1 :] for name in sorted(KNOWN) for at in range(0, len(name), 4)]
    letters = "abcdefghijklmnopqrstuvwxyz_:/ -\u00e9"
    made = ["".join(chance.choices(letters, k=chance.randrange(1, 30))) for _ in range(count)]
    return [name for name in (*UNKNOWN, *near, *made) if name not in KNOWN]


@pytest.mark.keeps("D16-54")
async def test_an_unknown_grant_type_is_unsupported_with_400(one_world: World) -> None:
    scene = await staged(one_world, "draft16")
    named = some_grant_types()

    found = [await scene.token({"grant_type": name}) for name in named]

    assert {refusal(answer) for answer in found} == {"unsupported_grant_type"}
    assert {answer.oauth["error_response"]["status"] for answer in found} == {400}
    tally("unknown grant types", len(named))
