"""The sample resource: tokens of every era, each at its own service, and refusals as the gateway words them."""

from __future__ import annotations

import secrets
import time
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

import pytest
from yarl import URL

from mashery_oauth.models import Application, Service
from mashery_oauth.provider.mac import Received, Signed, body_hash, normalized, signature
from tests.waiting import token_expired
from tests.world import World

from .scene import FORM, PROFILES, Provider, Serve, entry, no_user, own, packed

REALM = 'realm="127.0.0.1"'
SCHEME = {"draft10": "OAuth", "draft16": "Bearer", "rfc6749": "Bearer", "oauth21": "Bearer"}


async def scene(
    serve: Serve, world: World, profile: str, policy: dict[str, Any] | None = None, **members: object
) -> tuple[Provider, Service, Application]:
    """A provider in front of one service, whose resource is ``/resource``."""
    service = await world.add_service(profile, **(policy or {}))
    application = await world.add_application(service)
    provider = await serve(entry(service, rendering=profile, resource="/resource", **members))
    return provider, service, application


async def token(provider: Provider, service: Service, application: Application, **more: str) -> Any:
    """A token, had from the provider."""
    answer = await provider.token(no_user(service, **more) | own(application))
    assert answer.status == 200, answer
    return answer.json


def bearer(profile: str, text: str) -> dict[str, str]:
    """The header of the profile's text."""
    return {"Authorization": f"{SCHEME[profile]} {text}"}


@pytest.mark.parametrize("profile", PROFILES)
async def test_lets_a_token_through_and_says_what_the_api_behind_it_hears(
    serve: Serve, one_world: World, profile: str
) -> None:
    provider, service, application = await scene(serve, one_world, profile)
    made = await token(provider, service, application, scope="read")

    answer = await provider.get("/resource", bearer(profile, made["access_token"]))

    assert answer.status == 200
    assert answer.json["forwarded"] == {
        "X-Mashery-Oauth-Client-Id": application.client_id,
        "X-Mashery-Oauth-Scope": "read",
    }
    assert answer.headers["Cache-Control"] == "no-store"
    assert made["access_token"].encode() not in answer.body


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE"])
@pytest.mark.parametrize("place", ["oauth_token", "bearer_token", "access_token"])
async def test_a_parameter_is_read_where_its_text_has_it(
    serve: Serve, one_world: World, profile: str, method: str, place: str
) -> None:
    provider, service, application = await scene(serve, one_world, profile)
    text = (await token(provider, service, application))["access_token"]
    names = {"draft10": ("oauth_token",), "draft16": ("bearer_token", "access_token")}.get(profile, ("access_token",))

    query = await provider.send(method, f"/resource/1?x=y&{place}={text}")
    body = await provider.send(method, "/resource/1", urlencode({place: text}), {"Content-Type": FORM})

    assert query.status == (200 if place in names and profile != "oauth21" else 401)
    assert body.status == (200 if place in names and method != "GET" else 401)


@pytest.mark.parametrize("profile", PROFILES)
async def test_a_request_without_a_token_hears_of_no_error(serve: Serve, one_world: World, profile: str) -> None:
    """Row R1: whoever only looks is told how to ask, not that something is wrong."""
    provider, _, _ = await scene(serve, one_world, profile)

    answers = [
        await provider.get("/resource"),
        await provider.get("/resource", packed("user", "password")),
        await provider.post("/resource", "unrelated=1"),
    ]

    for answer in answers:
        assert (answer.status, answer.body) == (401, b"")
        assert answer.headers["WWW-Authenticate"] == f"{SCHEME[profile]} {REALM}"
        assert answer.headers["X-Mashery-Error-Code"] == "ERR_403_NOT_AUTHORIZED"


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("scheme", ["OAuth", "Bearer", "MAC"])
async def test_a_token_of_another_kind_is_an_invalid_request(
    serve: Serve, one_world: World, profile: str, scheme: str
) -> None:
    """Row R2."""
    provider, service, application = await scene(serve, one_world, profile)
    text = (await token(provider, service, application))["access_token"]

    answer = await provider.get("/resource", {"Authorization": f"{scheme} {text}"})

    if scheme == SCHEME[profile]:
        assert answer.status == 200
    else:
        assert answer.status == 401
        assert answer.headers["WWW-Authenticate"] == f'{SCHEME[profile]} {REALM}, error="invalid_request"'
        assert answer.headers["X-Mashery-Error-Code"] == "ERR_403_NOT_AUTHORIZED"


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("kind", ["unknown", "revoked", "of another service", "long", "of a client that is off"])
async def test_a_token_that_is_not_alive_here_is_invalid(
    serve: Serve, one_world: World, profile: str, kind: str
) -> None:
    """Rows R3 and R4."""
    provider, service, application = await scene(serve, one_world, profile)
    text = (await token(provider, service, application))["access_token"]
    if kind == "revoked":
        await provider.post("/oauth2/revoke", {"token": text} | own(application))
    if kind == "of a client that is off":
        await one_world.write(replace(application, active=False))
    if kind == "of another service":
        other = await one_world.add_service(profile)
        client = await one_world.add_application(other)
        text = (await one_world.token(other, client, no_user(other))).result["access_token"]
    text = {"unknown": "x" * 44, "long": "x" * 5000}.get(kind, text)

    answer = await provider.get("/resource", bearer(profile, text))

    assert answer.status == 401
    assert answer.headers["WWW-Authenticate"] == f'{SCHEME[profile]} {REALM}, error="invalid_token"'
    assert answer.headers["X-Mashery-Error-Code"] == "ERR_403_NOT_AUTHORIZED"


