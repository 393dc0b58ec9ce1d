"""Applications and their secrets."""

import re
from typing import Any

import pytest

from mashery_oauth.models import Service
from mashery_oauth.operation import HIGHEST, OperationError
from mashery_oauth.operations import applications, services, sites
from mashery_oauth.operations.applications import Wanted
from mashery_oauth.store import Store

URI = "https://shop.example.com/cb"


async def test_generates_what_is_not_given(store: Store, service: Service) -> None:
    shown = await applications.create(store, service.site_id, Wanted(name="shop", services=["payments"]))

    application = shown.application
    assert (application.id, application.services) == (1001, (service.key,))
    assert re.fullmatch("[a-z0-9]{24}", application.client_id)
    assert re.fullmatch("[a-z0-9]{40}", shown.client_secret)
    assert [store.ring.matches(shown.client_secret, kept) for kept in application.secrets] == [True]


async def test_takes_what_is_given(store: Store, service: Service) -> None:
    wanted = Wanted(
        name="shop",
        services=[service.key],
        native=True,
        redirect_uris=[URI, "com.example.shop:/cb"],
        flows=frozenset({"password"}),
        external_id="17",
        attributes='{"tier": "gold"}',
    )

    shown = await applications.create(
        store, service.site_id, wanted, number=HIGHEST, client_id="shop", client_secret="known"
    )

    application = await applications.show(store, "shop")
    assert application == shown.application
    assert (application.id, application.flows) == (HIGHEST, frozenset({"password"}))
    assert application.redirect_uris == (URI, "com.example.shop:/cb")
    assert store.ring.matches("known", application.secrets[0])
    assert await store.configuration.application_by_id(service.site_id, HIGHEST) == application


@pytest.mark.keeps("D16-26", "D10-1b")
async def test_a_public_application_has_no_secret(store: Store, service: Service) -> None:
    shown = await applications.create(store, service.site_id, Wanted(name="spa", type="public"))

    assert (shown.client_secret, shown.application.secrets) == ("", ())


async def test_numbers_applications_within_their_site(store: Store, service: Service) -> None:
    other = await sites.create(store, "other")

    made = [
        await applications.create(store, site_id, Wanted(name="shop"))
        for site_id in (service.site_id, service.site_id, other.id)
    ]

    assert [shown.application.id for shown in made] == [1001, 1002, 1001]


@pytest.mark.parametrize(
    ("members", "field"),
    [
        ({"name": ""}, "name"),
        ({"type": "trusted"}, "type"),
        ({"services": ["nothing"]}, "services"),
        ({"redirect_uris": ["/relative"]}, "redirect_uris"),
        ({"redirect_uris": ["javascript:alert(1)"]}, "redirect_uris"),
        ({"redirect_uris": [URI, URI]}, "redirect_uris"),
        ({"redirect_uris": [f"{URI}/{number}" for number in range(33)]}, "redirect_uris"),
        ({"flows": frozenset({"device"})}, "flows"),
        ({"external_id": "\x00"}, "external_id"),
        ({"attributes": "x" * 4097}, "attributes"),
    ],
)
async def test_names_the_member_that_is_ill_formed(
    store: Store, service: Service, members: dict[str, Any], field: str
) -> None:
    with pytest.raises(OperationError) as refusal:
        await applications.create(store, service.site_id, Wanted(**{"name": "shop", **members}))

    assert refusal.value.field == field
    assert await applications.every(store) == []


@pytest.mark.parametrize("number", [0, HIGHEST + 1])
async def test_refuses_a_number_out_of_range(store: Store, service: Service, number: int) -> None:
    with pytest.raises(OperationError, match=f"id: must be 1 to {HIGHEST}"):
        await applications.create(store, service.site_id, Wanted(name="shop"), number=number)


async def test_refuses_what_is_taken(store: Store, service: Service) -> None:
    await applications.create(store, service.site_id, Wanted(name="shop"), number=7, client_id="shop")

    with pytest.raises(OperationError, match="id: 7 is taken"):
        await applications.create(store, service.site_id, Wanted(name="other"), number=7)
    with pytest.raises(OperationError, match="client_id: shop is taken"):
        await applications.create(store, service.site_id, Wanted(name="other"), client_id="shop")


async def test_refuses_a_service_of_another_site(store: Store, service: Service) -> None:
    other = await sites.create(store, "other")

    for word in (service.key, service.name):
        with pytest.raises(OperationError, match="services: site 101 has no service"):
            await applications.create(store, other.id, Wanted(name="shop", services=[word]))


@pytest.mark.keeps("D16-26", "D10-1b")
async def test_refuses_a_secret_for_a_public_application(store: Store, service: Service) -> None:
    with pytest.raises(OperationError, match="client_secret: a public application has none"):
        await applications.create(store, service.site_id, Wanted(name="spa", type="public"), client_secret="s")


async def test_changes_only_what_is_given(store: Store, service: Service) -> None:
    before = await applications.create(
        store, service.site_id, Wanted(name="shop", redirect_uris=[URI], flows=frozenset({"password"}))
    )

    changed = await applications.update(store, "shop", Wanted(services=["payments"], every_flow=True))

    assert (changed.services, changed.flows) == ((service.key,), None)
    assert (changed.redirect_uris, changed.secrets) == ((URI,), before.application.secrets)


@pytest.mark.keeps("D16-26", "D10-1b")
async def test_loses_its_secrets_when_it_becomes_public(store: Store, service: Service) -> None:
    await applications.create(store, service.site_id, Wanted(name="shop"))

    changed = await applications.update(store, "shop", Wanted(type="public"))

    assert changed.secrets == ()


async def test_has_two_secrets_at_most_the_newest_first(store: Store, service: Service) -> None:
    await applications.create(store, service.site_id, Wanted(name="shop"), client_secret="first")
    await applications.add_secret(store, "shop", client_secret="second")

    shown = await applications.add_secret(store, "shop")

    newest, older = shown.application.secrets
    assert store.ring.matches(shown.client_secret, newest)
    assert store.ring.matches("second", older)


async def test_drops_the_older_secret(store: Store, service: Service) -> None:
    await applications.create(store, service.site_id, Wanted(name="shop"))
    newest = (await applications.add_secret(store, "shop")).application.secrets[0]

    left = await applications.drop_secret(store, "shop")

    assert left.secrets == (newest,)
    with pytest.raises(OperationError, match="has no older secret"):
        await applications.drop_secret(store, "shop")


async def test_a_number_given_again_revives_nothing(store: Store, service: Service) -> None:
    first = (await applications.create(store, service.site_id, Wanted(name="shop"))).application
    await applications.delete(store, "shop")
    deleted_at = store.configuration.version

    again = (await applications.create(store, service.site_id, Wanted(name="shop"))).application

    assert again.id == first.id
    assert again.revoked_before >= deleted_at


async def test_takes_a_service_by_name_from_its_own_site(store: Store, service: Service) -> None:
    other = await sites.create(store, "other")
    theirs = await services.create(store, other.id, "payments", preset_name="mashery")

    shown = await applications.create(store, other.id, Wanted(name="shop", services=["payments"]))

    assert shown.application.services == (theirs.key,)
