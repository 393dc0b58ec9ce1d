"""Entries of a file, and the records that are made of them."""

from dataclasses import replace
from typing import Any, cast

import pytest

from mashery_oauth.entries import KINDS
from mashery_oauth.models import Application, Caller, Record, Service, Site
from mashery_oauth.operation import OperationError, Snapshot, seal_secret
from mashery_oauth.presets import preset
from mashery_oauth.store.ring import KeyRing

RING = KeyRing((bytes(range(32)),))
CALLER = {"apikey": "key", "site": 100, "name": "bank", "secret": "s3cret", "user": "bank", "password": "pass"}
SERVICE = {"key": "service", "site": 100, "name": "payments"}
APPLICATION = {"client_id": "shop", "site": 100, "name": "shop", "client_secret": "known"}


@pytest.fixture
def snapshot() -> Snapshot:
    snapshot = Snapshot(7, {}, {}, {}, {}, {})
    snapshot.put(Site(100, "Bank"))
    return snapshot


def made(kind: str, entry: dict[str, Any], snapshot: Snapshot) -> Record:
    """The record of an entry, in the snapshot from now on."""
    record = KINDS[kind].record(entry, snapshot, RING)
    snapshot.put(record)
    return record


@pytest.mark.parametrize(("kind", "entry"), [("callers", CALLER), ("services", SERVICE), ("applications", APPLICATION)])
def test_the_same_entry_makes_the_same_record_again(snapshot: Snapshot, kind: str, entry: dict[str, Any]) -> None:
    assert made(kind, entry, snapshot) == made(kind, entry, snapshot)


def test_what_is_new_begins_at_this_version(snapshot: Snapshot) -> None:
    service = cast(Service, made("services", SERVICE, snapshot))
    application = cast(Application, made("applications", APPLICATION, snapshot))

    assert (service.id, service.revoked_before) == (1, 7)
    assert (application.id, application.revoked_before) == (1001, 7)


def test_a_policy_is_a_preset_and_what_differs(snapshot: Snapshot) -> None:
    entry = {**SERVICE, "preset": "oauth21", "policy": {"access_ttl": "off"}}

    service = cast(Service, made("services", entry, snapshot))

    assert service.policy == replace(preset("oauth21"), access_ttl=None)


def test_a_sealed_secret_is_kept_as_it_is_and_opens_for_its_apikey_alone(snapshot: Snapshot) -> None:
    sealed = seal_secret(RING, "key", "s3cret")
    entry = {"site": 100, "name": "bank", "secret_sealed": sealed}

    caller = cast(Caller, made("callers", {**entry, "apikey": "key"}, snapshot))

    assert caller.secret == sealed
    with pytest.raises(OperationError, match="secret_sealed: a sealed value does not open"):
        made("callers", {**entry, "apikey": "another"}, snapshot)


def test_a_secret_that_is_in_force_stays_beside_the_other(snapshot: Snapshot) -> None:
    hashes = [RING.hash("newer"), RING.hash("known")]
    made("applications", {"client_id": "shop", "site": 100, "name": "shop", "secret_hashes": hashes}, snapshot)

    application = cast(Application, made("applications", APPLICATION, snapshot))

    assert application.secrets == tuple(hashes)


def test_another_secret_takes_the_place_of_all(snapshot: Snapshot) -> None:
    made("applications", APPLICATION, snapshot)

    application = cast(Application, made("applications", {**APPLICATION, "client_secret": "other"}, snapshot))

    assert [RING.matches("other", kept) for kept in application.secrets] == [True]
