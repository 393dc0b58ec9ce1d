"""Which client it is: HTTP Basic as each text packs it, the body, and every way to say two things at once."""

from __future__ import annotations

import base64
from urllib.parse import quote_plus

import pytest

from mashery_oauth.models import Application, Service
from tests.world import SECRET, World

from .scene import PROFILES, Provider, Serve, entry, no_user, own, packed

ODD_SECRET = "a+b%41:c d/e"  # each of these is read otherwise once it is decoded
FORM_DECODED = {"draft10": False, "draft16": False, "rfc6749": True, "oauth21": True}


async def scene(
    serve: Serve, world: World, profile: str, secret: str = SECRET, **members: object
) -> tuple[Provider, Service, Application]:
    """A provider in front of one service with one application."""
    service = await world.add_service(profile)
    application = await world.add_application(service, secret=secret, **members)
    return await serve(entry(service, rendering=profile)), service, application


def encoded(text: str, *, decoded: bool) -> str:
    """A part of Basic, as a client of such a text writes it."""
    return quote_plus(text) if decoded else text


@pytest.mark.parametrize("profile", PROFILES)
async def test_a_secret_in_basic_is_read_in_the_texts_way(serve: Serve, one_world: World, profile: str) -> None:
    provider, service, application = await scene(serve, one_world, profile, ODD_SECRET)
    form = no_user(service, client_id=application.client_id)
    decoded = FORM_DECODED[profile]

    right = await provider.token(form, packed(application.client_id, encoded(ODD_SECRET, decoded=decoded)))
    other = await provider.token(form, packed(application.client_id, encoded(ODD_SECRET, decoded=not decoded)))

    assert right.status == 200
    assert (other.status, other.json["error"]) == (401, "invalid_client")


@pytest.mark.parametrize("profile", PROFILES)
async def test_an_identifier_in_basic_is_read_in_the_texts_way(serve: Serve, one_world: World, profile: str) -> None:
    provider, service, application = await scene(serve, one_world, profile)
    odd = Application(
        id=77,
        client_id=f"a+b%41-{application.client_id}",
        site_id=one_world.site.id,
        name="odd",
        services=(service.key,),
        secrets=application.secrets,
    )
    await one_world.write(odd)
    form, decoded = no_user(service, client_id=odd.client_id), FORM_DECODED[profile]

    right = await provider.token(form, packed(encoded(odd.client_id, decoded=decoded), SECRET))
    other = await provider.token(form, packed(encoded(odd.client_id, decoded=not decoded), SECRET))

    assert right.status == 200
    assert (other.status, other.json["error"]) == (401, "invalid_client")


async def test_an_identifier_that_two_clients_may_mean_is_nobodys(serve: Serve, one_world: World) -> None:
    """As it came it names a client of draft 16; decoded, another one of RFC 6749."""
    old, new = await one_world.add_service("draft16"), await one_world.add_service("rfc6749")
    plain = await one_world.add_application(new)
    cunning = Application(
        id=78,
        client_id="%" + f"{ord(plain.client_id[0]):02X}" + plain.client_id[1:],
        site_id=one_world.site.id,
        name="cunning",
        services=(old.key,),
        secrets=plain.secrets,
    )
    await one_world.write(cunning)
    provider = await serve(entry(old, rendering="draft16"), entry(new, rendering="rfc6749"))

    answer = await provider.token(no_user(new), packed(cunning.client_id, SECRET))
    plainly = await provider.token(no_user(new), packed(plain.client_id, SECRET))

    assert (answer.status, answer.json["error"]) == (401, "invalid_client")
    assert plainly.status == 200


@pytest.mark.parametrize(
    ("profile", "status", "error"),
    [("draft10", 200, None), ("draft16", 400, "invalid_request"), ("rfc6749", 200, None), ("oauth21", 200, None)],
)
async def test_only_draft_16_wants_the_identifier_beside_basic(
    serve: Serve, one_world: World, profile: str, status: int, error: str | None
) -> None:
    provider, service, application = await scene(serve, one_world, profile)

    answer = await provider.token(no_user(service), packed(application.client_id, SECRET))

    assert (answer.status, answer.json.get("error")) == (status, error)


@pytest.mark.parametrize("profile", PROFILES)
async def test_header_and_body_name_the_same_client(serve: Serve, one_world: World, profile: str) -> None:
    provider, service, application = await scene(serve, one_world, profile)
    other = await one_world.add_application(service)

    answer = await provider.token(no_user(service, client_id=other.client_id), packed(application.client_id, SECRET))

    assert (answer.status, answer.json["error"]) == (401, "invalid_client")
    assert answer.headers["WWW-Authenticate"].startswith("Basic realm=")


@pytest.mark.parametrize("profile", PROFILES)
async def test_a_secret_comes_one_way_only(serve: Serve, one_world: World, profile: str) -> None:
    provider, service, application = await scene(serve, one_world, profile)

    answer = await provider.token(no_user(service) | own(application), packed(application.client_id, SECRET))

    assert (answer.status, answer.json["error"]) == (400, "invalid_request")


