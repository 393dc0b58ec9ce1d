"""The examples that are printed in the drafts and by one vendor, sent over HTTP as they are printed.

The client, its secret and its redirect URI are imported with their literal values. What cannot be literal is a text
that this service has made itself: there the example is sent twice, as it is printed (and is refused, for nobody made
that code), and with a fresh text in its place. Further differences are named where they are.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from mashery_oauth.flows import FLOWS
from mashery_oauth.models import Service
from mashery_oauth.operations.importing import CREATE, take_over
from mashery_oauth.store.texts import random_letters
from tests.waiting import token_expired
from tests.world import World

from .scene import LOGIN, USER, Provider, Serve, entry
from .visiting import Visitor

CLIENT_ID, CLIENT_SECRET, REDIRECT_URI = "s6BhdRkqt3", "gX1fBat3bV", "https://client.example.com/cb"
CODE, REFRESH = "i1WsRn1uB1", "n4E9O119d"
BASIC = {"Authorization": "Basic czZCaGRSa3F0MzpnWDFmQmF0M2JW"}
ENCODED_URI = "https%3A%2F%2Fclient%2Eexample%2Ecom%2Fcb"
# The path of the authorization endpoint is a server's own choice; the drafts print /authorize and /token.
ASK = f"/oauth2/authorize?response_type={{}}&client_id={CLIENT_ID}&redirect_uri={ENCODED_URI}"

WITH_BASIC = f"grant_type=authorization_code&client_id={CLIENT_ID}&code={CODE}&redirect_uri={ENCODED_URI}"
WITH_SECRET = (
    f"grant_type=authorization_code&client_id={CLIENT_ID}&client_secret={CLIENT_SECRET}"
    f"&code={CODE}&redirect_uri={ENCODED_URI}"
)
PASSWORD = "grant_type=password&client_id=s6BhdRkqt3&username=johndoe&password=A3ddj3w"
OWN = "grant_type=client_credentials&client_id=s6BhdRkqt3"
RENEW = "grant_type=refresh_token&client_id=s6BhdRkqt3&refresh_token=n4E9O119d"
SAML = (
    "grant_type=http%3A%2F%2Foauth.net%2Fgrant_type%2Fassertion%2Fsaml%2F2.0%2Fbearer"
    "&assertion=PEFzc2VydGlvbiBJc3N1ZUluc3RhbnQ[...]V0aG5TdGF0ZW1lbnQ-PC9Bc3NlcnRpb24-"
)
OLD_PASSWORD = "grant_type=password&client_id=s6BhdRkqt3&client_secret=47HDu8s&username=johndoe&password=A3ddj3w"
OLD_RENEW = "grant_type=refresh_token&client_id=s6BhdRkqt3&client_secret=8eSEIpnqmM&refresh_token=n4E9O119d"
OLD_ASSERTION = (
    "grant_type=assertion&assertion_type=urn%3Aoasis%3Anames%3Atc%3ASAML%3A2.0%3Aassertion"
    "&assertion=PHNhbWxwOl...[omitted]...ZT4%3D"
)
NONE = "grant_type=none&client_id=s6BhdRkqt3&client_secret=gX1fBat3bV&scope=accounts_read+accounts_write"
BARRACUDA = (
    "client_id=0123456789abcdef0123456789abcdef&client_secret=fedcba9876543210fedcba9876543210"
    "&grant_type=none&scope=accounts_read%2Baccounts_write"
)


async def imported(
    world: World,
    serve: Serve,
    profile: str,
    *,
    client_id: str = CLIENT_ID,
    secret: str = CLIENT_SECRET,
    rendering: str = "",
    **policy: object,
) -> tuple[Provider, Service]:
    """A provider in front of a service on which the client of the examples has been imported."""
    configuration = world.store.configuration
    await configuration.fresh()
    former = await configuration.application(client_id)
    if former is not None:
        await world.write(deletes=[former])
    key = random_letters(24)
    flows = [name for name, flow in FLOWS.items() if flow.known_in(profile)]
    service = {"preset": profile, "policy": {"flows": flows, **policy}, "key": key, "name": "example"}
    client = {
        "client_id": client_id,
        "client_secret": secret,
        "redirect_uris": [REDIRECT_URI],
        "services": [key],
        "name": "Example Client",
    }
    at_site = {"site": world.site.id}
    verdicts = await take_over(world.store, {"services": [at_site | service], "applications": [at_site | client]})
    assert [verdict.outcome for verdict in verdicts] == [CREATE, CREATE], verdicts
    made = await configuration.service(key)
    assert made is not None
    return await serve(entry(made, rendering=rendering or profile, resource="/resource")), made


async def decided(provider: Provider, response_type: str, decision: str) -> tuple[int, str, list[tuple[str, str]]]:
    """The printed authorization request, login and decision: status, place and members of the redirection."""
    visitor = Visitor(provider.http)
    page = await visitor.get(ASK.format(response_type))
    if page.has_form("/login"):
        page = await visitor.log_in(page, *LOGIN)
    page = await visitor.decide(page, decision)
    parts = urlsplit(page.location)
    place = page.location.partition("?")[0].partition("#")[0]
    assert not (parts.query and parts.fragment)
    return page.status, place, parse_qsl(parts.query or parts.fragment)


async def fresh_code(provider: Provider) -> str:
    """A code, had by the printed request."""
    _, _, members = await decided(provider, "code", "allow")
    return dict(members)["code"]


async def fresh_refresh_token(world: World, service: Service, secret: str = CLIENT_SECRET) -> str:
    """A refresh token of the client of the examples."""
    params = {
        "service_key": service.key,
        "client": {"client_id": CLIENT_ID, "client_secret": secret},
        "token_data": {"grant_type": "password"},
        "user_context": USER.user_context,
    }
    return str((await world.call("createAccessToken", params)).result["refresh_token"])


def members_of(answer: Any) -> list[str]:
    """The members of a token answer, in their order; it must be one, and nobody may keep it."""
    assert (answer.status, answer.headers["Content-Type"]) == (200, "application/json"), answer
    assert answer.headers["Cache-Control"] == "no-store"
    return list(answer.json)


@pytest.mark.parametrize(
    ("body", "length"),
    [
        (WITH_BASIC, 121),
        (WITH_SECRET, 146),
        (PASSWORD, 74),
        (OWN, 50),
        (RENEW, 69),
        (OLD_PASSWORD, 96),
        (OLD_RENEW, 94),
        (NONE, 96),
        (BARRACUDA, 142),
    ],
)
def test_the_bodies_are_as_long_as_the_printed_ones(body: str, length: int) -> None:
    assert len(body) == length


@pytest.mark.parametrize(("profile", "error"), [("draft16", "invalid_grant"), ("draft10", "invalid_grant")])
@pytest.mark.parametrize(("body", "header"), [(WITH_BASIC, BASIC), (WITH_SECRET, {})], ids=["basic", "body"])
async def test_a_printed_code_is_exchanged(
    one_world: World, serve: Serve, *, profile: str, error: str, body: str, header: dict[str, str]
) -> None:
    """V16-4 to V16-6, V10-1, V10-2 and V10-9. The printed token type is an example's: ours is ``bearer``."""
    provider, _ = await imported(one_world, serve, profile)

    literal = await provider.token(body, header)
    fresh = await provider.token(body.replace(CODE, await fresh_code(provider)), header)

    assert (literal.status, literal.json["error"]) == (400, error)
    token_type = ["token_type"] if profile == "draft16" else []
    assert members_of(fresh) == ["access_token", *token_type, "expires_in", "refresh_token"]
    assert fresh.json["expires_in"] == 3600
    assert fresh.json.get("token_type", "bearer") == "bearer"


