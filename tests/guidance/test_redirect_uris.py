"""Every redirect URI row: what is registered and what is presented, asked wherever a redirect URI can be presented."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlencode

import pytest
import pytest_asyncio

from mashery_oauth.models import Application, Service
from mashery_oauth.operation import OperationError
from mashery_oauth.operations import applications, sites
from mashery_oauth.operations.applications import Wanted
from mashery_oauth.redirects import LONGEST
from tests.effort import tally
from tests.operations.conftest import opened
from tests.redirect_uris import CB, FORCED, INVALID, LOOPBACKS, MISMATCH, MISSING, OK, OTHER, PUBLISHED, SENT
from tests.servers import single_node
from tests.wire.scene import CODE, DOORS, IMPLICIT, LOOK, LOOK_FOR_TOKEN, STATE, TOKEN, Asked, Door
from tests.world import Answer, World

from .calls import CHALLENGE, VERIFIER, Call, Members, batch, client_of, oauth_error, outcome

PROFILES = ("draft10", "draft16", "rfc6749", "oauth21")
MATCHES = ("exact", "registered", "any")
MESSAGES = {
    OK: "ok",
    INVALID: "Invalid redirect URI",
    MISMATCH: "Redirect URI mismatch",
    MISSING: "Redirect URI is required",
}
LOOKS = (LOOK, LOOK_FOR_TOKEN)
GOES_NOWHERE = (TOKEN, IMPLICIT, LOOK_FOR_TOKEN)  # in OAuth 2.1, which has no implicit flow

together = pytest.mark.asyncio(loop_scope="module")


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table."""

    registered: tuple[str, ...]
    presented: str | None
    wanted: str
    native: bool = False
    match: str = "exact"
    https: bool = False

    @property
    def in_force(self) -> str:
        """The URI that is to be redirected to."""
        return self.presented if self.presented is not None else self.registered[0]

    def __str__(self) -> str:
        kind = " native" * self.native + " https" * self.https
        return f"{(self.presented or 'nothing')[:60]!a} {self.match}{kind} of {len(self.registered)}"


def _rows() -> Iterator[Row]:
    for sent, wanted in SENT:
        if sent:  # an empty string is nothing sent, on the wire
            yield from (Row((CB,), sent, wanted, native) for native in (False, True))
        if sent and wanted == INVALID:
            yield from (Row((), sent, INVALID, match=match) for match in ("registered", "any"))
    for registered, sent, wanted in LOOPBACKS:
        yield Row((registered,), sent, wanted, native=True)
        yield Row((registered,), sent, MISMATCH if wanted == OK else wanted)
    for uri, web, native in FORCED:
        yield Row((uri,), uri, web, https=True)
        yield Row((uri,), uri, native, native=True, https=True)
    for match in MATCHES:
        yield Row((), None, MISSING, match=match)
        yield Row((CB,), None, OK, match=match)
        yield Row((CB, OTHER), None, MISSING, match=match)
        yield Row((CB, OTHER), OTHER, OK, match=match)
        yield Row((CB, OTHER), "https://elsewhere.example/", OK if match == "any" else MISMATCH, match=match)
        yield Row((), "https://elsewhere.example/", MISMATCH if match == "exact" else OK, match=match)
    for _, registered, sent, wanted in PUBLISHED:
        yield from (Row((registered,), sent, wanted, native) for native in (False, True))


ROWS = [pytest.param(row, id=str(row)) for row in _rows()]


@dataclass
class Table:
    """The services and clients that rows need, made when first needed."""

    world: World
    services: dict[tuple[str, str, bool], Service] = field(default_factory=dict)
    clients: dict[tuple[tuple[str, ...], bool], Application] = field(default_factory=dict)

    async def fill(self) -> None:
        """A service for every profile and rule."""
        for profile in PROFILES:
            for match in MATCHES:
                for https in (False, True):
                    self.services[profile, match, https] = await self.world.add_service(
                        profile, redirect_match=match, force_https=https, pkce="optional"
                    )

    async def client(self, row: Row) -> Application:
        """The client of a row, on all services."""
        key = row.registered, row.native
        if key not in self.clients:
            self.clients[key] = await self.world.add_application(
                *self.services.values(), redirect_uris=row.registered, native=row.native
            )
        return self.clients[key]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def table(stage: World) -> Table:
    """All services of the table."""
    made = Table(stage)
    await made.fill()
    return made


def asking(door: Door, service: Service, client: Application, presented: str | None) -> Call:
    """The call at the authorization step."""
    asked = Asked(service.key, client.client_id, redirect_uri=presented, response_type=door.response_type)
    if door.flow == "authorization_code":
        asked = replace(asked, **CHALLENGE)
    include: Members = {"include": ["uri"]} if door in LOOKS else {}
    return Call(door.method, door.arguments(asked) | include)


def exchange(service: Service, client: Application, code: str, presented: str | None) -> Call:
    """The call that turns a code into a token."""
    return Call(
        "createAccessToken",
        {
            "service_key": service.key,
            "client": client_of(client),
            "token_data": {"grant_type": "authorization_code", "code": code, "code_verifier": VERIFIER},
            "uri": {"redirect_uri": presented},
        },
    )


def wanted_at(row: Row, door: Door, profile: str) -> str:
    """The sentence of the answer."""
    if row.wanted == MISSING and door in LOOKS:
        row = replace(row, wanted=OK)  # a look may come before the URI is known
    if row.wanted == OK and profile == "oauth21" and door in GOES_NOWHERE:
        return "Flow implicit is not enabled for this service"
    return MESSAGES[row.wanted]