async def test_two_authorization_headers_are_one_too_many(serve: Serve, one_world: World) -> None:
    provider, service, application = await scene(serve, one_world, "rfc6749")
    header = packed(application.client_id, SECRET)["Authorization"]

    response = await provider.http.post(
        "/oauth2/token", data=no_user(service), headers=[("Authorization", header), ("Authorization", header)]
    )

    assert (response.status, (await response.json())["error"]) == (400, "invalid_request")


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("way", ["header", "body"])
@pytest.mark.parametrize("fault", ["wrong secret", "unknown client"])
async def test_a_client_that_is_not_who_it_says_is_told_so(
    serve: Serve, one_world: World, profile: str, way: str, fault: str
) -> None:
    """Draft 10 §4.3 has 401 for credentials in a header, and 400 for all else; the others have 401 for both."""
    provider, service, application = await scene(serve, one_world, profile)
    client_id = application.client_id if fault == "wrong secret" else "nobody"
    form = no_user(service, client_id=client_id)
    by_header = way == "header"

    answer = await provider.token(
        form if by_header else form | {"client_secret": "wrong"}, packed(client_id, "wrong") if by_header else None
    )

    status = 400 if profile == "draft10" and not by_header else 401
    assert (answer.status, answer.json["error"]) == (status, "invalid_client")
    assert ("WWW-Authenticate" in answer.headers) == (status == 401)


@pytest.mark.parametrize(
    "header",
    [
        "Basic",
        "Basic ",
        "Basic !!!",
        "Basic " + base64.b64encode(b"nocolon").decode(),
        "Basic " + base64.b64encode(b":secret").decode(),
        "Basic " + base64.b64encode(b"\xff\xfe:x").decode(),
        "Bearer token",
        "Digest username=x",
        "nonsense",
    ],
)
async def test_a_header_that_is_no_basic_is_a_failed_client(serve: Serve, one_world: World, header: str) -> None:
    provider, service, application = await scene(serve, one_world, "rfc6749")

    answer = await provider.token(no_user(service, client_id=application.client_id), {"Authorization": header})

    assert (answer.status, answer.json["error"]) == (401, "invalid_client")
    assert answer.headers["WWW-Authenticate"].startswith("Basic realm=")


@pytest.mark.parametrize("scheme", ["basic", "BASIC"])
async def test_the_case_of_the_scheme_does_not_matter(serve: Serve, one_world: World, scheme: str) -> None:
    provider, service, application = await scene(serve, one_world, "rfc6749")
    header = packed(application.client_id, SECRET)["Authorization"].replace("Basic", scheme)

    answer = await provider.token(no_user(service), {"Authorization": header})

    assert answer.status == 200


@pytest.mark.parametrize("profile", ["rfc6749", "oauth21"])
async def test_a_public_client_refreshes_without_a_secret(serve: Serve, one_world: World, profile: str) -> None:
    service = await one_world.add_service(profile)
    application = await one_world.add_application(service, secret=None, type="public")
    provider = await serve(entry(service, rendering=profile))

    answer = await provider.token({"grant_type": "refresh_token", "client_id": application.client_id})
    with_secret = await provider.token({"grant_type": "refresh_token"} | own(application))

    assert (answer.status, answer.json["error_description"]) == (400, "Refresh token is required")
    assert (with_secret.status, with_secret.json["error"]) == (401, "invalid_client")


async def test_no_client_at_all_is_an_invalid_request(serve: Serve, one_world: World) -> None:
    provider, service, _ = await scene(serve, one_world, "draft16")

    answer = await provider.token(no_user(service))

    assert (answer.status, answer.json["error"]) == (400, "invalid_request")
    assert "WWW-Authenticate" not in answer.headers


async def test_a_client_that_guesses_is_held_up_in_the_backends_words(serve: Serve, one_world: World) -> None:
    provider, service, application = await scene(serve, one_world, "rfc6749")

    for _ in range(20):
        await provider.token(no_user(service) | own(application) | {"client_secret": "wrong"})
    held = await provider.token(no_user(service) | own(application) | {"client_secret": "wrong"})

    assert (held.status, held.json["error"]) == (429, "invalid_client")
    assert int(held.headers["Retry-After"]) >= 1


@pytest.mark.parametrize("path", ["/oauth2/introspect", "/oauth2/revoke"])
@pytest.mark.parametrize("profile", PROFILES)
async def test_basic_is_enough_where_no_token_is_asked_for(
    serve: Serve, one_world: World, profile: str, path: str
) -> None:
    """Found by Authlib and oauth4webapi: draft 16's rule for token requests was kept for RFC 7009 and RFC 7662 too."""
    service = await one_world.add_service(profile)
    application = await one_world.add_application(service)
    provider = await serve(entry(service, rendering=profile))

    answer = await provider.post(path, {"token": "none"}, packed(application.client_id, SECRET))

    assert answer.status == 200
