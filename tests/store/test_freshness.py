"""How old configuration may be: what is not known to be fresh is not used."""

from __future__ import annotations

import asyncio
import time
from typing import Any

from mashery_oauth.errors import StoreUnavailable
from mashery_oauth.models import Site
from mashery_oauth.store.configuration import Configuration

from ..servers import single_node
from .trouble import linked, process_of, stalled, until

AGE = 0.3
SITE = Site(1, "Site")


async def is_fresh(known: Configuration) -> bool:
    try:
        await known.fresh()
    except StoreUnavailable:
        return False
    return True


async def test_a_stalled_store_makes_what_is_known_too_old_and_recovers_by_itself() -> None:
    with single_node() as url:
        async with linked(url, 0.2) as link:
            known = Configuration(link, AGE)
            await known.write(0, [SITE])
            assert await known.site(SITE.id) == SITE
            known.start()
            with stalled(process_of(url)):
                started = time.monotonic()
                assert await known.site(SITE.id) == SITE

                async def refuses() -> bool:
                    return not await is_fresh(known)

                await until(refuses)
                took = time.monotonic() - started

            await until(lambda: is_fresh(known))
            assert AGE / 2 - 0.05 < took < AGE + 1
            assert await known.site(SITE.id) == SITE
            await known.close()


async def test_many_callers_wait_for_one_look(single_url: str) -> None:
    async with linked(single_url) as link:
        known = Configuration(link, AGE)

        await asyncio.gather(*(known.fresh() for _ in range(100)))

        assert link.commands_sent == 1
        await known.close()


async def test_a_caller_that_goes_away_takes_nobodys_answer_along(single_url: str) -> None:
    async with linked(single_url) as link:
        known = Configuration(link, AGE)
        callers: list[asyncio.Task[Any]] = [asyncio.ensure_future(known.fresh()) for _ in range(10)]
        await asyncio.sleep(0)
        callers[0].cancel()

        outcomes = await asyncio.gather(*callers, return_exceptions=True)

        assert [type(outcome) for outcome in outcomes] == [asyncio.CancelledError] + [type(None)] * 9
        await known.close()


async def test_looks_twice_within_the_age_on_its_own(single_url: str) -> None:
    async with linked(single_url) as link:
        known = Configuration(link, 0.1)
        known.start()

        async def looked_thrice() -> bool:
            return bool(link.commands_sent >= 3)

        assert await until(looked_thrice) < 0.5
        await known.close()


async def test_closing_ends_a_look_at_a_store_that_hangs() -> None:
    with single_node() as url:
        async with linked(url, 0.2) as link:
            known = Configuration(link, AGE)
            with stalled(process_of(url)):
                known.start()
                await asyncio.sleep(0)
                started = time.monotonic()

                await known.close()

                assert time.monotonic() - started < 1
