"""Taking over a file that is large."""

import time
from typing import Any

import pytest

from mashery_oauth.operations.importing import CREATE, take_over
from mashery_oauth.store import Store

SITE = {"id": 500, "name": "Moved"}


@pytest.mark.parametrize("last", [[], [{"client_id": "last", "site": 500, "name": "last", "id": 2_147_483_647}]])
async def test_many_applications_without_a_number_are_taken_over_in_time(
    single_store: Store, last: list[dict[str, Any]]
) -> None:
    """Found by a test: each looked at all others for a free number, so that ten times as many took a hundred times."""
    many = [{"client_id": f"many-{number}", "site": 500, "name": f"shop {number}"} for number in range(20_000)]
    document = {"sites": [SITE], "applications": [*last, *many]}
    started = time.monotonic()

    verdicts = await take_over(single_store, document, dry_run=True)

    assert time.monotonic() - started < 10
    assert [verdict.outcome for verdict in verdicts] == [CREATE] * (1 + len(last) + len(many))
