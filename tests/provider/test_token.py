"""``/oauth2/token``: what is passed on, what is not, and what an answer looks like in each text."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from mashery_oauth.models import Application, Service
from mashery_oauth.provider.users import WINDOW, WRONG_OF_USER
from tests.effort import tally, times
from tests.world import HTTPS, SECRET, World

from .scene import LOGIN, PROFILES, USER, Provider, Serve, entry, no_user, own, packed

PASSWORD = {"grant_type": "password", "username": LOGIN[0], "password": LOGIN[1]}
WITH_PASSWORD = tuple(profile for profile in PROFILES if profile != "oauth21")


async def scene(
    serve: Serve, world: World, profile: str, rendering: str = "", **policy: Any
) -> tuple[Provider, Service, Application]:
    """A provider in front of one service with one application."""
    service = await world.add_service(profile, **policy)
    application = await world.add_application(service)
    return await serve(entry(service, rendering=rendering or profile)), service, application


@pytest.mark.parametrize("profile", PROFILES)
async def test_answers_as_the_text_of_the_service_has_it(serve: Serve, one_world: World, profile: str) -> None:
    provider, service, application = await scene(serve, one_world, profile)

    answer = await provider.token(no_user(service, scope="read write") | own(application))

    expected = {"access_token", "expires_in"}
    expected |= {"token_type"} if profile != "draft10" else set()
    expected |= {"refresh_token"} if profile == "draft16" else set()
    expected |= {"scope"} if profile == "oauth21" else set()
    assert (answer.status, set(answer.json)) == (200, expected)
    assert type(answer.json["expires_in"]) is int
    assert await one_world.is_alive(service, answer.json["access_token"])


@pytest.mark.parametrize("profile", PROFILES)
async def test_nobody_may_keep_an_answer(serve: Serve, one_world: World, profile: str) -> None:
    provider, service, application = await scene(serve, one_world, profile)

    good = await provider.token(no_user(service) | own(application))
    bad = await provider.token({"grant_type": "nonsense"} | own(application))

    for answer, status in ((good, 200), (bad, 400)):
        assert answer.status == status
        assert answer.headers["Content-Type"] == "application/json"
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers.get("Pragma") == ("no-cache" if profile == "rfc6749" else None)


async def test_a_barracuda_client_gets_its_lifetime_as_a_text(serve: Serve, one_world: World) -> None:
    provider, _, application = await scene(serve, one_world, "draft10", "barracuda", scope_separators=" +")
    literal_plus = "grant_type=none&scope=accounts_read%2Baccounts_write"
    credentials = f"client_id={application.client_id}&client_secret={SECRET}"

    answer = await provider.token(f"{credentials}&{literal_plus}")

    assert set(answer.json) == {"access_token", "expires_in"}
    assert answer.json["expires_in"] == "3600"


@pytest.mark.parametrize("packing", ["read+write", "read%20write", "read%2Bwrite"])
async def test_barracuda_scopes_are_parted_by_space_and_plus(serve: Serve, one_world: World, packing: str) -> None:
    provider, service, application = await scene(serve, one_world, "draft10", "barracuda", scope_separators=" +")
    credentials = f"client_id={application.client_id}&client_secret={SECRET}"

    answer = await provider.token(f"{credentials}&grant_type=none&scope={packing}")
    token = (await one_world.fetch(service, answer.json["access_token"])).result

    assert token["scope"] == "read write"


async def test_a_rendering_of_another_profile_gives_way_to_what_the_backend_says(
    serve: Serve, one_world: World
) -> None:
    provider, service, application = await scene(serve, one_world, "draft16", "barracuda")

    answer = await provider.token(no_user(service) | own(application))

    assert (answer.json["token_type"], answer.json["expires_in"]) == ("bearer", 3600)


async def test_tells_the_scope_where_it_is_not_the_one_that_was_asked_for(serve: Serve, one_world: World) -> None:
    provider, service, application = await scene(serve, one_world, "draft16", default_scopes=("read", "write"))

    none_asked = await provider.token(no_user(service) | own(application))
    same_asked = await provider.token(no_user(service, scope="write  read") | own(application))
    refreshed = await provider.token(
        {"grant_type": "refresh_token", "refresh_token": none_asked.json["refresh_token"]} | own(application)
    )

    assert none_asked.json["scope"] == "read write"
    assert "scope" not in same_asked.json
    assert (refreshed.status, "scope" in refreshed.json) == (200, False)


@pytest.mark.parametrize("profile", PROFILES)
async def test_exchanges_a_code_and_tells_its_scope(serve: Serve, one_world: World, profile: str) -> None:
    provider, service, application = await scene(serve, one_world, profile, pkce="optional")
    code = await one_world.code(service, application, scope="read", **challenge(profile))
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": HTTPS} | verifier(profile)

    first = await provider.token(form | own(application))
    second = await provider.token(form | own(application))

    assert (first.status, first.json["scope"]) == (200, "read")
    assert (second.status, second.json["error"]) == (400, "invalid_grant")


def challenge(profile: str) -> dict[str, str]:
    """PKCE, where nobody goes without (RFC 7636 appendix B)."""
    s256 = {"code_challenge": "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM", "code_challenge_method": "S256"}
    return s256 if profile == "oauth21" else {}


def verifier(profile: str) -> dict[str, str]:
    """What belongs to the challenge."""
    return {"code_verifier": "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"} if profile == "oauth21" else {}


@pytest.mark.parametrize("profile", WITH_PASSWORD)
async def test_a_users_password_becomes_a_token_of_that_user(serve: Serve, one_world: World, profile: str) -> None:
    provider, service, application = await scene(serve, one_world, profile)

    answer = await provider.token(PASSWORD | own(application))
    token = (await one_world.fetch(service, answer.json["access_token"])).result

    assert token["user_context"] == USER.user_context


@pytest.mark.parametrize("profile", WITH_PASSWORD)
@pytest.mark.parametrize("wrong", [{"password": "no"}, {"username": "nobody"}, {"username": LOGIN[0].upper()}])
async def test_a_wrong_password_is_an_invalid_grant(
    serve: Serve, one_world: World, profile: str, wrong: dict[str, str]
) -> None:
    provider, _, application = await scene(serve, one_world, profile)

    answer = await provider.token(PASSWORD | wrong | own(application))

    assert (answer.status, answer.json["error"]) == (400, "invalid_grant")


@pytest.mark.parametrize("missing", ["username", "password"])
async def test_a_password_flow_needs_name_and_password(serve: Serve, one_world: World, missing: str) -> None:
    provider, _, application = await scene(serve, one_world, "draft16")

    answer = await provider.token(PASSWORD | {missing: ""} | own(application))

    assert (answer.status, answer.json["error"]) == (400, "invalid_request")


async def test_oauth21_looks_at_no_password(serve: Serve, one_world: World) -> None:
    provider, _, application = await scene(serve, one_world, "oauth21")

    right = await provider.token(PASSWORD | own(application))
    wrong = await provider.token(PASSWORD | {"password": "no"} | own(application))

    assert (right.status, right.json["error"]) == (400, "unsupported_grant_type")
    assert wrong.json == right.json


@pytest.mark.parametrize("secret", ["", "wrong"])
async def test_nobody_tries_passwords_without_a_clients_secret(serve: Serve, one_world: World, secret: str) -> None:
    provider, _, application = await scene(serve, one_world, "draft16")
    client = own(application) | {"client_secret": secret}

    answers = [
        await provider.token(PASSWORD | {"password": password} | client)
        for _ in range(WRONG_OF_USER + 1)
        for password in (LOGIN[1], "no")
    ]
    rightful = await provider.token(PASSWORD | own(application))

    assert {(answer.status, answer.json["error"]) for answer in answers} == {(401, "invalid_client")}
    assert rightful.status == 200


async def test_who_guesses_a_password_is_held_up(serve: Serve, one_world: World) -> None:
    provider, _, application = await scene(serve, one_world, "rfc6749")

    for _ in range(WRONG_OF_USER):
        await provider.token(PASSWORD | {"password": "no"} | own(application))
    held = await provider.token(PASSWORD | own(application))

    assert (held.status, held.json["error"]) == (429, "invalid_grant")
    assert int(held.headers["Retry-After"]) > WINDOW / 2
    assert held.headers["Pragma"] == "no-cache"


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize(
    "form",
    [
        {"grant_type": "implicit"},
        {"grant_type": "implicit", "response_type": "token"},
        {"response_type": "token"},
        {"grant_type": "authorization_code", "response_type": "token"},
    ],
    ids="&".join,
)
@pytest.mark.parametrize("with_secret", [True, False])
async def test_gives_no_token_that_a_user_should_have_agreed_to(
    serve: Serve, one_world: World, *, profile: str, form: dict[str, str], with_secret: bool
) -> None:
    """The backend makes such a token without a secret, for it relies on the provider for login and consent."""
    provider, _, application = await scene(serve, one_world, profile)
    client = own(application) if with_secret else {"client_id": application.client_id}

    answer = await provider.token(form | {"redirect_uri": HTTPS, "user_context": "john"} | client)

    assert answer.status in (400, 401)
    assert "access_token" not in answer.json


async def test_what_a_client_says_of_a_user_counts_for_nothing(serve: Serve, one_world: World) -> None:
    provider, service, application = await scene(serve, one_world, "draft16")

    answer = await provider.token(no_user(service, user_context="anna", state="x") | own(application))
    token = (await one_world.fetch(service, answer.json["access_token"])).result

    assert token["user_context"] is None


async def test_a_mac_token_comes_with_its_key(serve: Serve, one_world: World) -> None:
    provider, service, application = await scene(serve, one_world, "draft16", token_type="mac")

    answer = await provider.token(no_user(service) | own(application))
    kept = (await one_world.fetch(service, answer.json["access_token"])).result

    assert answer.json["token_type"] == "mac"
    assert {name: answer.json[name] for name in ("mac_key", "mac_algorithm")} == kept["extended"]


async def test_a_lifetime_that_is_switched_off_is_not_told(serve: Serve, one_world: World) -> None:
    provider, service, application = await scene(serve, one_world, "rfc6749", access_ttl=None)

    answer = await provider.token(no_user(service) | own(application))

    assert (answer.status, "expires_in" in answer.json) == (200, False)


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "HEAD"])
async def test_only_post_is_served(serve: Serve, one_world: World, method: str) -> None:
    provider, _, application = await scene(serve, one_world, "draft16")
    query = f"client_id={application.client_id}&client_secret={SECRET}&grant_type=client_credentials"

    answer = await provider.send(method, f"/oauth2/token?{query}")

    assert (answer.status, answer.headers["Allow"]) == (405, "POST")


async def test_credentials_in_the_address_count_for_nothing(serve: Serve, one_world: World) -> None:
    provider, service, application = await scene(serve, one_world, "draft16")
    query = f"client_id={application.client_id}&client_secret={SECRET}"

    answer = await provider.post(f"/oauth2/token?{query}", no_user(service))

    assert (answer.status, answer.json["error"]) == (400, "invalid_request")


async def test_two_services_two_texts_one_endpoint(serve: Serve, one_world: World) -> None:
    old, new = await one_world.add_service("draft10"), await one_world.add_service("oauth21")
    clients = {service.key: await one_world.add_application(service) for service in (old, new)}
    provider = await serve(entry(old, rendering="draft10"), entry(new, rendering="oauth21"))

    told = [
        (await provider.token(no_user(service), packed(clients[service.key].client_id, SECRET))).json
        for service in (old, new)
    ]

    assert ["token_type" in answer for answer in told] == [False, True]


async def test_answers_of_many_clients_at_once_are_not_mixed_up(serve: Serve, one_world: World) -> None:
    services = [await one_world.add_service(profile) for profile in PROFILES]
    clients = [(service, await one_world.add_application(service)) for service in services]
    provider = await serve(*(entry(service, rendering=service.policy.profile) for service in services))
    count = times(15)

    async def is_its_own(service: Service, application: Application) -> bool:
        answer = await provider.token(no_user(service) | own(application))
        return bool(
            (await one_world.fetch(service, answer.json["access_token"])).result["client_id"] == application.client_id
        )

    told = await asyncio.gather(*(is_its_own(*client) for client in clients for _ in range(count)))

    assert told == [True] * count * len(clients)
    tally("tokens asked of a provider with four texts", len(told))
