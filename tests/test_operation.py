"""What all operations have in common."""

import asyncio
import secrets

import pytest

from mashery_oauth.models import Application, Caller, Service, Site
from mashery_oauth.operation import HIGHEST, Numbers, OperationError, Snapshot, read
from mashery_oauth.operations import callers, sites
from mashery_oauth.store import Store, open_store
from mashery_oauth.store.configuration import Conflict

from .conftest import KEYS


@pytest.fixture
def snapshot() -> Snapshot:
    return Snapshot(1, {}, {}, {}, {}, {})


async def test_gives_every_one_of_many_at_once_its_own_number(single_store: Store) -> None:
    made = await asyncio.gather(*(sites.create(single_store, f"site {number}") for number in range(8)))

    known = await read(single_store)
    assert len({site.id for site in made}) == 8
    assert all(known.sites[str(site.id)] == site for site in made)


async def test_decides_anew_when_another_process_wrote_meanwhile(single_store: Store, single_url: str) -> None:
    await single_store.configuration.fresh()
    other = await open_store(single_url, KEYS, timeout=5, max_config_age=1)
    theirs = await sites.create(other, "theirs")
    await other.close()

    mine = await sites.create(single_store, "mine")

    assert mine.id != theirs.id
    assert (await read(single_store)).sites[str(theirs.id)] == theirs


async def test_gives_up_where_others_never_stop_writing(single_store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    async def raced(*_: object) -> int:
        raise Conflict

    monkeypatch.setattr("mashery_oauth.operation._PAUSE", 0)
    monkeypatch.setattr(single_store.configuration, "write", raced)

    with pytest.raises(OperationError, match="configuration: others are changing it all the time"):
        await sites.create(single_store, "late")


async def test_leaves_no_name_of_what_is_deleted(single_store: Store) -> None:
    site = await sites.create(single_store, "Bank")
    user = secrets.token_hex(8)
    shown = await callers.create(single_store, site.id, "bank", user=user)

    await callers.delete(single_store, user)

    left = await read(single_store)
    assert shown.caller.apikey not in left.callers
    assert ("user", user) not in left.second


def test_numbers_follow_the_highest(snapshot: Snapshot) -> None:
    for number in (3, 100, 105):
        snapshot.put(Site(number, "taken"))

    assert snapshot.free_site() == 106
    assert snapshot.free_service() == 1
    assert snapshot.free_application(100) == 1001


def test_uses_a_gap_where_no_number_is_left_above(snapshot: Snapshot) -> None:
    for number in (100, 101, HIGHEST):
        snapshot.put(Site(number, "taken"))

    assert snapshot.free_site() == 102


def test_gaps_are_used_one_after_the_other(snapshot: Snapshot) -> None:
    for number in (100, 102, HIGHEST):
        snapshot.put(Site(number, "taken"))

    found = []
    for _ in range(3):
        found.append(snapshot.free_site())
        snapshot.put(Site(found[-1], "new"))

    assert found == [101, 103, 104]


def test_says_so_where_every_number_is_taken() -> None:
    numbers = Numbers(HIGHEST - 1, HIGHEST - 1)
    numbers.take(HIGHEST)
    numbers.take(HIGHEST - 1)

    with pytest.raises(OperationError, match="id: no number is left"):
        numbers.free()


def test_services_are_numbered_over_all_sites_and_applications_within_their_own(snapshot: Snapshot) -> None:
    snapshot.put(Service("one", 7, 100, "one"))
    snapshot.put(Application(1007, "one", 100, "one"))
    snapshot.put(Application(3, "old", 200, "old"))

    assert snapshot.free_service() == 8
    assert (snapshot.free_application(100), snapshot.free_application(200)) == (1008, 1001)


def test_a_record_takes_the_place_of_its_former_self_and_its_name(snapshot: Snapshot) -> None:
    snapshot.put(Caller("key", 100, "bank", user="old"))

    snapshot.put(Caller("key", 100, "bank", user="new"))

    assert snapshot.callers["key"].user == "new"
    assert snapshot.second == {("user", "new"): "key"}
