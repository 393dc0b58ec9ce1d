"""Every way to end what was granted, in every combination: the strictest wins, whichever came first."""

from __future__ import annotations

import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from itertools import combinations

import pytest

from mashery_oauth.models import Application, Service, Site
from tests.effort import tally, times
from tests.world import HTTPS, World

from .calls import Call, Members, batch, client_of, living, oauth_error, outcome

USER = "user"
together = pytest.mark.asyncio(loop_scope="module")


@dataclass
class Grant:
    """A token, a refresh token and an unused code that were made in the same breath, and what is to be left of them."""

    access: str
    refresh: str
    code: str
    is_token_alive: bool = True
    is_family_alive: bool = True
    is_code_alive: bool = True


@dataclass
class Story:
    """One client of one user, and what was granted to it so far."""

    world: World
    service: Service
    client: Application
    grants: list[Grant] = field(default_factory=list)

    @property
    def named(self) -> Members:
        """Service and client."""
        return {"service_key": self.service.key, "client": client_of(self.client)}

    async def grant(self) -> None:
        """One more grant."""
        uri = {"uri": {"redirect_uri": HTTPS}, "user_context": USER}
        token, code = await batch(
            self.world,
            [
                Call(
                    "createAccessToken", self.named | {"token_data": {"grant_type": "password"}, "user_context": USER}
                ),
                Call("createAuthorizationCode", self.named | uri),
            ],
        )
        made = token.result
        self.grants.append(Grant(made["access_token"], made["refresh_token"], code.result["code"]))

    async def revoke(self, text: str) -> None:
        """revokeAccessToken."""
        assert (await self.world.call("revokeAccessToken", self.named | {"access_token": text})).result is True

    async def raise_mark(self, record: Application | Service | Site) -> None:
        """Publishes that what was issued so far by a client, at a service or in a site is dead."""
        version = self.world.store.configuration.version + 1
        await self.world.write(replace(record, revoked_before=version))

    def all_is_over(self) -> None:
        """Nothing that was granted so far is to be left."""
        for each in self.grants:
            each.is_token_alive = each.is_family_alive = each.is_code_alive = False


async def _token(story: Story) -> None:
    await story.revoke(story.grants[-1].access)
    story.grants[-1].is_token_alive = False


async def _grant(story: Story) -> None:
    await story.revoke(story.grants[-1].refresh)
    story.grants[-1].is_token_alive = story.grants[-1].is_family_alive = False


async def _user_at_client(story: Story) -> None:
    await story.world.call("revokeUserApplication", story.named | {"user_context": USER})
    story.all_is_over()


async def _user(story: Story) -> None:
    await story.world.store.users.revoke(story.service, USER, None)
    story.all_is_over()


async def _client(story: Story) -> None:
    await story.raise_mark(story.client)
    story.all_is_over()


async def _service(story: Story) -> None:
    await story.raise_mark(story.service)
    story.all_is_over()


async def _site(story: Story) -> None:
    await story.raise_mark(story.world.site)
    story.all_is_over()


End = Callable[[Story], Awaitable[None]]
ENDS: tuple[End, ...] = (_token, _grant, _user_at_client, _user, _client, _service, _site)
CHOICES = [chosen for count in range(len(ENDS) + 1) for chosen in combinations(ENDS, count)]


def name_of(chosen: tuple[End, ...]) -> str:
    """How a combination is called."""
    return "+".join(end.__name__.strip("_") for end in chosen) or "none"


async def check(story: Story) -> None:
    """What is left is what is to be left, and it shows the same at every door."""
    grants, world, named = story.grants, story.world, story.named
    texts = [each.access for each in grants]
    refreshes = [
        Call(
            "createAccessToken", named | {"token_data": {"grant_type": "refresh_token", "refresh_token": each.refresh}}
        )
        for each in grants
    ]
    redemptions = [
        Call(
            "createAccessToken",
            named
            | {"token_data": {"grant_type": "authorization_code", "code": each.code}, "uri": {"redirect_uri": HTTPS}},
        )
        for each in grants
    ]

    tokens = await living(world, story.service, texts)
    listed = await world.call("fetchUserApplications", [story.service.key, USER, "active"])
    refreshed, redeemed = await batch(world, refreshes), await batch(world, redemptions)

    assert tokens == [each.is_token_alive for each in grants]
    found = [text for each in listed.result for text in each["access_tokens"]]
    assert sorted(found) == sorted(each.access for each in grants if each.is_token_alive)
    assert [outcome(answer) == "ok" for answer in refreshed] == [each.is_family_alive for each in grants]
    assert [outcome(answer) == "ok" for answer in redeemed] == [each.is_code_alive for each in grants]
    assert {oauth_error(answer) for answer in refreshed + redeemed} <= {"ok", "invalid_grant"}


@together
@pytest.mark.keeps("CVE-2026-8922")
@pytest.mark.parametrize("chosen", CHOICES, ids=name_of)
async def test_the_strictest_of_several_cut_offs_wins(town: World, chosen: tuple[End, ...]) -> None:
    """Found by a run: tokens ended with their client, service or site were still listed as active."""
    for number in range(times(1)):
        service = await town.add_service("rfc6749", revocation="token")
        story = Story(town, service, await town.add_application(service))
        order = random.Random(f"{number} {name_of(chosen)}").sample(chosen, len(chosen))

        await story.grant()
        for end in order:
            await end(story)
            await story.grant()

        await check(story)
        tally("orders of cut-offs")


@together
@pytest.mark.keeps("CVE-2026-8922")
@pytest.mark.parametrize("end", ENDS, ids=lambda end: name_of((end,)))
async def test_a_cut_off_that_is_made_again_does_not_move_back(town: World, end: End) -> None:
    service = await town.add_service("rfc6749", revocation="token")
    story = Story(town, service, await town.add_application(service))
    await story.grant()

    await end(story)
    await story.grant()
    await end(story)
    await story.grant()

    await check(story)


@together
@pytest.mark.keeps("CVE-2026-8922")
@pytest.mark.parametrize("end", ENDS, ids=lambda end: name_of((end,)))
async def test_what_a_cut_off_ended_makes_room_under_the_cap(town: World, end: End) -> None:
    """Found by a run: tokens that ended with their client, service or site still counted."""
    service = await town.add_service("rfc6749", revocation="token", token_cap=1)
    story = Story(town, service, await town.add_application(service))
    await story.grant()
    data = {"token_data": {"grant_type": "password"}, "user_context": USER}
    full = await town.call("createAccessToken", story.named | data)

    await end(story)
    again = await town.call("createAccessToken", story.named | data)

    assert (outcome(full), outcome(again)) == ("Token limit reached", "ok")
