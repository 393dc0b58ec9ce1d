"""How the pages look: readable and usable for everybody, on a phone and on a desk, by day and by night.

With SCREENSHOTS set to a folder, the pictures for the documentation are put there.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

import pytest
from axe_playwright_python.async_playwright import Axe

from tests.effort import tally

from .walking import StartWalk, Walk

pytestmark = pytest.mark.asyncio(loop_scope="session")

WINDOWS: Mapping[str, dict[str, Any]] = {
    "desktop": {"viewport": {"width": 1280, "height": 800}, "color_scheme": "light"},
    "phone": {"viewport": {"width": 390, "height": 844}, "color_scheme": "dark", "is_mobile": True, "has_touch": True},
    "smallest": {"viewport": {"width": 320, "height": 568}, "color_scheme": "light"},
}
FOLDER, SHOWN = os.environ.get("SCREENSHOTS"), ("desktop", "phone")
WORDS = {"payments:read": "See your payments and balances", "payments:write": "Make payments in your name"}
# A name that a client chose to harm: long, without a space, with letters that turn the text around.
WORST = "\u202eevil\u2066" + "W" * 240
_TOO_WIDE = "() => document.documentElement.scrollWidth > document.documentElement.clientWidth"
_BIDI = "all => all.map(each => getComputedStyle(each).unicodeBidi)"
_SMALL = """() => [...document.querySelectorAll('button, input:not([type=hidden]), nav a')]
    .filter(each => each.getBoundingClientRect().height < 43).map(each => each.outerHTML)"""


async def check(walk: Walk, window: str, name: str = "") -> None:
    """Finds nothing wrong with the page, and takes a picture if it is one to show."""
    found = await Axe().run(walk.page)
    assert [(each["id"], each["nodes"][0]["html"]) for each in found.response["violations"]] == []
    assert not await walk.page.evaluate(_TOO_WIDE), walk.page.url
    assert await walk.page.evaluate(_SMALL) == []
    tally("pages looked at with axe-core")
    if FOLDER and name and window in SHOWN:
        await walk.page.screenshot(path=f"{FOLDER}/{name}-{window}.png", full_page=window == "phone")


@pytest.mark.parametrize("window", WINDOWS)
async def test_every_page_is_for_everybody(walk: StartWalk, window: str) -> None:
    anna = await walk(window={"java_script_enabled": True, **WINDOWS[window]}, scopes=WORDS)
    own = f"{anna.stage.issuer}/applications"

    await anna.page.goto(anna.sample)
    await check(anna, window)
    await anna.press("Start")
    await check(anna, window, "login")
    await anna.log_in(password="wrong")
    await anna.sees("User name or password is wrong.")
    await check(anna, window)
    await anna.log_in()
    await anna.sees("Allow Payment Planner")
    await check(anna, window, "consent")
    await anna.press("Allow")
    await anna.press("Exchange the code for a token")
    await anna.press("Open the protected page")
    await anna.sees("4. Open the protected page")
    await check(anna, window, "sample-client")
    await anna.page.goto(own)
    await check(anna, window, "applications")
    await anna.page.get_by_role("button", name="Revoke the access").click()
    await anna.sees("can use your account no longer.")
    await check(anna, window)
    await anna.page.goto(f"{anna.stage.issuer}/oauth2/authorize?client_id=nobody")
    await check(anna, window, "error")
    await anna.page.goto(own)
    await anna.press("Log out")
    await anna.sees("You are logged out.")
    await check(anna, window)


@pytest.mark.parametrize("window", ["smallest", "desktop"])
async def test_a_name_that_is_made_to_harm_does_none(walk: StartWalk, window: str) -> None:
    client = {"native": True, "redirect_uris": ("http://127.0.0.1/callback",), "name": WORST}
    anna = await walk(window={"java_script_enabled": True, **WINDOWS[window]}, client=client)

    await anna.start()
    await check(anna, window)
    await anna.log_in()
    await anna.sees("You are logged in as Anna Example")
    await check(anna, window)
    kept_apart = await anna.page.locator("span.name, strong.name").evaluate_all(_BIDI)
    await anna.press("Allow")
    await anna.press("Exchange the code for a token")
    await anna.page.goto(f"{anna.stage.issuer}/applications")
    await check(anna, window)

    assert set(kept_apart) == {"isolate"}
