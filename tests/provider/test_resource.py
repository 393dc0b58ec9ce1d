"""The sample resource: bearer tokens of every era, each at its own service, and refusals as the gateway words them."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import urlencode

import pytest

from tests.waiting import token_expired
from tests.world import World

from .protected import REALM, scene, token
from .scene import FORM, PROFILES, Serve, entry, no_user, own, packed

SCHEME = {"draft10": "OAuth", "draft16": "Bearer", "rfc6749": "Bearer", "oauth21": "Bearer"}


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
