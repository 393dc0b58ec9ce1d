"""Services and their policies."""

import re

import pytest

from mashery_oauth.flows import FLOWS
from mashery_oauth.models import Service, Site
from mashery_oauth.operation import OperationError
from mashery_oauth.operations import applications, services, sites
from mashery_oauth.operations.applications import Wanted
from mashery_oauth.presets import preset
from mashery_oauth.store import Store


async def test_begins_with_a_preset(store: Store, site: Site) -> None:
    service = await services.create(store, site.id, "payments", preset_name="oauth21")

    assert re.fullmatch("[a-z0-9]{24}", service.key)
    assert service.policy == preset("oauth21")


async def test_numbers_services_over_all_sites(store: Store, site: Site) -> None:
    other = await sites.create(store, "other")

    made = [await services.create(store, number, "payments", preset_name="mashery") for number in (site.id, other.id)]

    assert [service.id for service in made] == [1, 2]


async def test_differs_from_the_preset_where_told_to(store: Store, site: Site) -> None:
    members = {"access_ttl": "off", "scopes": ["read", "write"], "flows": [], "pkce": "required"}

    policy = (await services.create(store, site.id, "payments", preset_name="mashery", members=members)).policy

    assert (policy.access_ttl, policy.scopes, policy.flows) == (None, ("read", "write"), frozenset())
    assert policy.pkce == "required"


@pytest.mark.parametrize(
    ("members", "sentence"),
    [
        ({"acces_ttl": 1}, "acces_ttl: there is no such member; there are: profile, flows"),
        ({"access_ttl": True}, 'access_ttl: must be a whole number or "off"'),
        ({"access_ttl": "3600"}, 'access_ttl: must be a whole number or "off"'),
        ({"pkce": 1}, "pkce: must be a text"),
        ({"flows": "password"}, "flows: must be a list of texts"),
        ({"force_https": "yes"}, "force_https: must be true or false"),
        ({"grant_aliases": []}, "grant_aliases: must be a table of texts"),
    ],
)
async def test_names_a_member_of_the_wrong_type(
    store: Store, site: Site, members: dict[str, object], sentence: str
) -> None:
    with pytest.raises(OperationError) as refusal:
        await services.create(store, site.id, "payments", preset_name="mashery", members=members)

    assert str(refusal.value).startswith(sentence)


async def test_refuses_an_unknown_preset(store: Store, site: Site) -> None:
    with pytest.raises(OperationError, match="preset: must be one of: mashery, draft10"):
        await services.create(store, site.id, "payments", preset_name="draft9")


async def test_refuses_a_name_that_the_site_has(store: Store, service: Service) -> None:
    with pytest.raises(OperationError, match="name: another service of site 100 is called 'payments'"):
        await services.create(store, service.site_id, "payments", preset_name="mashery")


async def test_refuses_a_key_that_is_taken(store: Store, service: Service) -> None:
    with pytest.raises(OperationError, match=f"key: {service.key} is taken"):
        await services.create(store, service.site_id, "other", preset_name="mashery", key=service.key)


async def test_changes_one_member_and_leaves_the_others(store: Store, service: Service) -> None:
    changed = await services.update(store, "payments", members={"access_ttl": 900})

    assert changed.policy.access_ttl == 900
    assert changed.policy.flows == service.policy.flows
    assert await services.show(store, service.key) == changed


async def test_puts_another_preset_in_place_before_it_changes_members(store: Store, service: Service) -> None:
    changed = await services.update(store, service.key, preset_name="oauth21", members={"access_ttl": 60})

    assert (changed.policy.profile, changed.policy.access_ttl) == ("oauth21", 60)


async def test_turns_a_flow_on_and_off(store: Store, service: Service) -> None:
    on = await services.allow(store, "payments", "password")
    off = await services.forbid(store, "payments", "password")

    assert on.policy.flows == service.policy.flows | {"password"}
    assert off == service


async def test_writes_nothing_where_a_flow_is_on_already(store: Store, service: Service) -> None:
    await services.allow(store, "payments", "password")
    before = store.configuration.version

    await services.allow(store, "payments", "password")

    assert store.configuration.version == before


async def test_allows_no_flow_that_does_not_exist(store: Store, service: Service) -> None:
    with pytest.raises(OperationError, match=r"flow: there is no flow 'device'; there are: .*password"):
        await services.allow(store, service.key, "device")


async def test_allows_no_flow_that_the_profile_does_not_know(store: Store, site: Site) -> None:
    await services.create(store, site.id, "new", preset_name="oauth21")

    with pytest.raises(OperationError, match="flow: the profile oauth21 does not know the flow password"):
        await services.allow(store, "new", "password")


async def test_says_of_every_flow_whether_it_is_on_and_known(store: Store, site: Site) -> None:
    service = await services.create(store, site.id, "new", preset_name="oauth21")

    states = services.flow_states(service)

    assert [state.flow for state in states] == list(FLOWS)
    assert {state.flow for state in states if state.on} == service.policy.flows
    assert {state.flow for state in states if not state.known} == {"password", "implicit"}


async def test_deletes_a_service_also_from_its_applications(store: Store, service: Service) -> None:
    other = await services.create(store, service.site_id, "other", preset_name="mashery")
    wanted = Wanted(name="shop", services=["payments", "other"])
    await applications.create(store, service.site_id, wanted)

    await services.delete(store, "payments")

    assert (await applications.show(store, "shop")).services == (other.key,)
    assert await services.every(store) == [other]


async def test_a_number_given_again_revives_nothing(store: Store, service: Service) -> None:
    await services.delete(store, "payments")
    deleted_at = store.configuration.version

    again = await services.create(store, service.site_id, "payments", preset_name="mashery")

    assert again.id == service.id
    assert again.revoked_before >= deleted_at
