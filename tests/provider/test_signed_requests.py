"""The sample resource: requests that are signed with the key of a MAC token, and those that should have been."""

from __future__ import annotations

import secrets
import time
from typing import Any

import pytest
from yarl import URL

from mashery_oauth.provider.mac import Received, Signed, body_hash, normalized, signature
from tests.world import World

from .protected import REALM, scene, token
from .scene import FORM, Provider, Serve


def signed_header(provider: Provider, made: Any, method: str, target: str, body: bytes, *, draft: str) -> str:
    """A header as a client of either text makes it, from what the token's answer said."""
    url = provider.http.make_url("/")
    nonce, algorithm = secrets.token_hex(4), made["mac_algorithm"]
    if draft == "00":
        values = {"id": made["access_token"], "nonce": f"3:{nonce}", "bodyhash": body_hash(algorithm, body)}
    else:
        values = {"id": made["access_token"], "ts": str(int(time.time())), "nonce": nonce, "ext": "a,b,c"}
    received = Received(method, target, str(url.host), int(url.port or 0), body)
    text = normalized(Signed(mac="", **values), received)
    values["mac"] = signature(made["mac_key"], algorithm, text)
    return "MAC " + ", ".join(f'{name}="{value}"' for name, value in values.items())


@pytest.mark.parametrize("draft", ["00", "01"])
@pytest.mark.parametrize("algorithm", ["hmac-sha-1", "hmac-sha-256"])
@pytest.mark.parametrize("profile", ["draft16", "rfc6749"])
async def test_a_signed_request_is_good_once(
    serve: Serve, one_world: World, profile: str, algorithm: str, draft: str
) -> None:
    provider, service, application = await scene(
        serve, one_world, profile, {"token_type": "mac", "mac_algorithm": algorithm}, token_type="mac"
    )
    made = await token(provider, service, application)
    target, body = "/resource/1?b5=%3D%253D&a3=a&c%40=&a2=r%20b&c2&a3=2+q", b"hello=world%21"
    header = {"Authorization": signed_header(provider, made, "POST", target, body, draft=draft)}

    answers = [await raw_post(provider, target, body, header) for _ in range(2)]

    assert answers[0] == (200, "")
    assert answers[1] == (401, f'MAC {REALM}, error="invalid_token"')


async def raw_post(provider: Provider, target: str, body: bytes, headers: dict[str, str]) -> tuple[int, str]:
    """A request whose target is not normalised on its way; its status and challenge."""
    url = URL(f"{provider.http.make_url('/')}".rstrip("/") + target, encoded=True)
    async with provider.http.session.post(url, data=body, headers=headers | {"Content-Type": FORM}) as response:
        return response.status, response.headers.get("WWW-Authenticate", "")


@pytest.mark.parametrize("change", ["target", "body", "key", "id"])
async def test_a_request_that_was_changed_on_its_way_is_refused(serve: Serve, one_world: World, change: str) -> None:
    mac = {"token_type": "mac"}
    provider, service, application = await scene(serve, one_world, "draft16", mac, token_type="mac")
    made, other = [await token(provider, service, application) for _ in range(2)]
    forged = made | {"mac_key": other["mac_key"]} if change == "key" else made
    header = signed_header(provider, forged, "POST", "/resource/1", b"hello", draft="00")
    if change == "id":
        header = header.replace(made["access_token"], other["access_token"])
    target, body = "/resource/2" if change == "target" else "/resource/1", b"hullo" if change == "body" else b"hello"

    answer = await raw_post(provider, target, body, {"Authorization": header})

    assert answer == (401, f'MAC {REALM}, error="invalid_token"')


async def test_a_mac_token_is_good_for_nothing_without_its_key(serve: Serve, one_world: World) -> None:
    """Row R5: who only saw the token cannot bear it."""
    provider, service, application = await scene(serve, one_world, "draft16", {"token_type": "mac"}, token_type="mac")
    text = (await token(provider, service, application))["access_token"]

    answers = [
        await provider.get("/resource", {"Authorization": f"Bearer {text}"}),
        await provider.get(f"/resource?access_token={text}"),
        await provider.get("/resource", {"Authorization": f'MAC id="{text}", nonce="1:x", mac=""'}),
        await provider.get("/resource", {"Authorization": f'MAC id="{text}"'}),
        await provider.get("/resource"),
    ]

    assert [(answer.status, answer.headers["WWW-Authenticate"]) for answer in answers] == [
        (401, f'MAC {REALM}, error="invalid_request"'),
        (401, f'MAC {REALM}, error="invalid_request"'),
        (401, f'MAC {REALM}, error="invalid_token"'),
        (400, f'MAC {REALM}, error="invalid_request"'),
        (401, f"MAC {REALM}"),
    ]


async def test_a_token_is_used_in_the_way_that_it_was_issued_for(serve: Serve, one_world: World) -> None:
    """Row R5: the service has turned from MAC to bearer tokens, and the older ones are still MAC tokens."""
    provider, service, application = await scene(serve, one_world, "draft16", {"token_type": "mac"})
    made = await token(provider, service, application)

    answer = await provider.get("/resource", {"Authorization": f"Bearer {made['access_token']}"})

    assert answer.status == 401
    assert answer.headers["WWW-Authenticate"] == f'Bearer {REALM}, error="invalid_token"'


@pytest.mark.parametrize("port", ["9" * 5000, "9" * 6, "", "x", "-1", "1.5", "\u0661"])
async def test_a_host_whose_port_is_none_is_signed_for_in_vain(serve: Serve, one_world: World, port: str) -> None:
    """An attack found that a port of 5,000 digits was answered with 500."""
    members = {"token_type": "mac", "mac_algorithm": "hmac-sha-256"}
    provider, service, application = await scene(serve, one_world, "draft16", members, token_type="mac")
    made = await token(provider, service, application)
    header = signed_header(provider, made, "GET", "/resource", b"", draft="01")

    answer = await provider.get("/resource", {"Authorization": header, "Host": f"a:{port}"})

    assert answer.status == 401
    assert 'error="invalid_token"' in answer.headers["WWW-Authenticate"]
