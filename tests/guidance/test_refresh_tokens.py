"""Refresh tokens: the races, forks and revivals that others published."""

from __future__ import annotations

import asyncio
import random
from dataclasses import dataclass, field
from typing import Any

import pytest

from mashery_oauth.models import Application, Service
from tests.effort import tally, times
from tests.waiting import family_expired, grace_expired
from tests.world import Answer, World

from .calls import CHALLENGE, VERIFIER, Call, Members, batch, granted, is_refreshable, living, outcome

CROWD = 200
HISTORIES, STEPS, AT_ONCE = 6, 8, 6
PROFILES = ("draft10", "draft16", "rfc6749", "oauth21")

together = pytest.mark.asyncio(loop_scope="module")


async def refresh_all(workers: list[World], service: Service, client: Application, tokens: list[str]) -> list[Answer]:
    """Presents refresh tokens at once, each at another worker."""
    return list(
        await asyncio.gather(
            *(workers[number % len(workers)].refresh(service, client, token) for number, token in enumerate(tokens))
        )
    )


def results(answers: list[Answer]) -> list[Members]:
    """What the successful ones gave."""
    return [answer.result for answer in answers if outcome(answer) == "ok"]


@together
@pytest.mark.keeps("CVE-2026-1035", "CVE-2026-50631", "RFC9700-4.14", "RFC9700-2.2.2")
@pytest.mark.parametrize("profile", ["draft16", "oauth21"])
async def test_many_uses_at_once_yield_one_successor(workers: list[World], town: World, profile: str) -> None:
    service = await town.add_service(profile, refresh_grace=300)
    client = await town.add_application(service)
    first = await granted(town, service, client)

    answers = await refresh_all(workers, service, client, [first["refresh_token"]] * times(CROWD))

    tally("uses of one refresh token", len(answers))
    found = results(answers)
    assert len(found) == len(answers)
    assert len({(each["access_token"], each["refresh_token"]) for each in found}) == 1


@together
@pytest.mark.keeps("CVE-2026-1035", "CVE-2026-53517", "RFC9700-4.14")
async def test_without_grace_many_uses_at_once_leave_no_chain_or_one(workers: list[World], town: World) -> None:
    service = await town.add_service("rfc6749", refresh_grace=0)
    client = await town.add_application(service)
    first = await granted(town, service, client)

    answers = await refresh_all(workers, service, client, [first["refresh_token"]] * times(CROWD))

    tally("uses of one refresh token", len(answers))
    (made,) = results(answers)  # and the second of them ended the family
    assert {outcome(answer) for answer in answers} == {"ok", "Invalid refresh token"}
    assert await living(town, service, [first["access_token"], made["access_token"]]) == [False, False]
    assert not await is_refreshable(town, service, client, made["refresh_token"])


@dataclass
class Family:
    """What a client and a thief know of one grant: each generation's token, and which came from which."""

    service: Service
    client: Application
    parent: dict[str, str | None] = field(default_factory=dict)
    access: list[str] = field(default_factory=list)

    def note(self, made: Members, presented: str | None) -> None:
        """Takes in what an answer gave."""
        token = str(made["refresh_token"])
        assert self.parent.setdefault(token, presented) == presented  # no token has two parents
        self.access.append(made["access_token"])

    def check_is_a_chain(self) -> None:
        """No token has two successors."""
        parents = [parent for parent in self.parent.values() if parent is not None]
        assert len(parents) == len(set(parents))


async def history(workers: list[World], family: Family, luck: random.Random) -> None:
    """Old and new tokens presented in crowds, at whichever worker."""
    for _ in range(STEPS):
        known = list(family.parent)
        newest = known[-1]
        stale = luck.random() < 0.15
        tokens = [luck.choice(known[-2:]) if not stale else luck.choice(known) for _ in range(luck.randint(1, AT_ONCE))]
        answers = await refresh_all(workers, family.service, family.client, tokens)
        for token, answer in zip(tokens, answers, strict=True):
            if outcome(answer) == "ok":
                family.note(answer.result, token)
        if newest in tokens and len(family.parent) == len(known):
            return  # the newest was refused: the family is dead


@together
@pytest.mark.keeps("CVE-2026-53517")
@pytest.mark.parametrize("grace", [0, 300])
@pytest.mark.parametrize("number", range(times(HISTORIES)))
async def test_whatever_is_presented_there_is_one_live_chain_at_most(
    workers: list[World], town: World, grace: int, number: int
) -> None:
    luck = random.Random(f"{grace} {number}")
    service = await town.add_service("rfc6749", refresh_grace=grace)
    family = Family(service, await town.add_application(service))
    family.note(await granted(town, service, family.client), None)

    await history(workers, family, luck)

    tally("histories of refresh families")
    known = list(family.parent)
    last = results(await refresh_all(workers, service, family.client, known))
    for each in last:
        family.access.append(each["access_token"])
    family.check_is_a_chain()
    assert len({each["refresh_token"] for each in last} - set(known)) <= 1
    if len(known) > (2 if grace else 1):  # one of those that were presented just now was too old
        assert not any(await living(town, service, family.access))
        newest = [each["refresh_token"] for each in last]
        assert results(await refresh_all(workers, service, family.client, known + newest)) == []


