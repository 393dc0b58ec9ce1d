"""Who may revoke or change what: every caller, client, owner and service, at every method that ends or changes."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, replace
from itertools import product
from typing import Any

import pytest
import pytest_asyncio

from mashery_oauth.models import Application, Caller, Service, Site
from mashery_oauth.store.texts import random_letters
from tests.effort import tally
from tests.world import SECRET, World

from .calls import Call, Members, batch, client_of, is_refreshable, living, outcome

USER = "user"
HALVES = ("access", "refresh", "handle")

together = pytest.mark.asyncio(loop_scope="module")


@dataclass(frozen=True, slots=True)
class Town:
    """Two sites, each with services and clients, and a caller for each."""

    world: World
    abroad: World
    here: Service
    beside: Service
    far: Service
    owners: dict[str, Application]
    others: dict[str, Members]

    def clients(self, owner: Application) -> Iterator[tuple[str, Members]]:
        """Every identity that a call can come with; the owner's own first."""
        yield "owner", {"client_id": owner.client_id}
        yield from self.others.items()
        yield "owner with another's secret", {"client_id": owner.client_id, "client_secret": "wrong"}
        yield "nobody", {"client_id": "nobody"}
        yield "none", {}


async def second_site(world: World) -> World:
    """The same store and door, for the caller of another site."""
    site = Site(world.site.id + 1, "Other Site")
    name = random_letters(24)
    caller = Caller(name, site.id, "other", user=f"user-{name}", password=world.store.ring.hash("other-password"))
    made = replace(world, site=site, caller=caller, password="other-password")
    await made.write(site, caller)
    return made


@pytest_asyncio.fixture(loop_scope="module")
async def borders(town: World) -> AsyncIterator[Town]:
    """Everybody who could try."""
    abroad = await second_site(town)
    here, beside = await town.add_service("rfc6749"), await town.add_service("rfc6749")
    far = await abroad.add_service("rfc6749")
    owners = {
        "confidential": await town.add_application(here, beside),
        "public": await town.add_application(here, beside, secret=None, type="public"),
    }
    others = {
        "another client": await town.add_application(here),
        "another client elsewhere": await town.add_application(beside),
        "a public client": await town.add_application(here, secret=None, type="public"),
        "a client of another site": await abroad.add_application(far),
        "a disabled client": await town.add_application(here, active=False),
    }
    named = {name: {"client_id": client.client_id} for name, client in others.items()}
    named["another client with its secret"] = client_of(others["another client"])
    yield Town(town, abroad, here, beside, far, owners, named)


@dataclass(frozen=True, slots=True)
class Grant:
    """What the owner was granted."""

    owner: Application
    access: str
    refresh: str
    handle: str

    def text(self, half: str) -> str:
        """One of its names."""
        return str(getattr(self, half))


async def granted(town: Town, owner: Application) -> Grant:
    """A grant by a code, with a refresh token."""
    verifier = "v" * 43
    code = await town.world.code(town.here, owner, USER, code_challenge=verifier, code_challenge_method="plain")
    answer = await town.world.call("createAccessToken", {
        "service_key": town.here.key,
        "client": client_of(owner, None if owner.public else SECRET),
        "token_data": {"grant_type": "authorization_code", "code": code, "code_verifier": verifier},
        "uri": {"redirect_uri": owner.redirect_uris[0]},
    })  # fmt: skip
    place = town.world.store.texts.locate(answer.result["access_token"])
    assert place is not None
    handle = town.world.store.texts.handle(place)
    return Grant(owner, answer.result["access_token"], answer.result["refresh_token"], handle)


def attempts(service: Service, identity: Members, grant: Grant) -> list[Call]:
    """Every call that would end or change a grant."""
    named: dict[str, Any] = {"service_key": service.key, "client": identity}
    ends = [Call("revokeAccessToken", named | {"access_token": grant.text(half)}) for half in HALVES]
    changes = [
        Call("updateAccessToken", named | {"access_token": grant.access, name: value})
        for name, value in (("scope", "stolen"), ("expires_in", 1), ("user_context", "thief"))
    ]
    return [*ends, *changes, Call("revokeUserApplication", named | {"user_context": USER})]


@together
@pytest.mark.keeps("CVE-2026-115472", "DOT-727", "RFC9700-2.2", "RFC9700-4.10")
@pytest.mark.parametrize("kind", ["confidential", "public"])
async def test_nobody_but_its_owner_ends_or_changes_a_grant(borders: Town, kind: str) -> None:
    owner = borders.owners[kind]
    grant = await granted(borders, owner)
    before = (await borders.world.fetch(borders.here, grant.access)).result
    services = (borders.here, borders.beside, borders.far)
    tried = 0

    for caller, service, (name, identity) in product(
        (borders.world, borders.abroad), services, list(borders.clients(owner))
    ):
        if (caller, service, name) == (borders.world, borders.here, "owner"):
            continue
        answers = await batch(caller, attempts(service, identity, grant))
        tried += len(answers)
        assert [answer for answer in answers[: len(HALVES)] if answer.json.get("result") is True] == [], name
        assert all(outcome(answer) != "ok" for answer in answers[len(HALVES) : -1]), name

    tally("calls to end or change what is another's", tried)
    assert tried > 300
    assert (await borders.world.fetch(borders.here, grant.access)).result == before
    secret = None if owner.public else SECRET
    data = {"grant_type": "refresh_token", "refresh_token": grant.refresh}
    named = {"service_key": borders.here.key, "client": client_of(owner, secret)}
    assert (await borders.world.call("createAccessToken", named | {"token_data": data})).result["access_token"]


