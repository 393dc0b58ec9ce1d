"""Callers."""

import re
from typing import Any

import pytest

from mashery_oauth.models import Site
from mashery_oauth.operation import OperationError
from mashery_oauth.operations import callers
from mashery_oauth.store import Store


async def test_generates_keys_and_shows_them_once(store: Store, site: Site) -> None:
    shown = await callers.create(store, site.id, "bank", user="bank")

    caller = shown.caller
    assert re.fullmatch("[a-z0-9]{24}", caller.apikey)
    assert re.fullmatch("[a-z0-9]{32}", shown.secret)
    assert re.fullmatch("[a-z0-9]{32}", shown.password)
    assert store.ring.open(caller.secret, f"caller:{caller.apikey}").decode() == shown.secret
    assert store.ring.matches(shown.password, caller.password)


async def test_takes_what_is_given(store: Store, site: Site) -> None:
    shown = await callers.create(store, site.id, "bank", apikey="key", secret="s", user="bank", password="p")

    assert (shown.caller.apikey, shown.secret, shown.password) == ("key", "s", "p")
    assert await store.configuration.caller_of_user("bank") == shown.caller


async def test_needs_no_user(store: Store, site: Site) -> None:
    shown = await callers.create(store, site.id, "bank")

    assert (shown.caller.user, shown.caller.password, shown.password) == ("", "", "")


async def test_refuses_an_unknown_site(store: Store) -> None:
    with pytest.raises(OperationError, match="site: there is no site 5"):
        await callers.create(store, 5, "bank")


async def test_refuses_an_apikey_that_is_taken(store: Store, site: Site) -> None:
    await callers.create(store, site.id, "bank", apikey="key")

    with pytest.raises(OperationError, match="apikey: key is taken"):
        await callers.create(store, site.id, "bench", apikey="key")


async def test_refuses_a_user_that_is_taken(store: Store, site: Site) -> None:
    await callers.create(store, site.id, "bank", user="bank")

    with pytest.raises(OperationError, match="user: bank is taken"):
        await callers.create(store, site.id, "bench", user="bank")


@pytest.mark.parametrize(
    ("members", "field"),
    [
        ({"user": "a:b"}, "user"),
        ({"password": "p"}, "password"),
        ({"secret": ""}, "secret"),
        ({"secret": "not\nso"}, "secret"),
        ({"apikey": "not so"}, "apikey"),
        ({"apikey": "k" * 256}, "apikey"),
    ],
)
async def test_names_the_argument_that_is_ill_formed(
    store: Store, site: Site, members: dict[str, Any], field: str
) -> None:
    with pytest.raises(OperationError) as refusal:
        await callers.create(store, site.id, "bank", **members)

    assert refusal.value.field == field
    assert await callers.every(store) == []


async def test_finds_a_caller_by_apikey_user_and_name(store: Store, site: Site) -> None:
    caller = (await callers.create(store, site.id, "Big Bank", apikey="key", user="bank")).caller

    found = [await callers.show(store, word) for word in ("key", "bank", "Big Bank")]

    assert found == [caller] * 3


async def test_replaces_only_the_secret_that_is_named(store: Store, site: Site) -> None:
    before = (await callers.create(store, site.id, "bank", user="bank")).caller

    shown = await callers.rotate(store, "bank", secret=True, password=False)

    assert store.ring.open(shown.caller.secret, f"caller:{before.apikey}").decode() == shown.secret
    assert (shown.caller.password, shown.password) == (before.password, "")


async def test_gives_no_password_to_a_caller_without_a_user(store: Store, site: Site) -> None:
    await callers.create(store, site.id, "bank")

    with pytest.raises(OperationError, match=r"password: caller .* has no user"):
        await callers.rotate(store, "bank", secret=False, password=True)


async def test_changes_only_what_is_given(store: Store, site: Site) -> None:
    before = (await callers.create(store, site.id, "bank", user="bank")).caller

    changed = await callers.update(store, "bank", active=False)

    assert (changed.name, changed.active, changed.secret) == ("bank", False, before.secret)


async def test_deletes_the_user_with_the_caller(store: Store, site: Site) -> None:
    await callers.create(store, site.id, "bank", user="bank")

    await callers.delete(store, "bank")

    assert await store.configuration.caller_of_user("bank") is None
    assert (await callers.create(store, site.id, "again", user="bank")).caller.user == "bank"