@pytest.mark.parametrize("profile", ["draft16", "draft10"])
async def test_the_printed_request_for_a_code_is_answered_in_the_query(
    one_world: World, serve: Serve, profile: str
) -> None:
    """V16-1 to V16-3, V10-3 to V10-5. One example of draft 10 spells the denial with a dash, its own list does not."""
    provider, _ = await imported(one_world, serve, profile)

    allowed = await decided(provider, "code", "allow")
    denied = await decided(provider, "code", "deny")

    assert (allowed[:2], [name for name, _ in allowed[2]]) == ((302, REDIRECT_URI), ["code"])
    assert (denied[:2], denied[2][0]) == ((302, REDIRECT_URI), ("error", "access_denied"))


@pytest.mark.parametrize(
    ("profile", "names", "component"),
    [
        ("draft16", ["access_token", "token_type", "expires_in"], "fragment"),
        ("draft10", ["access_token", "expires_in"], "query"),
    ],
)
async def test_the_printed_request_for_a_token_is_answered_in_the_fragment(
    one_world: World, serve: Serve, profile: str, names: list[str], component: str
) -> None:
    """V16-7 and V10-4. The printed success goes to another URI than was asked for: ours goes where it was asked."""
    provider, service = await imported(one_world, serve, profile)
    visitor = Visitor(provider.http)

    page = await visitor.log_in(await visitor.get(ASK.format("token")), *LOGIN)
    allowed = await visitor.decide(page, "allow")
    page = await visitor.get(ASK.format("token"))
    denied = await visitor.decide(page, "deny")

    members = parse_qsl(urlsplit(allowed.location).fragment)
    assert (allowed.status, allowed.location.partition("#")[0]) == (302, REDIRECT_URI)
    assert [name for name, _ in members] == names
    assert await one_world.is_alive(service, dict(members)["access_token"])
    assert dict(parse_qsl(getattr(urlsplit(denied.location), component)))["error"] == "access_denied"


