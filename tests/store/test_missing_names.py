"""Names under which there is no configuration record: whoever asks chooses them."""

from __future__ import annotations

import secrets

import pytest

from mashery_oauth.models import Site
from mashery_oauth.store import Store, configuration


async def test_what_is_missing_is_remembered_within_bounds_and_drives_out_nothing(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Found by a test: names that strangers made up filled the memory, and took the place of records."""
    monkeypatch.setattr(configuration, "MISSED", 10)
    monkeypatch.setattr(configuration, "KEPT", 1)
    known, site = store.configuration, Site(secrets.randbelow(2**31), "Site")
    await known.fresh()
    await known.write(known.version, [site])
    before = await known.site(site.id)

    for number in range(30):
        assert await known.caller(f"nobody {number}") is None

    assert len(known._missed) == 10
    assert await known.site(site.id) is before == site


@pytest.mark.parametrize("name", ["", "x" * 256, "x" * 1_000_000, "new\nline", "\ud800"])
async def test_what_cannot_be_a_name_is_not_looked_up(store: Store, name: str) -> None:
    known, link = store.configuration, store.link
    sent = link.commands_sent  # type: ignore[attr-defined]

    found = [await known.caller(name), await known.caller_of_user(name), await known.service(name)]

    assert found == [None] * 3
    assert link.commands_sent == sent  # type: ignore[attr-defined]
    assert not known._missed
