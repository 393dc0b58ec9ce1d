"""Both drafts on redirect URIs: what one looks like, which are compared with what, and where nobody is sent."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

import pytest

from mashery_oauth.dialects import DIALECTS, Dialect
from tests.effort import tally, times
from tests.redirect_uris import OK, SENT
from tests.wire.profiles import staged
from tests.wire.scene import CODE, IMPLICIT, TOKEN, Door, Members
from tests.world import HTTPS, World

from .asking import both_drafts, every_door, in_fragment, in_query, location, redirecting, refusal

RELATIVE = ["cb", "/cb", "./cb", "//client.example.com/cb", "?code=1", "client.example.com/cb", ":/cb", "https:cb"]
ELSEWHERE = "https://elsewhere.example.net/cb"
QUERIES = ["?a=b", "?", "?a=b&", "?a=1&a=2", "?a", "?a=%26%3D%23%2B%20%25", "?next=https://x.example/?y=z", "?=", "?&&"]
ANSWERING = tuple(
    HTTPS + query for query in ("?code=1", "?a=b&state=", "?error", "?%63ode=1", "?a&error%5Fdescription=1", "?&code")
)
UNRESERVED = "abcXYZ019-._~!$'()*,;:@/?"


@pytest.mark.keeps("D16-13")
@every_door
@pytest.mark.parametrize("registered", [(HTTPS,), ()], ids=["registered", "none-registered"])
async def test_a_relative_redirect_uri_is_refused(one_world: World, door: Door, registered: tuple[str, ...]) -> None:
    scene = await staged(one_world, "draft16", door, client={"redirect_uris": registered})

    found = [await scene.ask(redirect_uri=uri) for uri in RELATIVE]

    assert {answer.error["message"] for answer in found} == {"Invalid redirect URI"}
    assert {refusal(answer) for answer in found} == {"invalid_request"}
    assert [answer.oauth["error_response"] for answer in found] == [None] * len(RELATIVE)


def some_queries() -> list[str]:
    """Queries as they are written, and some that chance has made."""
    chance = random.Random(16)

    def piece() -> str:
        return "".join(
            chance.choice([chance.choice(UNRESERVED), quote(chr(chance.randrange(1, 0x2000)))]) for _ in "12345"
        )

    made = ["?" + "&".join(f"{piece()}={piece()}" for _ in range(chance.randrange(1, 5))) for _ in range(times(12))]
    tally("redirect URIs with a query of their own", len(made))
    return QUERIES + made


@pytest.mark.keeps("D16-14", "D10-8")
@redirecting
@both_drafts
async def test_the_query_of_a_redirect_uri_is_kept_when_something_is_added(
    one_world: World, profile: str, door: Door
) -> None:
    scene = await staged(one_world, profile, door, scopes=("read",))
    in_front = door is CODE

    for query in some_queries():
        uri = HTTPS + query
        registered = await one_world.add_application(scene.service, redirect_uris=(uri,))
        mine = {"client_id": registered.client_id, "redirect_uri": uri, "state": "s"}
        made, refused = await scene.ask(**mine), await scene.ask(**mine, scope="write")

        for answer in (made, refused):
            parts, own = urlsplit(location(answer)), query[1:]
            assert parts.query.startswith(own)
            added = parts.query[len(own) :].removeprefix("&") if own else parts.query
            assert set(parse_qs(added)) <= {"code", "state", "error", "error_description"}
            there = in_query if in_front or (profile == "draft10" and answer is refused) else in_fragment
            assert there(answer)["state"] == ["s"]
            assert location(answer).startswith(HTTPS + "?")


@pytest.mark.keeps("D16-8", "D10-22")
@every_door
@both_drafts
@pytest.mark.parametrize("registered", [ANSWERING, ()], ids=["registered", "none-registered"])
async def test_no_parameter_of_an_answer_comes_twice(
    one_world: World, profile: str, door: Door, registered: tuple[str, ...]
) -> None:
    """Found that a redirect URI with a code of its own came back with two."""
    scene = await staged(one_world, profile, door, client={"redirect_uris": registered})

    found = [await scene.ask(redirect_uri=uri) for uri in ANSWERING]

    assert {answer.error["message"] for answer in found} == {"Invalid redirect URI"}
    assert {refusal(answer) for answer in found} == {"invalid_request"}
    assert [answer.oauth["error_response"] for answer in found] == [None] * len(ANSWERING)


@pytest.mark.keeps("D16-16", "D16-39", "D10-4")
@every_door
@both_drafts
@pytest.mark.parametrize("policy", ["registered", "exact"])
async def test_every_redirect_uri_is_compared_with_the_registered_one(
    one_world: World, profile: str, door: Door, policy: str
) -> None:
    scene = await staged(one_world, profile, door, redirect_match=policy)
    sent = [(uri, wanted) for uri, wanted in SENT if uri]

    found = [await scene.ask(redirect_uri=uri) for uri, _ in sent]

    accepted = [uri for (uri, _), answer in zip(sent, found, strict=True) if refusal(answer) == ""]
    assert accepted == [uri for uri, wanted in sent if wanted == OK] == [HTTPS]
    assert all(answer.oauth["error_response"] is None for answer in found if refusal(answer))
    tally("redirect URIs compared with a registered one", len(sent))


@pytest.mark.keeps("D16-15", "D16-17", "D10-6")
@redirecting
@both_drafts
async def test_with_nothing_registered_a_service_may_insist_and_no_service_redirects_an_error(
    one_world: World, profile: str, door: Door
) -> None:
    nobody = {"redirect_uris": ()}
    strict = await staged(one_world, profile, door, client=nobody, redirect_match="exact")
    preset = await staged(one_world, profile, door, client=nobody, scopes=("read",))

    refused, made = await strict.ask(), await preset.ask()
    failed = [await preset.ask(scope="write"), await preset.ask(state="a\nb")]

    assert refusal(refused) == ("redirect_uri_mismatch" if profile == "draft10" else "invalid_request")
    assert refused.oauth["error_response"] is None
    assert location(made).startswith(HTTPS)
    assert [refusal(answer) for answer in failed] == ["invalid_scope", "invalid_request"]
    assert [answer.oauth["error_response"] for answer in failed] == [None, None]


@pytest.mark.keeps("D16-17")
@redirecting
@pytest.mark.parametrize("policy", ["registered", "exact", "any"])
async def test_nobody_who_is_not_registered_is_sent_an_error(one_world: World, door: Door, policy: str) -> None:
    scene = await staged(one_world, "draft16", door, redirect_match=policy, scopes=("read",))

    found = await scene.ask(redirect_uri=ELSEWHERE, scope="write")

    assert refusal(found) == ("invalid_scope" if policy == "any" else "invalid_request")
    assert found.oauth["error_response"] is None


UNUSABLE: list[Any] = [  # what is asked, and what differs in the client
    pytest.param(({"redirect_uri": None}, {"redirect_uris": ()}), id="missing"),
    pytest.param(({"redirect_uri": None}, {"redirect_uris": (HTTPS, HTTPS + "2")}), id="missing-of-two"),
    pytest.param(({"redirect_uri": "https://elsewhere.example.net/cb#f"}, {}), id="fragment"),
    pytest.param(({"redirect_uri": "javascript:elsewhere.example.net"}, {}), id="script"),
    pytest.param(({"redirect_uri": "elsewhere.example.net/cb"}, {}), id="relative"),
    pytest.param(({"redirect_uri": ELSEWHERE}, {}), id="mismatching"),
    pytest.param(({"redirect_uri": ELSEWHERE, "client_id": "nobody"}, {}), id="unknown-client"),
    pytest.param(({"redirect_uri": HTTPS, "client_id": "nobody"}, {}), id="unknown-client-known-uri"),
    pytest.param(({"redirect_uri": ELSEWHERE, "client_id": None}, {}), id="no-client"),
    pytest.param(({"redirect_uri": HTTPS}, {"active": False}), id="inactive-client"),
]


@pytest.mark.keeps("D16-19", "D10-6")
@both_drafts
@pytest.mark.parametrize("dialect", DIALECTS, ids=lambda dialect: dialect.name)
@pytest.mark.parametrize("case", UNUSABLE)
async def test_an_answer_to_an_unusable_redirect_uri_or_client_leads_nowhere(
    one_world: World, profile: str, case: tuple[Members, Members], dialect: Dialect
) -> None:
    asked, client = case
    scene = replace(await staged(one_world, profile, client=client), dialect=dialect)

    found = [await replace(scene, door=door).ask(**asked) for door in (CODE, TOKEN, IMPLICIT)]

    refused = ("invalid_request", "redirect_uri_mismatch", "unauthorized_client", "invalid_client")
    assert all(refusal(answer) in refused for answer in found)
    assert [answer.oauth.get("error_response") for answer in found] == [None, None, None]
    assert not any(word in answer.body for answer in found for word in (b"://", b"elsewhere"))
