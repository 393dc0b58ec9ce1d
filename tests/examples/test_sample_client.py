"""The sample client: what a provider's engineer, or a client's, copies from it must be right."""

from __future__ import annotations

from collections.abc import AsyncIterator
from urllib.parse import parse_qs, urlsplit

import pytest
from aiohttp import ClientSession, CookieJar

from .conftest import OpenSample

RENDERINGS = [("mashery", "draft16"), ("rfc6749", "rfc6749"), ("oauth21", "oauth21")]


@pytest.fixture
async def browser() -> AsyncIterator[ClientSession]:
    """Somebody's browser."""
    async with ClientSession(cookie_jar=CookieJar(unsafe=True)) as session:
        yield session


async def started(browser: ClientSession, sample: str) -> dict[str, str]:
    """The request that the user is sent away with."""
    async with browser.post(f"{sample}/start", allow_redirects=False) as response:
        assert response.status == 303
        query = parse_qs(urlsplit(response.headers["Location"]).query)
    return {name: values[0] for name, values in query.items()}


async def back(browser: ClientSession, sample: str, **answer: str) -> tuple[int, str]:
    """Status and page when the user comes back."""
    async with browser.get(f"{sample}/callback", params=answer) as response:
        return response.status, await response.text()


async def test_each_start_has_a_state_and_a_challenge_of_its_own(
    open_sample: OpenSample, browser: ClientSession
) -> None:
    _, sample = await open_sample()

    asked = [await started(browser, sample) for _ in range(2)]

    assert all(each["code_challenge_method"] == "S256" for each in asked)
    for name in ("state", "code_challenge"):
        assert len({each[name] for each in asked}) == 2
        assert all(len(each[name]) >= 32 for each in asked)


async def test_takes_an_answer_that_it_has_asked_for_and_shows_no_code(
    open_sample: OpenSample, browser: ClientSession
) -> None:
    stage, sample = await open_sample()
    asked = await started(browser, sample)

    status, page = await back(browser, sample, code="secret-code-of-this-user", state=asked["state"], iss=stage.issuer)

    assert status == 200
    assert "The user has allowed it" in page
    assert "secret-code-of-this-user" not in page


@pytest.mark.parametrize("answer", [{}, {"state": "x"}, {"state": "ä"}, {"iss": "https://evil.example.org"}], ids=str)
async def test_takes_no_answer_that_it_has_not_asked_for(
    open_sample: OpenSample, browser: ClientSession, answer: dict[str, str]
) -> None:
    _, sample = await open_sample()
    asked = await started(browser, sample)

    status, page = await back(browser, sample, **({"state": asked["state"]} | answer if "iss" in answer else answer))

    assert status == 400
    assert '<p role="alert">This browser has not asked for that' in page
    assert "The user has" not in page
    assert ">Start again</button>" in page


@pytest.mark.parametrize(
    ("error", "said"),
    [("access_denied", "The user has not allowed it"), ("invalid_scope", "The provider has refused it")],
)
async def test_says_who_has_refused(open_sample: OpenSample, browser: ClientSession, error: str, said: str) -> None:
    stage, sample = await open_sample()
    asked = await started(browser, sample)

    status, page = await back(browser, sample, error=error, state=asked["state"], iss=stage.issuer)

    assert status == 200
    assert f'class="failed">\n    <h2>2. {said}' in page
    assert f"error = {error}" in page
    assert "Exchange" not in page


async def test_says_where_the_access_is_revoked_and_that_there_is_no_such_page(
    open_sample: OpenSample, browser: ClientSession
) -> None:
    stage, sample = await open_sample()

    async with browser.get(f"{sample}/nowhere") as response:
        status, page = response.status, await response.text()
    async with browser.get(f"{stage.issuer}/applications") as response:
        linked = response.status

    assert (status, linked) == (404, 200)
    assert '<p role="alert">There is no such page here.</p>' in page
    assert f'<a href="{stage.issuer}/applications">applications that can use your account</a>. Revoke' in page


async def test_takes_no_answer_for_another_browser(open_sample: OpenSample, browser: ClientSession) -> None:
    _, sample = await open_sample()
    asked = await started(browser, sample)

    async with ClientSession(cookie_jar=CookieJar(unsafe=True)) as other:
        without, _ = await back(other, sample, code="c", state=asked["state"])
        await started(other, sample)
        with_its_own, _ = await back(other, sample, code="c", state=asked["state"])

    assert (without, with_its_own) == (400, 400)


async def test_shows_a_refusal_and_bears_a_provider_that_is_gone(
    open_sample: OpenSample, browser: ClientSession
) -> None:
    stage, sample = await open_sample()
    asked = await started(browser, sample)
    await back(browser, sample, code="c", state=asked["state"])
    async with browser.post(f"{sample}/exchange") as response:
        refused = await response.text()
    provider = stage.issuer
    await stage.close()

    async with browser.post(f"{sample}/open") as response:
        gone = await response.text()

    assert "invalid_grant" in refused
    assert gone.count('class="failed">') == 2
    assert "The provider does not answer" in gone
    assert f"Look whether something runs at {provider}. Then start again." in gone


async def test_after_each_step_the_browser_is_at_the_newest_one(
    open_sample: OpenSample, browser: ClientSession
) -> None:
    """The page grew below what a phone shows, and began at its top after each click."""
    _, sample = await open_sample()
    sent = await started(browser, sample)

    async with browser.get(f"{sample}/callback", params={"code": "c", "state": sent["state"]}) as response:
        page = await response.text()
        assert response.real_url.fragment == "newest"

    assert page.count('id="newest"') == 1
    assert page.index("Ask the user") < page.index('id="newest"') < page.index("The user has allowed it")
