"""The examples that are printed in the drafts and by one vendor, sent over HTTP as they are printed.

The client, its secret and its redirect URI are imported with their literal values. What cannot be literal is a text
that this service has made itself: there the example is sent twice, as it is printed (and is refused, for nobody made
that code), and with a fresh text in its place. Further differences are named where they are.
"""

from __future__ import annotations

from urllib.parse import parse_qsl, urlsplit

import pytest

from tests.waiting import token_expired
from tests.world import World

from .printed import (
    ASK,
    BARRACUDA,
    BASIC,
    CLIENT_ID,
    CLIENT_SECRET,
    CODE,
    NONE,
    OLD_ASSERTION,
    OLD_PASSWORD,
    OLD_RENEW,
    OWN,
    PASSWORD,
    REDIRECT_URI,
    REFRESH,
    RENEW,
    SAML,
    WITH_BASIC,
    WITH_SECRET,
    decided,
    fresh_code,
    fresh_refresh_token,
    imported,
    members_of,
)
from .scene import LOGIN, USER, Serve
from .visiting import Visitor


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
