"""Everything that is configured, as a file and back."""

import tomllib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mashery_oauth.models import Service
from mashery_oauth.operation import read
from mashery_oauth.operations import applications, callers, services
from mashery_oauth.operations.applications import Wanted
from mashery_oauth.operations.exporting import export, write
from mashery_oauth.operations.importing import parse, take_over
from mashery_oauth.store import Store

from .conftest import empty, opened

TEXTS = st.text(st.characters(exclude_categories=["Cs"]))
VALUES = TEXTS | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.lists(TEXTS)


@given(st.dictionaries(TEXTS, VALUES | st.dictionaries(TEXTS, VALUES, min_size=1)))
def test_what_is_written_reads_back_the_same(table: dict[str, Any]) -> None:
    document = {"things": [table, {"last": True}]}

    assert tomllib.loads(write(document)) == document


def test_leaves_out_what_there_is_not() -> None:
    assert write({"things": [{"a": None, "b": {}, "c": 1}]}) == "[[things]]\nc = 1\n"


@pytest.fixture
async def furnished(store: Store, service: Service) -> Store:
    """A store with something unusual in every record."""
    site_id = service.site_id
    await callers.create(store, site_id, 'Ünï "quoted" \\ \U0001d505ank', user="bank")
    await callers.create(store, site_id, "no user")
    await services.create(
        store,
        site_id,
        "old",
        preset_name="draft10",
        members={
            "access_ttl": "off",
            "refresh_idle_ttl": "off",
            "scopes": ["read", "write"],
            "default_scopes": ["read"],
            "scope_separators": " +",
            "grant_aliases": {"trial partners!": "write"},
            "token_cap": 5,
        },
    )
    await services.update(store, "payments", active=False)
    await applications.create(
        store,
        site_id,
        Wanted(
            name="shop",
            services=["old"],
            redirect_uris=["https://shop.example/cb"],
            flows=frozenset({"password"}),
            external_id="off",
            attributes="two\nlines",
        ),
    )
    await applications.create(store, site_id, Wanted(name="spa", type="public", native=True))
    return store


async def test_restores_everything_where_the_same_keys_are_in_force(furnished: Store, url: str) -> None:
    before = await read(furnished)
    text = await export(furnished)
    empty(url)

    async with opened(url) as fresh:
        verdicts = await take_over(fresh, parse(text.encode()))
        after, again = await read(fresh), await export(fresh)

    assert {verdict.outcome for verdict in verdicts} == {"create"}
    assert (after.sites, after.callers) == (before.sites, before.callers)
    assert [service.policy for service in after.services.values()] == [
        service.policy for service in before.services.values()
    ]
    assert {key: application.secrets for key, application in after.applications.items()} == {
        key: application.secrets for key, application in before.applications.items()
    }
    assert again == text


async def test_imports_as_the_same_where_it_came_from(furnished: Store) -> None:
    document = parse((await export(furnished)).encode())

    verdicts = await take_over(furnished, document)

    assert [verdict for verdict in verdicts if verdict.outcome != "same"] == []


async def test_has_no_secret_in_clear(store: Store, service: Service) -> None:
    caller = await callers.create(store, service.site_id, "bank", user="bank")
    application = await applications.create(store, service.site_id, Wanted(name="shop"))

    text = await export(store)

    for secret in (caller.secret, caller.password, application.client_secret):
        assert secret not in text
