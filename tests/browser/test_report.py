"""How the page of a replayed run looks: for everybody, on a phone, on a desk and on paper, by day and by night.

With SCREENSHOTS set to a folder, the picture for the documentation is put there.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from pathlib import Path

import pytest
import pytest_asyncio
from aiohttp.test_utils import TestServer
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, BrowserContext, Page, expect

from mashery_oauth.replay import Report, cast, play
from mashery_oauth.replay.reports.html import html
from mashery_oauth.replay.verdict import Address
from tests.effort import tally
from tests.replay.conftest import described
from tests.replay.made import report as made_report
from tests.replay.server import Server

from .test_looks import FOLDER, WINDOWS
from .walking import PATIENCE

Show = Callable[..., Awaitable[Page]]
pytestmark = pytest.mark.asyncio(loop_scope="session")

# What is wrong with the server of the pictures, and with one that has little right.
FEW = ("code_good_twice",)
MANY = (*FEW, "state_trimmed", "cacheable", "no_challenge", "get_accepted", "repeats_accepted", "refresh_forks")
ISSUER = "https://auth.staging.example.com"
_WIDE = "() => document.documentElement.scrollWidth > document.documentElement.clientWidth"


async def played(text: str, *faults: str) -> Report:
    """A run against a server with faults, as if it were somewhere else: its address is another one each time."""
    server = Server(text, *faults)
    async with TestServer(server.app()) as running:
        target = described(server, str(running.make_url("")).rstrip("/"), name="Example Bank, staging")
        report = await play(target, cast([text]))
    address = Address(report.target, f"{ISSUER}/oauth2/token", f"{ISSUER}/oauth2/authorize")
    return replace(report, addresses=(address,), started="2030-01-31T12:00:00+00:00", seconds=4.2, version="0.1.0")


@pytest_asyncio.fixture(loop_scope="session")
async def show(browser: Browser, tmp_path: Path) -> AsyncIterator[Show]:
    """Opens a report from its file, as who was sent it does."""
    contexts: list[BrowserContext] = []

    async def shown(report: Report, window: str, *, scripts: bool = True) -> Page:
        file = tmp_path / "report.html"
        file.write_text(html(report))
        contexts.append(await browser.new_context(**{**WINDOWS[window], "java_script_enabled": scripts}))
        contexts[-1].set_default_timeout(PATIENCE)
        page = await contexts[-1].new_page()
        await page.goto(file.as_uri())
        return page

    yield shown
    for context in contexts:
        await context.close()


async def check(page: Page) -> None:
    """Finds nothing wrong, with every section open."""
    await page.evaluate("() => document.querySelectorAll('details').forEach(each => { each.open = true })")
    found = await Axe().run(page)
    assert [(each["id"], each["nodes"][0]["html"]) for each in found.response["violations"]] == []
    assert not await page.evaluate(_WIDE)
    tally("pages looked at with axe-core")


@pytest.mark.parametrize("window", WINDOWS)
async def test_the_report_is_for_everybody(show: Show, window: str) -> None:
    wrong_in_much, hostile = await played("oauth21", *MANY), made_report(must="passed")

    for report in (wrong_in_much, hostile):
        await check(await show(report, window))


async def test_the_report_has_a_picture(show: Show) -> None:
    page = await show(await played("draft16", *FEW), "desktop")

    if FOLDER:
        await page.screenshot(path=Path(FOLDER) / "replay-report-desktop.png")

    await expect(page.get_by_role("heading", name="Example Bank, staging")).to_be_in_viewport()
    await expect(page.get_by_role("heading", name="D16-33")).to_be_in_viewport()


async def test_a_section_opens_and_a_link_leads_into_it_without_script(show: Show) -> None:
    page = await show(await played("draft16", *FEW), "phone", scripts=False)
    passed = page.locator("#draft16-D16-10")

    await expect(passed).to_be_hidden()
    await page.locator("summary", has_text="§2.2").click()
    await expect(passed).to_be_visible()
    await page.locator("ul.counts a", has_text="failed").click()

    await expect(page.locator("#failed")).to_be_in_viewport()


async def test_what_is_printed_has_the_closed_sections(show: Show) -> None:
    page = await show(await played("draft16", *FEW), "desktop")

    await page.emulate_media(media="print")

    await expect(page.locator("#draft16-D16-10")).to_be_visible()
    hidden = "all => all.filter(each => each.getBoundingClientRect().height === 0).length"
    assert await page.locator("details > div").evaluate_all(hidden) == 0
