"""The pages as such: what may be loaded into them, what they tell browsers, and that text stays text."""

from __future__ import annotations

import re
from importlib import resources

import pytest

from mashery_oauth import provider
from mashery_oauth.provider.pages import place_of, scheme_of

from .test_consent import FORM
from .visiting import OpenStage, Page

TEMPLATES = sorted((path.name, path.read_text()) for path in resources.files(provider).joinpath("templates").iterdir())


def policy_of(page: Page) -> dict[str, str]:
    """The directives of a page's policy."""
    directives = (each.partition(" ") for each in page.headers["Content-Security-Policy"].split("; "))
    return {name: sources for name, _, sources in directives}


async def test_every_page_is_framed_by_nobody_kept_by_nobody_and_loads_nothing(open_stage: OpenStage) -> None:
    stage = await open_stage()
    anna = await stage.visitor()
    pages = [
        await anna.authorize(**stage.request()),
        await anna.authorize(response_type="code"),
        await stage.at_consent(anna),
        await anna.get("/applications"),
        await anna.post("/logout", {}),
        await anna.decide(await anna.authorize(**stage.request()), "deny"),
        await anna.decide(await anna.authorize(**stage.request()), "allow"),
        await anna.get("/nothing/here"),
        await anna.get("/applications/revoke"),
    ]

    assert [page.status for page in pages] == [200, 400, 200, 200, 403, 302, 302, 404, 405]
    for page in pages:
        assert page.headers["X-Frame-Options"] == "DENY"
        assert page.headers["X-Content-Type-Options"] == "nosniff"
        assert page.headers["Referrer-Policy"] == "no-referrer"
        assert page.headers["Cache-Control"] == "no-store"
        assert "Server" not in page.headers
        policy = policy_of(page)
        assert policy["default-src"] == "'none'"
        assert policy["frame-ancestors"] == "'none'"
        assert policy["base-uri"] == "'none'"
        assert policy["form-action"].split(" ")[0] in ("'self'", "'none'")
        assert "script-src" not in policy
        assert "unsafe" not in page.headers["Content-Security-Policy"]


async def test_a_form_may_lead_to_the_client_that_asks_and_to_no_other(open_stage: OpenStage) -> None:
    stage = await open_stage()
    anna = await stage.visitor()

    login = await anna.authorize(**stage.request())
    consent = await anna.log_in(login)
    own = await anna.get("/applications")

    assert policy_of(login)["form-action"] == "'self' https://client.example.com"
    assert policy_of(consent)["form-action"] == "'self' https:"
    assert policy_of(own)["form-action"] == "'self'"
    assert consent.has_form(FORM)


async def test_the_sheet_is_the_only_thing_that_is_loaded(open_stage: OpenStage) -> None:
    stage = await open_stage()
    anna = await stage.visitor()

    sheet = await anna.get("/static/provider.css")

    assert sheet.headers["Content-Type"] == "text/css; charset=utf-8"
    assert "max-age" in sheet.headers["Cache-Control"]
    assert "url(" not in sheet.source
    assert "@import" not in sheet.source


@pytest.mark.parametrize(("name", "source"), TEMPLATES, ids=lambda value: value[:20])
def test_no_template_has_what_the_policy_would_stop(name: str, source: str) -> None:
    assert not re.search(r"<script|<style|\bstyle=|\bon\w+=|javascript:|\|\s*safe|autoescape|https?://", source)


@pytest.mark.parametrize(
    ("uri", "place", "scheme"),
    [
        ("https://client.example.com/cb?x=1", "https://client.example.com", "https:"),
        ("https://client.example.com:8443/cb", "https://client.example.com:8443", "https:"),
        ("http://127.0.0.1:5000/cb", "http://127.0.0.1:5000", "http:"),
        ("http://[::1]:5000/cb", "http:", "http:"),
        ("com.example.app:/cb", "com.example.app:", "com.example.app:"),
        ("https://a;script-src *", "https:", "https:"),
        ("https://a b", "https:", "https:"),
        ("x;script-src *:/cb", "", ""),
        ("", "", ""),
    ],
)
def test_a_policy_names_where_a_uri_leads_and_nothing_else(uri: str, place: str, scheme: str) -> None:
    assert place_of(uri) == place
    assert scheme_of(uri) == scheme
