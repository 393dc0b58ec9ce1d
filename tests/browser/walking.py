"""Somebody who walks through the pages with Chromium."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from playwright.async_api import BrowserContext, Page, expect

from tests.provider.visiting import PASSWORD, Stage

PATIENCE = 20_000  # milliseconds; a machine that has much else to do is slow


@dataclass
class Walk:
    """A browser window between a sample client and a provider."""

    stage: Stage
    sample: str  # origin of the sample client
    context: BrowserContext
    page: Page

    async def start(self) -> None:
        """Begins at the sample client."""
        await self.page.goto(self.sample)
        await self.press("Start")

    async def log_in(self, username: str = "anna", password: str = PASSWORD) -> None:
        """Types name and password."""
        await self.page.get_by_label("User name").fill(username)
        await self.page.get_by_label("Password").fill(password)
        await self.press("Log in")

    async def to_consent(self) -> None:
        """As far as the question."""
        await self.start()
        await self.log_in()
        await self.sees("Allow Payment Planner to use your account?")

    async def to_token(self) -> None:
        """As far as a token, at the sample client."""
        await self.to_consent()
        await self.press("Allow")
        await self.press("Exchange the code for a token")
        await self.sees("3. Exchange the code for a token")

    async def press(self, name: str) -> None:
        """Presses a button."""
        await self.page.get_by_role("button", name=name, exact=True).click()

    async def sees(self, text: str) -> None:
        """Returns when a text can be seen."""
        await expect(self.page.get_by_text(text).first).to_be_visible(timeout=PATIENCE)

    async def text(self) -> str:
        """All that can be seen."""
        return await self.page.locator("body").inner_text()


StartWalk = Callable[..., Awaitable[Walk]]