def check_success(row: Row, door: Door, answer: Answer) -> None:
    """The user goes to the URI that was asked for, and the answer is joined to it."""
    told: Any = (answer.result.get("uri") or {}).get("redirect_uri")
    if door in LOOKS:
        assert told == (None if row.wanted == MISSING else row.in_force)
    elif door is CODE:
        assert told.startswith(row.in_force)
        members = urlencode({"code": answer.result["code"], "state": STATE})
        assert told.removeprefix(row.in_force).lstrip("?&") == members
    elif door is TOKEN:
        assert told.startswith(row.in_force + "#access_token=")
    else:
        assert told is None


@together
@pytest.mark.keeps("CVE-2025-4143", "DOT-1719", "RFC9700-2.1", "RFC9700-4.1", "RFC9700-4.11")
@pytest.mark.keeps(  # those whose URIs are among the rows
    "CVE-2019-11269",
    "CVE-2019-3778",
    "CVE-2020-15233",
    "CVE-2020-15234",
    "CVE-2020-26938",
    "CVE-2020-7741",
    "CVE-2022-36087",
    "CVE-2023-6291",
    "CVE-2024-1132",
    "CVE-2024-8883",
    "CVE-2026-3872",
    "CVE-2026-7504",
    "GHSA-484q-784p-8m5h",
    "GHSA-g8q8-fggx-9r3q",
)
@pytest.mark.parametrize("row", ROWS)
async def test_is_judged_alike_wherever_it_is_presented(table: Table, row: Row) -> None:
    client = await table.client(row)
    asked = [(profile, door) for profile in PROFILES for door in DOORS]

    answers = await batch(
        table.world,
        [asking(door, table.services[profile, row.match, row.https], client, row.presented) for profile, door in asked],
    )

    tally("redirect URIs presented at the authorization step", len(asked))
    for (profile, door), answer in zip(asked, answers, strict=True):
        assert outcome(answer) == wanted_at(row, door, profile), (profile, door.name)
        if outcome(answer) == "ok":
            check_success(row, door, answer)
        elif outcome(answer) == MESSAGES[row.wanted]:
            as_draft10 = row.wanted == MISMATCH and profile == "draft10"
            assert oauth_error(answer) == ("redirect_uri_mismatch" if as_draft10 else "invalid_request")
            assert answer.oauth["error_response"] is None  # nobody is sent to a URI that was not verified


def wanted_at_exchange(row: Row, profile: str, presented: str | None) -> tuple[str, str]:
    """OAuth error and sentence when a URI is presented with a code that was sent to another one."""
    if presented is None:
        return "invalid_request", MESSAGES[MISSING]
    if len(presented) > LONGEST:
        return "invalid_request", MESSAGES[INVALID]
    return "invalid_grant", MESSAGES[MISMATCH]


@together
@pytest.mark.keeps("RFC9700-4.5")
@pytest.mark.parametrize("row", ROWS)
async def test_a_code_is_worth_nothing_with_another_one(table: Table, row: Row) -> None:
    client = await table.client(row)
    right = row.in_force if row.wanted == OK else (row.registered or ("https://elsewhere.example/",))[0]
    wrong = right + "x" if row.wanted == OK else row.presented
    services = {profile: table.services[profile, row.match, row.https] for profile in PROFILES}

    made = await batch(table.world, [asking(CODE, service, client, right) for service in services.values()])
    codes = [answer.result["code"] if outcome(answer) == "ok" else None for answer in made]
    pairs = [(profile, code) for profile, code in zip(PROFILES, codes, strict=True) if code]
    refused = await batch(table.world, [exchange(services[name], client, code, wrong) for name, code in pairs])
    accepted = await batch(table.world, [exchange(services[name], client, code, right) for name, code in pairs])

    tally("redirect URIs presented with a code", 2 * len(pairs))
    assert pairs or not is_registered_well(row)
    for (profile, _), answer in zip(pairs, refused, strict=True):
        assert (oauth_error(answer), outcome(answer)) == wanted_at_exchange(row, profile, wrong)
    assert [outcome(answer) for answer in accepted] == ["ok"] * len(pairs)


def is_registered_well(row: Row) -> bool:
    """Whether the row's client can be sent a code at all."""
    can_be_any = not row.registered and row.match != "exact"
    return row.wanted == OK or can_be_any or bool(row.registered and row.registered[0] == CB)


def unfit() -> list[str]:
    """Every URI of the tables that nobody may be redirected to, in any profile."""
    return sorted({row.presented for row in _rows() if row.wanted == INVALID and not row.https and row.presented})


@pytest.mark.keeps("GHSA-484q-784p-8m5h", "CVE-2020-26938")
async def test_what_nobody_may_be_redirected_to_cannot_be_registered() -> None:
    """Found by a run: dot segments that were encoded in part or five times over, or parted by an encoded backslash."""
    with single_node() as url:
        async with opened(url) as store:
            site = await sites.create(store, "Bank")
            refused: list[str] = []

            for uri in unfit():
                with pytest.raises(OperationError) as refusal:
                    await applications.create(store, site.id, Wanted(name="shop", redirect_uris=[CB, uri]))
                refused.append(refusal.value.field)

            assert refused == ["redirect_uris"] * len(unfit())
            assert len(refused) > 90
            assert await applications.every(store) == []