@together
@pytest.mark.keeps("CVE-2018-1000211")
@pytest.mark.parametrize("kind", ["confidential", "public"])
@pytest.mark.parametrize("half", HALVES)
async def test_what_is_answered_as_revoked_is_dead(borders: Town, kind: str, half: str) -> None:
    owner = borders.owners[kind]
    grant, kept = await granted(borders, owner), await granted(borders, owner)
    named = {"service_key": borders.here.key, "client": {"client_id": owner.client_id}}

    one = await borders.world.call("revokeAccessToken", named | {"access_token": grant.text(half)})
    lives = await living(borders.world, borders.here, [grant.access, kept.access])
    rest = await borders.world.call("revokeUserApplication", named | {"user_context": USER})

    assert (one.result, rest.result) == (True, True)
    assert lives == [False, True]
    assert await living(borders.world, borders.here, [kept.access]) == [False]
    for each in (grant, kept):
        assert not await is_refreshable(borders.world, borders.here, owner, each.refresh)


@together
@pytest.mark.keeps("RFC9700-2.3", "RFC9700-4.10", "RFC9700-4.9")
async def test_a_token_is_known_at_its_own_service_alone(borders: Town) -> None:
    grant = await granted(borders, borders.owners["confidential"])

    found = [
        (await caller.fetch(service, grant.access)).json.get("result") is not None
        for caller in (borders.world, borders.abroad)
        for service in (borders.here, borders.beside, borders.far)
    ]
    lists = [
        (await caller.fetch(service, [grant.access])).json.get("result") or []
        for caller in (borders.world, borders.abroad)
        for service in (borders.here, borders.beside, borders.far)
    ]

    assert found == [True] + [False] * 5
    assert [bool(each) for each in lists] == found


@together
@pytest.mark.keeps("CVE-2026-118669")
async def test_whoever_is_named_a_second_time_is_not_the_client(borders: Town) -> None:
    owner, other = borders.owners["confidential"], borders.others["another client with its secret"]
    grant = await granted(borders, owner)
    data = {"grant_type": "refresh_token", "refresh_token": grant.refresh}
    here = {"service_key": borders.here.key}
    elsewhere = [
        {"client": other, "token_data": data | client_of(owner)},
        {"client": other, "token_data": data, "uri": client_of(owner)},
        {"client": other, "token_data": data, "extended": client_of(owner)},
        {"client": other, "token_data": data, **client_of(owner)},
        {"client": other | {"client": client_of(owner)}, "token_data": data},
        {"client": {**other, "CLIENT_ID": owner.client_id}, "token_data": data},
    ]

    answers = await batch(borders.world, [Call("createAccessToken", here | each) for each in elsewhere])

    assert {outcome(answer) for answer in answers} == {"Invalid refresh token"}
    assert await is_refreshable(borders.world, borders.here, owner, grant.refresh)


@together
@pytest.mark.keeps("CVE-2026-118669")
async def test_an_update_names_one_client_or_the_same_one_twice(borders: Town) -> None:
    """Found by a run: of two clients that an update named, the one at the top was passed over without a word."""
    owner, other = borders.owners["confidential"], borders.others["another client with its secret"]
    grant = await granted(borders, owner)
    right, named = client_of(owner), {"service_key": borders.here.key, "access_token": grant.access, "scope": "read"}
    mixed = [
        {"client": right, **other},
        {"client": other, **right},
        {"client": {"client_id": owner.client_id}, **other},
        {"client": {"client_id": other["client_id"]}, **right},
        {"client": right, "client_secret": "wrong"},
        {"client": {"client_id": owner.client_id, "client_secret": "wrong"}, "client_secret": SECRET},
    ]
    agreeing = [{"client": right, **right}, {"client": {"client_id": owner.client_id}, "client_secret": SECRET}]

    refused = await batch(borders.world, [Call("updateAccessToken", named | each) for each in mixed])
    made = [await borders.world.call("updateAccessToken", named | each) for each in agreeing]

    assert [answer.error["code"] for answer in refused] == [-32602] * len(mixed)
    assert {answer.error["data"][0]["field"] for answer in refused} == {"client_id", "client_secret"}
    assert [answer.result["scope"] for answer in made] == ["read"] * 2