async def test_code_and_token_at_once_is_not_to_be_had(one_world: World, serve: Serve) -> None:
    """V10-4, its third answer: the response type was dropped two drafts later, and is refused here."""
    provider, _ = await imported(one_world, serve, "draft10")

    answer = await provider.get(ASK.format("code_and_token"))

    parts = urlsplit(answer.headers["Location"])
    assert answer.status == 302
    assert dict(parse_qsl(parts.query))["error"] == "unsupported_response_type"


@pytest.mark.parametrize(
    ("profile", "body", "header", "secret"),
    [("draft16", PASSWORD, BASIC, CLIENT_SECRET), ("draft10", OLD_PASSWORD, {}, "47HDu8s")],
)
async def test_the_printed_password_becomes_a_token(
    one_world: World, serve: Serve, *, profile: str, body: str, header: dict[str, str], secret: str
) -> None:
    """V16-8 and V10-6; the latter prints a second secret of the same client."""
    provider, service = await imported(one_world, serve, profile, secret=secret)

    answer = await provider.token(body, header)

    token_type = ["token_type"] if profile == "draft16" else []
    assert members_of(answer) == ["access_token", *token_type, "expires_in", "refresh_token"]
    record = (await one_world.fetch(service, answer.json["access_token"])).result
    assert (record["client_id"], record["user_context"]) == (CLIENT_ID, USER.user_context)


async def test_the_printed_client_gets_a_token_for_itself(one_world: World, serve: Serve) -> None:
    """V16-9, with the refresh token that its answer V16-6 has as well."""
    provider, _ = await imported(one_world, serve, "draft16")

    answer = await provider.token(OWN, BASIC)

    assert members_of(answer) == ["access_token", "token_type", "expires_in", "refresh_token"]


@pytest.mark.parametrize(
    ("profile", "body", "header", "secret"),
    [("draft16", RENEW, BASIC, CLIENT_SECRET), ("draft10", OLD_RENEW, {}, "8eSEIpnqmM")],
)
async def test_the_printed_refresh_token_is_renewed(
    one_world: World, serve: Serve, *, profile: str, body: str, header: dict[str, str], secret: str
) -> None:
    """V16-11 and V10-8; the latter prints a third secret."""
    provider, service = await imported(one_world, serve, profile, secret=secret)
    refresh_token = await fresh_refresh_token(one_world, service, secret)

    literal = await provider.token(body, header)
    fresh = await provider.token(body.replace(REFRESH, refresh_token), header)

    assert (literal.status, literal.json["error"]) == (400, "invalid_grant")
    assert "access_token" in members_of(fresh)
    assert fresh.json["refresh_token"] != refresh_token


@pytest.mark.parametrize(("profile", "body"), [("draft16", SAML), ("draft10", OLD_ASSERTION)])
async def test_a_printed_assertion_is_no_grant_here(one_world: World, serve: Serve, profile: str, body: str) -> None:
    """V16-10 and V10-7, which name no client; and the same with one."""
    provider, _ = await imported(one_world, serve, profile)

    literal = await provider.token(body)
    with_client = await provider.token(f"{body}&client_id={CLIENT_ID}", BASIC)

    assert (literal.status, literal.json["error"]) == (400, "invalid_request")
    assert (with_client.status, with_client.json["error"]) == (400, "unsupported_grant_type")


@pytest.mark.parametrize("profile", ["draft16", "draft10"])
async def test_the_printed_error_is_answered(one_world: World, serve: Serve, profile: str) -> None:
    """V16-12 and V10-10. The 503 of V16-12 is in test_relaying.py: it takes a backend that is gone."""
    provider, _ = await imported(one_world, serve, profile)

    answer = await provider.token(f"client_id={CLIENT_ID}", BASIC)

    assert (answer.status, answer.json["error"]) == (400, "invalid_request")
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.headers["Cache-Control"] == "no-store"


