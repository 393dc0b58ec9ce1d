"""A user with a browser who logs in and agrees, by the plain forms of the provider's pages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urljoin

import httpx2

from tests.provider.visiting import CHROMIUM, Page


@dataclass(frozen=True, slots=True)
class User:
    """Who they are, and where they can log in."""

    issuer: str
    username: str
    password: str

    def visit(self, url: str) -> str:
        """Goes where a client has sent them, logs in, agrees; returns where they are sent back to."""
        with httpx2.Client() as browser:
            page = self._opened(browser, "GET", url)
            if page.has_form("/login"):
                typed = {"username": self.username, "password": self.password}
                page = self._sent(browser, "/login", page.form("/login") | typed)
            if page.has_form("/oauth2/authorize"):
                page = self._sent(browser, "/oauth2/authorize", page.form("/oauth2/authorize") | {"decision": "allow"})
        assert page.location, f"{page.status}: {page.text}"
        return page.location

    def _sent(self, browser: httpx2.Client, action: str, form: Mapping[str, str]) -> Page:
        return self._opened(browser, "POST", f"{self.issuer}{action}", form)

    def _opened(self, browser: httpx2.Client, method: str, url: str, form: Mapping[str, str] | None = None) -> Page:
        """A page; redirections on the provider's site are followed."""
        answer = browser.request(method, url, data=form, headers=CHROMIUM if form else None)
        location = urljoin(self.issuer, answer.headers.get("Location", ""))
        if answer.is_redirect and location.startswith(f"{self.issuer}/"):
            return self._opened(browser, "GET", location)
        return Page(answer.status_code, answer.headers, answer.text)
