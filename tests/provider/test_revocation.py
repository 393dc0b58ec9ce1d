"""``/oauth2/revoke``: RFC 7009, and who may not end whose token."""

from __future__ import annotations

import pytest

from mashery_oauth.models import Application, Service
from tests.world import SECRET, World

from .scene import PROFILES, Provider, Serve, entry, own, packed


async def scene(serve: Serve, world: World, profile: str = "rfc6749") -> tuple[Provider, Service, Application]:
    """A provider in front of one service with one application."""
    service = await world.add_service(profile, pkce="optional")
    application = await world.add_application(service)
    return await serve(entry(service, rendering=profile)), service, application


async def granted(world: World, service: Service, application: Application) -> dict[str, str]:
    """An access token with its refresh token."""
    answer = await world.token(service, application, {"grant_type": "password"}, user_context="john")
    return {name: answer.result[name] for name in ("access_token", "refresh_token")}


@pytest.mark.parametrize("profile", [name for name in PROFILES if name != "oauth21"])
@pytest.mark.parametrize("given", ["access_token", "refresh_token"])
@pytest.mark.parametrize("hint", [{}, {"token_type_hint": "access_token"}, {"token_type_hint": "nonsense"}])
async def test_either_token_ends_the_grant_whatever_the_hint(
    serve: Serve, one_world: World, profile: str, given: str, hint: dict[str, str]
) -> None:
    provider, service, application = await scene(serve, one_world, profile)
    tokens = await granted(one_world, service, application)

    answer = await provider.post("/oauth2/revoke", {"token": tokens[given]} | hint | own(application))
    refreshed = await one_world.refresh(service, application, tokens["refresh_token"])

    assert (answer.status, answer.body) == (200, b"")
    assert answer.headers["Cache-Control"] == "no-store"
    assert not await one_world.is_alive(service, tokens["access_token"])
    assert refreshed.oauth["error"] == "invalid_grant"


@pytest.mark.parametrize("token", ["unknown", "x" * 10_000, "ü", "sha256:" + "0" * 64])
async def test_what_is_no_token_is_as_good_as_ended(serve: Serve, one_world: World, token: str) -> None:
    provider, _, application = await scene(serve, one_world)

    answer = await provider.post("/oauth2/revoke", {"token": token} | own(application))

    assert (answer.status, answer.body) == (200, b"")


async def test_a_repetition_is_as_good(serve: Serve, one_world: World) -> None:
    provider, service, application = await scene(serve, one_world)
    tokens = await granted(one_world, service, application)
    form = {"token": tokens["access_token"]} | own(application)

    answers = [await provider.post("/oauth2/revoke", form) for _ in range(2)]

    assert [answer.status for answer in answers] == [200, 200]


async def test_ends_no_token_of_another_client(serve: Serve, one_world: World) -> None:
    provider, service, application = await scene(serve, one_world)
    other = await one_world.add_application(service)
    tokens = await granted(one_world, service, application)

    answer = await provider.post("/oauth2/revoke", {"token": tokens["access_token"]} | own(other))

    assert (answer.status, answer.body) == (200, b"")
    assert await one_world.is_alive(service, tokens["access_token"])


@pytest.mark.parametrize("secret", ["", "wrong"])
async def test_a_token_that_was_found_is_not_ended_without_the_secret(
    serve: Serve, one_world: World, secret: str
) -> None:
    provider, service, application = await scene(serve, one_world)
    tokens = await granted(one_world, service, application)
    form = {"token": tokens["access_token"], "client_id": application.client_id, "client_secret": secret}

    answer = await provider.post("/oauth2/revoke", form)

    assert (answer.status, answer.json["error"]) == (401, "invalid_client")
    assert await one_world.is_alive(service, tokens["access_token"])


async def test_a_public_client_ends_its_own_token_and_nobody_elses(serve: Serve, one_world: World) -> None:
    provider, service, confidential = await scene(serve, one_world)
    public = await one_world.add_application(service, secret=None, type="public")
    theirs = await granted(one_world, service, confidential)
    code = await one_world.code(
        service, public, code_challenge="E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM", code_challenge_method="S256"
    )
    client = {"client_id": public.client_id}
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": "https://client.example.com/cb"}
    verifier = {"code_verifier": "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"}
    own_token = (await provider.token(form | verifier | client)).json["access_token"]

    for token in (theirs["access_token"], own_token):
        answer = await provider.post("/oauth2/revoke", {"token": token} | client)

        assert answer.status == 200
    assert await one_world.is_alive(service, theirs["access_token"])
    assert not await one_world.is_alive(service, own_token)


async def test_a_token_must_be_named(serve: Serve, one_world: World) -> None:
    provider, _, application = await scene(serve, one_world)

    answer = await provider.post("/oauth2/revoke", {"token": ""}, packed(application.client_id, SECRET))

    assert (answer.status, answer.json["error"]) == (400, "invalid_request")
