"""What records may say beside each other."""

from dataclasses import replace

import pytest

from mashery_oauth.checks import check_record, service_keys
from mashery_oauth.models import Application, Caller, Record, Service, Site
from mashery_oauth.operation import OperationError, Snapshot

SITE, OTHER = Site(100, "Bank"), Site(101, "Other")
CALLER = Caller("key", 100, "bank", user="bank")
SERVICE = Service("service", 1, 100, "payments")
APPLICATION = Application(1001, "shop", 100, "shop", services=("service",))


@pytest.fixture
def snapshot() -> Snapshot:
    snapshot = Snapshot(1, {}, {}, {}, {}, {})
    for record in (SITE, OTHER, CALLER, SERVICE, APPLICATION):
        snapshot.put(record)
    return snapshot


@pytest.mark.parametrize("record", [SITE, CALLER, SERVICE, APPLICATION])
def test_a_record_is_not_in_its_own_way(snapshot: Snapshot, record: Record) -> None:
    check_record(record, snapshot)


@pytest.mark.parametrize(
    ("record", "field"),
    [
        (replace(SITE, id=0), "id"),
        (replace(SITE, name=" "), "name"),
        (replace(CALLER, apikey="second"), "user"),
        (replace(CALLER, site_id=7), "site"),
        (replace(CALLER, user="a:b"), "user"),
        (replace(SERVICE, key="second"), "id"),
        (replace(SERVICE, key="second", id=2), "name"),
        (replace(SERVICE, key="not so", id=2), "key"),
        (replace(APPLICATION, client_id="second"), "id"),
        (replace(APPLICATION, site_id=101), "services"),
        (replace(APPLICATION, type="public", secrets=("x",)), "client_secret"),
        (replace(APPLICATION, secrets=("x", "y", "z")), "secret_hashes"),
        (replace(APPLICATION, redirect_uris=("https://shop.example/#",)), "redirect_uris"),
    ],
)
def test_names_the_member_that_does_not_fit(snapshot: Snapshot, record: Record, field: str) -> None:
    with pytest.raises(OperationError) as refusal:
        check_record(record, snapshot)

    assert refusal.value.field == field


def test_a_number_of_an_application_counts_in_its_site_alone(snapshot: Snapshot) -> None:
    check_record(replace(APPLICATION, client_id="second", site_id=101, services=()), snapshot)


def test_a_service_is_named_by_key_or_by_its_name_in_the_site(snapshot: Snapshot) -> None:
    words = ("payments", "service", "nothing")

    assert service_keys(words, 100, snapshot) == ("service", "nothing")
    assert service_keys(("payments",), 101, snapshot) == ("payments",)
