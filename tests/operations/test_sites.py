"""Sites."""

import pytest

from mashery_oauth.models import Service, Site
from mashery_oauth.operation import OperationError
from mashery_oauth.operations import sites
from mashery_oauth.store import Store


async def test_numbers_sites_from_100(store: Store) -> None:
    first = await sites.create(store, "one")
    second = await sites.create(store, "two")

    assert (first.id, second.id) == (100, 101)
    assert await sites.every(store) == [first, second]


async def test_takes_the_number_that_is_asked_for(store: Store) -> None:
    site = await sites.create(store, "one", number=7)

    assert await sites.show(store, "7") == site
    assert await sites.show(store, "one") == site


async def test_refuses_a_number_that_is_taken(store: Store, site: Site) -> None:
    with pytest.raises(OperationError, match="id: 100 is taken"):
        await sites.create(store, "other", number=site.id)

    assert await sites.every(store) == [site]


@pytest.mark.parametrize("name", ["", "  ", "a\nb", "\x1b[2J", "x" * 256])
async def test_refuses_a_name_that_cannot_be_shown(store: Store, name: str) -> None:
    with pytest.raises(OperationError, match=r"^name: "):
        await sites.create(store, name)


async def test_changes_only_what_is_given(store: Store, site: Site) -> None:
    await sites.update(store, str(site.id), active=False)
    changed = await sites.update(store, "Bank", name="Bench")

    assert changed == Site(site.id, "Bench", active=False)
    assert await sites.show(store, "Bench") == changed


async def test_writes_nothing_where_nothing_changes(store: Store, site: Site) -> None:
    before = store.configuration.version

    await sites.update(store, "Bank", name="Bank")

    assert store.configuration.version == before


async def test_keeps_a_site_that_something_belongs_to(store: Store, service: Service) -> None:
    with pytest.raises(OperationError, match="site: 100 still has 1 services"):
        await sites.delete(store, str(service.site_id))

    assert len(await sites.every(store)) == 1


async def test_deletes_an_empty_site(store: Store, site: Site) -> None:
    await sites.delete(store, "Bank")

    with pytest.raises(OperationError, match="site: there is none with the number or name 'Bank'"):
        await sites.show(store, "Bank")


async def test_asks_which_one_where_several_have_the_name(store: Store) -> None:
    await sites.create(store, "twin")
    await sites.create(store, "twin")

    with pytest.raises(OperationError, match="2 have the name 'twin', say which: 100, 101"):
        await sites.show(store, "twin")