async def test_only_draft_10_tells_an_expired_token_and_only_who_can_refresh(serve: Serve, one_world: World) -> None:
    profiles = ("draft10", "draft16", "rfc6749")
    services = [await one_world.add_service(profile, access_ttl=1) for profile in profiles]
    applications = [await one_world.add_application(service) for service in services]
    provider = await serve(*(entry(service, rendering=service.policy.profile) for service in services))
    password = {"grant_type": "password", "username": "johndoe", "password": "A3ddj3w"}
    made = [
        (service, form is password, (await provider.token(form | own(application))).json["access_token"])
        for service, application in zip(services, applications, strict=True)
        for form in (password, no_user(service))
    ]

    told = {}
    for service, refreshable, text in made:
        await token_expired(one_world.store, text)
        answer = await provider.get(f"/resource/service-{service.id}", bearer(service.policy.profile, text))
        told[service.policy.profile, refreshable] = (answer.status, answer.headers["WWW-Authenticate"])

    expected = {key: (401, f'{SCHEME[key[0]]} {REALM}, error="invalid_token"') for key in told}
    expected["draft10", True] = (401, f'OAuth {REALM}, error="expired_token"')
    assert told == expected
    assert len(told) == 6


@pytest.mark.parametrize("profile", PROFILES)
async def test_a_scope_that_is_missing_is_named(serve: Serve, one_world: World, profile: str) -> None:
    provider, service, application = await scene(serve, one_world, profile, scope="write")

    narrow = await token(provider, service, application, scope="writer read")
    wide = await token(provider, service, application, scope="read write")
    answer = await provider.get("/resource", bearer(profile, narrow["access_token"]))
    good = await provider.get("/resource", bearer(profile, wide["access_token"]))

    assert (answer.status, good.status) == (403, 200)
    challenge = f'{SCHEME[profile]} {REALM}, error="insufficient_scope", scope="write"'
    assert answer.headers["WWW-Authenticate"] == challenge


@pytest.mark.parametrize("profile", PROFILES)
async def test_a_token_comes_one_way_only(serve: Serve, one_world: World, profile: str) -> None:
    provider, service, application = await scene(serve, one_world, profile)
    text = (await token(provider, service, application))["access_token"]
    name = "oauth_token" if profile == "draft10" else "access_token"

    twice = await provider.post("/resource", {name: text}, bearer(profile, text))
    repeated = await provider.post("/resource", f"{name}={text}&{name}={text}")

    for answer in (twice, repeated):
        assert answer.status == 400
        assert answer.headers["WWW-Authenticate"].endswith('error="invalid_request"')


async def test_two_authorization_headers_are_one_too_many(serve: Serve, one_world: World) -> None:
    provider, service, application = await scene(serve, one_world, "rfc6749")
    header = bearer("rfc6749", (await token(provider, service, application))["access_token"])["Authorization"]

    response = await provider.http.get("/resource", headers=[("Authorization", header)] * 2)

    assert response.status == 400


async def test_each_service_has_a_resource_of_its_own(serve: Serve, one_world: World) -> None:
    services = [await one_world.add_service("draft16") for _ in range(2)]
    applications = [await one_world.add_application(service) for service in services]
    provider = await serve(*(entry(service) for service in services))
    texts = [
        (await token(provider, service, application))["access_token"]
        for service, application in zip(services, applications, strict=True)
    ]

    statuses = [
        (await provider.get(f"/resource/service-{service.id}/x", bearer("draft16", text))).status
        for service in services
        for text in texts
    ]

    assert statuses == [200, 401, 401, 200]


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