@together
@pytest.mark.keeps("CVE-2026-50631")
async def test_without_rotation_every_use_is_a_use_of_one_grant(workers: list[World], town: World) -> None:
    service = await town.add_service("rfc6749", refresh_rotation=False)
    client = await town.add_application(service)
    first = await granted(town, service, client)

    answers = await refresh_all(workers, service, client, [first["refresh_token"]] * times(CROWD))
    found = results(answers)
    revoked = await town.call(
        "revokeAccessToken", [service.key, {"client_id": client.client_id}, first["refresh_token"]]
    )

    assert {each["refresh_token"] for each in found} == {first["refresh_token"]}
    assert len({each["access_token"] for each in found}) == len(answers)
    assert revoked.result is True
    assert not any(await living(town, service, [each["access_token"] for each in found]))
    assert not await is_refreshable(town, service, client, first["refresh_token"])


@together
@pytest.mark.keeps("RFC9700-4.14")
async def test_a_public_client_cannot_do_without_rotation(town: World) -> None:
    service = await town.add_service("rfc6749", refresh_rotation=False, refresh_grace=0)
    client = await town.add_application(service, secret=None, type="public")
    code = await town.code(service, client, **CHALLENGE)

    async def ask(**data: Any) -> Answer:
        return await town.call("createAccessToken", {
            "service_key": service.key, "client": {"client_id": client.client_id}, "token_data": data,
            "uri": {"redirect_uri": "https://client.example.com/cb"},
        })  # fmt: skip

    made = (await ask(grant_type="authorization_code", code=code, code_verifier=VERIFIER)).result
    used = (await ask(grant_type="refresh_token", refresh_token=made["refresh_token"])).result
    again = await ask(grant_type="refresh_token", refresh_token=made["refresh_token"])

    assert used["refresh_token"] != made["refresh_token"]
    assert outcome(again) == "Invalid refresh token"
    assert await living(town, service, [made["access_token"], used["access_token"]]) == [False, False]


@together
@pytest.mark.keeps("RFC9700-4.14")
async def test_a_reuse_is_noticed_and_ends_the_grant_and_an_idle_token_ends_by_itself(town: World) -> None:
    service = await town.add_service("rfc6749", refresh_grace=1)
    brief = await town.add_service("rfc6749", refresh_idle_ttl=1)
    client = await town.add_application(service, brief)
    reused, idle = await granted(town, service, client), await granted(town, brief, client)
    made = (await town.refresh(service, client, reused["refresh_token"])).result
    await grace_expired(town.store, reused["refresh_token"])

    again = await town.refresh(service, client, reused["refresh_token"])
    await family_expired(town.store, idle["refresh_token"])
    late = await town.refresh(brief, client, idle["refresh_token"])

    assert {outcome(again), outcome(late)} == {"Invalid refresh token"}
    assert await living(town, service, [made["access_token"]]) == [False]
    assert await living(town, brief, [idle["access_token"]]) == [True]


@together
@pytest.mark.keeps("RFC9700-2.2.2", "CVE-2026-70665")
@pytest.mark.parametrize("profile", PROFILES)
async def test_a_refresh_is_bound_to_client_service_and_scope(town: World, profile: str) -> None:
    service = await town.add_service(profile, scopes=("read", "write", "admin"))
    elsewhere = await town.add_service(profile)
    client = await town.add_application(service, elsewhere)
    thief = await town.add_application(service)
    first = await granted(town, service, client, scope="read write")

    def use(where: Service, who: Application, scope: str | None = None) -> Call:
        token = {"grant_type": "refresh_token", "refresh_token": first["refresh_token"], "scope": scope}
        identity = {"client_id": who.client_id, "client_secret": "client-secret-of-the-test"}
        return Call("createAccessToken", {"service_key": where.key, "client": identity, "token_data": token})

    wider = ["admin", "read write admin", "read admin", "*", "READ", "openid", "read\twrite", "read,write"]
    refused = await batch(
        town, [use(service, thief), use(elsewhere, client), *(use(service, client, scope) for scope in wider)]
    )
    narrow = (await batch(town, [use(service, client, "read")]))[0].result
    again = (await town.refresh(service, client, narrow["refresh_token"])).result

    assert [outcome(answer) for answer in refused[:2]] == ["Invalid refresh token"] * 2
    assert {outcome(answer) for answer in refused[2:]} == {"Invalid scope"}
    assert (narrow["scope"], again["scope"]) == ("read", "read write")