async def test_the_printed_requests_for_a_resource_of_draft_16(one_world: World, serve: Serve) -> None:
    """V16-13; its MAC has the signature of another example and cannot be right for anybody."""
    provider, _ = await imported(one_world, serve, "draft16")
    token = (await provider.token(OWN, BASIC)).json["access_token"]
    mac = 'MAC id="h480djs93hd8", nonce="274312:dj83hs9s", mac="kDZvddkndxvhGRXZhvuDjEWhGeE="'

    literal = await provider.get("/resource/1", {"Authorization": "Bearer 7Fjfp0ZBr1KtDRbnfVdmIw"})
    fresh = await provider.get("/resource/1", {"Authorization": f"Bearer {token}"})
    signed = await provider.get("/resource/1", {"Authorization": mac})

    assert [answer.status for answer in (literal, fresh, signed)] == [401, 200, 401]
    assert literal.headers["WWW-Authenticate"] == 'Bearer realm="127.0.0.1", error="invalid_token"'


async def test_the_printed_requests_for_a_resource_of_draft_10(one_world: World, serve: Serve) -> None:
    """V10-11 and V10-12. The challenges are printed with single quotes and a dash; its grammar has neither."""
    provider, _ = await imported(one_world, serve, "draft10", access_ttl=1)
    made = (await provider.token(OLD_PASSWORD.replace("47HDu8s", CLIENT_SECRET))).json

    answers = {}
    for text in ("vF9dft4qmT", made["access_token"]):
        answers[text] = [
            await provider.get("/resource", {"Authorization": f"OAuth {text}"}),
            await provider.get(f"/resource?oauth_token={text}"),
            await provider.get(f"/resource?x=y&oauth_token={text}"),
            await provider.post("/resource", f"oauth_token={text}"),
        ]
    await token_expired(one_world.store, made["access_token"])
    expired = await provider.get("/resource", {"Authorization": f"OAuth {made['access_token']}"})
    bare = await provider.get("/resource")

    assert [[each.status for each in several] for several in answers.values()] == [[401] * 4, [200] * 4]
    assert expired.headers["WWW-Authenticate"] == 'OAuth realm="127.0.0.1", error="expired_token"'
    assert bare.headers["WWW-Authenticate"] == 'OAuth realm="127.0.0.1"'


async def test_the_grant_type_none_of_draft_10(one_world: World, serve: Serve) -> None:
    """V10-13, for which the draft prints no example: the grant type is in its text alone."""
    provider, service = await imported(one_world, serve, "draft10")

    answer = await provider.token(NONE)

    assert members_of(answer) == ["access_token", "expires_in"]
    record = (await one_world.fetch(service, answer.json["access_token"])).result
    assert record["scope"] == "accounts_read accounts_write"


@pytest.mark.parametrize("plus", ["%2B", "+", "%20"])
async def test_a_barracuda_client_is_answered_as_by_its_own_server(one_world: World, serve: Serve, plus: str) -> None:
    """Section 5, with a literal plus as that vendor's curl sends it, and with the space that its page speaks of."""
    client_id, secret = "0123456789abcdef0123456789abcdef", "fedcba9876543210fedcba9876543210"
    provider, service = await imported(
        one_world,
        serve,
        "draft10",
        client_id=client_id,
        secret=secret,
        rendering="barracuda",
        scope_separators=" +",
    )

    answer = await provider.token(BARRACUDA.replace("%2B", plus), {"Accept": "application/json"})
    record = (await one_world.fetch(service, answer.json["access_token"])).result
    resources = [
        await provider.get("/resource", {"Authorization": f"{scheme} {answer.json['access_token']}"})
        for scheme in ("OAuth", "Oauth")
    ]

    assert members_of(answer) == ["access_token", "expires_in"]
    assert answer.json["expires_in"] == "3600"
    assert record["scope"] == "accounts_read accounts_write"
    assert [each.status for each in resources] == [200, 200]


async def test_a_barracuda_client_is_told_its_mistake_in_words(one_world: World, serve: Serve) -> None:
    provider, _ = await imported(
        one_world,
        serve,
        "draft10",
        client_id="0123456789abcdef0123456789abcdef",
        secret="fedcba9876543210fedcba9876543210",
        rendering="barracuda",
    )

    wrong_secret = await provider.token(BARRACUDA.replace("fedcba", "abcdef"))
    wrong_grant = await provider.token(BARRACUDA.replace("none", "client_credentials"))

    assert [(each.status, each.json["error"]) for each in (wrong_secret, wrong_grant)] == [
        (400, "invalid_client"),
        (400, "unsupported_grant_type"),
    ]
    assert all(set(each.json) == {"error", "error_description"} for each in (wrong_secret, wrong_grant))
