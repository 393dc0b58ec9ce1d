"""One token, as operators see it."""

from dataclasses import dataclass, replace

import pytest

from mashery_oauth.models import Application, Grant, Issued, Service
from mashery_oauth.operation import OperationError
from mashery_oauth.operations import applications, services, sites, tokens
from mashery_oauth.operations.applications import Wanted
from mashery_oauth.store import Store


@dataclass(frozen=True, slots=True)
class Client:
    store: Store
    service: Service
    application: Application

    async def issue(self, *, user: str | None = "user", scope: str | None = "read") -> Issued:
        grant = Grant(
            service=self.service,
            application=self.application,
            flow="password",
            scope=scope,
            user_context=user,
            version=self.store.configuration.version,
            with_refresh=True,
        )
        return await self.store.tokens.issue(grant)

    async def refresh(self, presented: str) -> Issued:
        grant = Grant(
            service=self.service,
            application=self.application,
            flow="refresh_token",
            scope=None,
            user_context=None,
            version=self.store.configuration.version,
        )
        return await self.store.families.rotate(grant, presented, None, rotation=True)


@pytest.fixture
async def client(store: Store, service: Service) -> Client:
    shown = await applications.create(store, service.site_id, Wanted(name="shop", services=["payments"]))
    return Client(store, service, shown.application)


async def test_says_what_there_is_of_a_token(store: Store, client: Client) -> None:
    issued = await client.issue()

    found = await tokens.show(store, issued.access_token)

    assert (found.kind, found.alive, found.flow) == ("access", True, "password")
    assert (found.service, found.application) == (client.service, client.application)
    assert (found.scope, found.user_context) == ("read", "user")
    assert found.expires is not None
    assert found.handle is not None
    assert issued.access_token not in repr(found)


async def test_finds_the_same_token_by_its_handle(store: Store, client: Client) -> None:
    found = await tokens.show(store, (await client.issue()).access_token)

    assert await tokens.show(store, found.handle or "") == found


async def test_says_what_there_is_of_a_refresh_token(store: Store, client: Client) -> None:
    issued = await client.issue()

    found = await tokens.show(store, issued.refresh_token or "")

    assert (found.kind, found.alive, found.handle, found.flow) == ("refresh", True, None, "password")
    assert (found.service, found.user_context) == (client.service, "user")
    assert found.expires is not None


async def test_a_refresh_token_that_was_used_is_dead(store: Store, client: Client) -> None:
    first = (await client.issue()).refresh_token or ""
    second = (await client.refresh(first)).refresh_token or ""

    alive = [(await tokens.show(store, text)).alive for text in (first, second)]

    assert alive == [False, True]


@pytest.mark.parametrize("text", ["", "nothing", "a" * 44, "a" * 60, "sha256:" + "a" * 34, "sha256:"])
async def test_refuses_what_is_no_token(store: Store, text: str) -> None:
    for operation in (tokens.show, tokens.revoke):
        with pytest.raises(OperationError, match="no such token"):
            await operation(store, text)


async def test_kills_a_token_by_its_text_and_its_grant_with_it(store: Store, client: Client) -> None:
    issued = await client.issue()

    left, _ = await tokens.revoke(store, issued.access_token)

    assert not left.alive
    assert not (await tokens.show(store, issued.access_token)).alive
    assert not (await tokens.show(store, issued.refresh_token or "")).alive


async def test_kills_a_token_by_its_handle(store: Store, client: Client) -> None:
    issued = await client.issue()
    handle = (await tokens.show(store, issued.access_token)).handle or ""

    await tokens.revoke(store, handle)

    assert not (await tokens.show(store, issued.access_token)).alive


async def test_kills_a_grant_by_its_refresh_token(store: Store, client: Client) -> None:
    issued = await client.issue()

    left, _ = await tokens.revoke(store, issued.refresh_token or "")

    assert not left.alive
    assert not (await tokens.show(store, issued.access_token)).alive


async def test_leaves_the_grant_where_the_policy_says_so(store: Store, client: Client) -> None:
    await services.update(store, "payments", members={"revocation": "token"})
    issued = await client.issue()

    await tokens.revoke(store, issued.access_token)

    assert not (await tokens.show(store, issued.access_token)).alive
    assert (await tokens.show(store, issued.refresh_token or "")).alive


async def test_says_dead_where_something_configured_stands_in_the_way(store: Store, client: Client) -> None:
    issued = await client.issue()
    texts = (issued.access_token, issued.refresh_token or "")
    await applications.update(store, "shop", Wanted(active=False))

    assert [(await tokens.show(store, text)).alive for text in texts] == [False, False]

    await applications.update(store, "shop", Wanted(active=True))
    await sites.update(store, str(client.service.site_id), active=False)

    assert [(await tokens.show(store, text)).alive for text in texts] == [False, False]


async def test_shows_a_token_of_a_service_that_is_gone(store: Store, client: Client) -> None:
    issued = await client.issue()
    await services.delete(store, "payments")

    found = await tokens.show(store, issued.access_token)

    assert (found.alive, found.service, found.application) == (False, None, None)
    assert (await tokens.revoke(store, issued.access_token))[0] == found


async def test_no_token_comes_to_life_under_a_number_given_again(store: Store, client: Client) -> None:
    issued = await client.issue()
    await applications.delete(store, "shop")
    again = await applications.create(store, client.service.site_id, Wanted(name="shop", services=["payments"]))

    found = await tokens.show(store, issued.access_token)

    assert again.application.id == client.application.id
    assert not found.alive
    assert await store.tokens.fetch(client.service, 0, [issued.access_token]) == [None]


async def test_says_nothing_of_an_expiry_that_is_switched_off(store: Store, client: Client) -> None:
    endless = replace(client, service=await services.update(store, "payments", members={"access_ttl": "off"}))

    found = await tokens.show(store, (await endless.issue()).access_token)

    assert (found.alive, found.expires) == (True, None)
