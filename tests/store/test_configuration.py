"""Configuration: what one process writes, all others know in time, or refuse."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from typing import Any, cast

import pytest
from structlog.testing import capture_logs

from mashery_oauth.models import Application, Caller, Service, Site
from mashery_oauth.store import configuration, keys
from mashery_oauth.store.configuration import Configuration, Conflict
from mashery_oauth.store.connection import connect
from mashery_oauth.store.links import Link

from .trouble import until

AGE = 0.3


@pytest.fixture
async def link(store_url: str) -> AsyncIterator[Link]:
    made = connect(store_url, 5)
    yield made
    await made.close()


@pytest.fixture
async def writer(link: Link) -> AsyncIterator[Configuration]:
    """A process that changes things; it looks before it writes."""
    made = Configuration(link, 0)
    await made.fresh()
    yield made
    await made.close()


@pytest.fixture
async def reader(store_url: str) -> AsyncIterator[Configuration]:
    """Another process, which looks for changes every now and then."""
    link = connect(store_url, 5)
    made = Configuration(link, AGE)
    await made.fresh()
    yield made
    await made.close()
    await link.close()


def new_site() -> Site:
    return Site(secrets.randbelow(2**31), "Site")


async def put(writer: Configuration, *records: Any, deletes: tuple[Any, ...] = ()) -> int:
    await writer.fresh()
    return await writer.write(writer.version, records, deletes)


async def test_a_change_is_known_to_others_in_time(writer: Configuration, reader: Configuration) -> None:
    site = new_site()
    await put(writer, site)
    reader.start()
    await until(lambda: knows(reader, site))

    await put(writer, replace(site, active=False))

    assert await until(lambda: knows(reader, replace(site, active=False))) < AGE + 0.5


async def knows(reader: Configuration, site: Site) -> bool:
    await reader.fresh()
    return await reader.site(site.id) == site


async def caught_up(reader: Configuration, writer: Configuration) -> None:
    reader._proven = float("-inf")
    await reader.fresh()
    assert reader.version == writer.version


async def test_records_are_found_by_all_their_names(writer: Configuration, reader: Configuration) -> None:
    number, key = secrets.randbelow(2**31), secrets.token_hex(8)
    service = Service(f"service:{key}", number, number, "Service")
    client = Application(number, f"client:{key}", number, "Client", services=(service.key,))
    caller = Caller(f"apikey:{key}", number, "Caller", user=f"user:{key}")
    await put(writer, service, client, caller)

    assert await reader.service(service.key) == await reader.service_by_id(number) == service
    assert await reader.application(client.client_id) == await reader.application_by_id(number, number) == client
    assert await reader.caller(caller.apikey) == await reader.caller_of_user(caller.user) == caller


async def test_what_is_deleted_is_found_by_no_name(writer: Configuration, reader: Configuration) -> None:
    number, key = secrets.randbelow(2**31), secrets.token_hex(8)
    caller = Caller(f"apikey:{key}", number, "Caller", user=f"user:{key}")
    await put(writer, caller)
    assert await reader.caller_of_user(caller.user) == caller

    await put(writer, deletes=(caller,))

    async def gone() -> bool:
        await reader.fresh()
        return await reader.caller_of_user(caller.user) is None and await reader.caller(caller.apikey) is None

    await until(gone)


async def test_what_is_missing_is_looked_up_once_until_it_is_there(
    writer: Configuration, reader: Configuration
) -> None:
    site, link = new_site(), reader._link
    assert await reader.site(site.id) is None
    sent = link.commands_sent  # type: ignore[attr-defined]

    assert await reader.site(site.id) is None

    assert link.commands_sent == sent  # type: ignore[attr-defined]
    await put(writer, site)
    await until(lambda: knows(reader, site))


async def test_a_change_empties_nothing_but_what_changed(writer: Configuration, reader: Configuration) -> None:
    kept, changed = new_site(), new_site()
    await put(writer, kept, changed)
    await caught_up(reader, writer)
    before = await reader.site(kept.id)

    await put(writer, replace(changed, active=False))

    await until(lambda: knows(reader, replace(changed, active=False)))
    assert await reader.site(kept.id) is before


async def test_who_missed_more_than_the_log_holds_forgets_everything(
    writer: Configuration, reader: Configuration, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(configuration, "LOG_LENGTH", 5)
    site = new_site()
    await put(writer, site)
    await until(lambda: knows(reader, site))

    await put(writer, replace(site, active=False))
    for _ in range(6):
        await put(writer, new_site())

    await until(lambda: knows(reader, replace(site, active=False)))
    log = await writer._link.run(keys.LOG, "ZCARD", keys.LOG)
    assert log == 5


@pytest.mark.parametrize("step", [-3, 0])
async def test_a_version_that_does_not_follow_empties_the_cache(
    writer: Configuration, reader: Configuration, step: int
) -> None:
    """A fail-over lost what was written last, and others wrote since."""
    site = new_site()
    for _ in range(4):
        await put(writer, site)
    await until(lambda: knows(reader, site))
    link, hash_key = writer._link, keys.records("site")

    await link.run(hash_key, "HDEL", hash_key, str(site.id))
    await link.run(keys.VERSION, "SET", keys.VERSION, f"{reader.version + step}:{secrets.token_hex(8)}")

    async def gone() -> bool:
        await reader.fresh()
        return await reader.site(site.id) is None

    await until(gone)
    await writer.fresh()
    await put(writer, new_site())


async def test_one_of_two_writers_is_told_of_the_other(link: Link, writer: Configuration) -> None:
    second = Configuration(link, 0)
    await second.fresh()
    base = writer.version

    writes = [one.write(base, [new_site()]) for one in (writer, second)]
    outcomes = await asyncio.gather(*writes, return_exceptions=True)

    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["Conflict", "int"]
    assert writer.version == second.version == base + 1


async def test_many_writers_lose_no_change(store_url: str, link: Link) -> None:
    sites = [new_site() for _ in range(40)]

    async def write(site: Site) -> None:
        mine = Configuration(link, 0)
        while True:
            await mine.fresh()
            try:
                await mine.write(mine.version, [site])
            except Conflict:
                continue
            return

    await asyncio.gather(*(write(site) for site in sites))

    after = Configuration(link, 0)
    assert set(sites) <= set(await after.everything(Site))


class HeldLink:
    """A real link whose answers to HGET are held back for a while."""

    def __init__(self, link: Link) -> None:
        self._link, self.gate = link, asyncio.Event()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._link, name)

    async def run(self, key: str, *command: str | bytes | int) -> Any:
        answer = await self._link.run(key, *command)
        if command[0] == "HGET":
            await self.gate.wait()
        return answer


async def test_a_record_that_was_on_its_way_while_it_changed_is_not_kept(link: Link, writer: Configuration) -> None:
    site, held = new_site(), HeldLink(link)
    await put(writer, site)
    reader = Configuration(cast(Link, held), 0)
    await reader.fresh()
    read = asyncio.ensure_future(reader.site(site.id))
    await link.run(keys.VERSION, "EXISTS", keys.VERSION)  # by now the old record has been answered

    await put(writer, replace(site, active=False))
    await reader.fresh()
    held.gate.set()

    assert await read == site
    assert await reader.site(site.id) == replace(site, active=False)
    await reader.close()


@pytest.fixture
async def service(reader: Configuration, writer: Configuration) -> Configuration:
    """A process that looks for changes by itself, as a service does; something is configured already."""
    await put(writer, new_site())
    reader.doubt()
    await reader.fresh()
    reader.start()
    return reader


async def said(service: Configuration, writer: Configuration, work: Callable[[], Awaitable[int]]) -> list[Any]:
    """The lines of the log by the time that the service knows what was written."""

    async def knows_it() -> bool:
        return service.version == writer.version

    with capture_logs() as lines:
        await work()
        await until(knows_it)
    return [line for line in lines if line["event"] == "configuration"]


async def test_a_service_says_which_records_are_others_from_now_on(
    service: Configuration, writer: Configuration
) -> None:
    """What an operator had changed beside a running service was in no log."""
    site = new_site()
    protected = Service(secrets.token_hex(8), secrets.randbelow(2**31), site.id, "payments")

    (line,) = await said(service, writer, lambda: put(writer, site, protected))

    assert line["version"] == writer.version
    assert line["changed"] == [f"service {protected.key}", f"site {site.id}"]
    assert "more" not in line


async def test_a_service_names_a_few_records_of_many(service: Configuration, writer: Configuration) -> None:
    sites = [Site(number, "Site") for number in range(1, configuration.TOLD + 6)]

    (line,) = await said(service, writer, lambda: put(writer, *sites))

    assert set(line["changed"]) < {f"site {site.id}" for site in sites}
    assert (len(line["changed"]), line["more"]) == (configuration.TOLD, 5)


async def test_a_service_says_that_it_cannot_tell_what_changed(
    service: Configuration, writer: Configuration, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(configuration, "LOG_LENGTH", 1)

    (line,) = await said(service, writer, lambda: put(writer, new_site(), new_site()))

    assert (line["version"], line["changed"]) == (writer.version, None)


async def test_a_command_says_nothing_of_what_changed(writer: Configuration, reader: Configuration) -> None:
    await put(writer, new_site())
    reader.doubt()
    await reader.fresh()

    async def changed() -> int:
        version = await put(writer, new_site())
        reader.doubt()
        await reader.fresh()
        return version

    assert await said(reader, writer, changed) == []
