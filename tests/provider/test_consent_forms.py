"""The consent form: it is taken from this session and this origin, and for the request that was shown in it."""

from __future__ import annotations

import asyncio

import pytest

from mashery_oauth.client import Unavailable
from mashery_oauth.client.errors import Told
from mashery_oauth.provider.parts import BACKEND
from mashery_oauth.provider.sessions import SEALS
from tests.effort import tally, times
from tests.world import HTTPS

from .test_consent import FORM
from .visiting import ANNA, CHROMIUM, OpenStage, Page, Stage


async def nothing_was_made(stage: Stage, page: Page) -> bool:
    """Whether neither the page nor the store has a token or a code for anybody."""
    listed = await stage.world.call("fetchUserApplications", [stage.service.key, ANNA.user_context])
    return "code=" not in page.location and listed.result == []


@pytest.mark.parametrize("field", ["csrf", "request"])
@pytest.mark.parametrize("value", ["", "x", "of another"])
async def test_takes_no_form_that_is_not_of_this_session(open_stage: OpenStage, field: str, value: str) -> None:
    stage = await open_stage()
    anna, ben = await stage.visitor(), await stage.visitor()
    page, other = await stage.at_consent(anna), await stage.at_consent(ben, "ben")
    foreign = other.form("/logout")["csrf"] if value == "of another" else value
    form = page.form(FORM) | {"decision": "allow", field: foreign}

    page = await anna.post(FORM, form)

    assert page.status == (403 if field == "csrf" else 400)
    assert await nothing_was_made(stage, page)


async def test_asks_again_where_the_form_was_of_a_session_before(open_stage: OpenStage) -> None:
    stage = await open_stage()
    anna = await stage.visitor()
    old = await stage.at_consent(anna)
    await anna.post("/logout", old.form("/logout"))
    await anna.log_in(await anna.get("/applications"))

    again = await anna.decide(old, "allow")
    page = await anna.decide(again, "allow")

    assert again.status == 403
    assert "Your page was too old to go on with." in again.text
    assert page.location.startswith(f"{HTTPS}?code=")


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example.org"},
        {"Origin": "https://evil.example.org", "Sec-Fetch-Site": "cross-site"},
        {"Origin": "null"},
        {"Origin": "null", "Sec-Fetch-Site": "cross-site"},
        {"Origin": "null", "Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "none"},
    ],
    ids=str,
)
async def test_takes_no_form_from_another_site_even_with_the_right_token(
    open_stage: OpenStage, headers: dict[str, str]
) -> None:
    stage = await open_stage()
    anna = await stage.visitor()
    form = (await stage.at_consent(anna)).form(FORM) | {"decision": "allow"}

    page = await anna.post(FORM, form, headers)

    assert page.status == 403
    assert await nothing_was_made(stage, page)


async def test_takes_a_form_of_an_older_browser_and_of_none(open_stage: OpenStage) -> None:
    stage = await open_stage()
    anna = await stage.visitor()

    for headers in ({"Origin": stage.issuer}, {}, CHROMIUM):
        page = await anna.authorize(**stage.request())
        page = page if page.has_form(FORM) else await anna.log_in(page)
        page = await anna.post(FORM, page.form(FORM) | {"decision": "allow"}, headers)

        assert page.location.startswith(f"{HTTPS}?code=")


async def test_what_is_sealed_for_something_else_is_no_request(open_stage: OpenStage) -> None:
    stage = await open_stage()
    anna = await stage.visitor()
    target = (await anna.authorize(**stage.request())).form("/login")["target"]
    page = await stage.at_consent(anna)

    page = await anna.post(FORM, page.form(FORM) | {"request": target, "decision": "allow"})

    assert page.status == 400


async def test_asks_nobody_about_a_page_that_was_open_for_a_day(open_stage: OpenStage) -> None:
    stage = await open_stage()
    anna = await stage.visitor()
    page = await stage.at_consent(anna)
    seals = stage.app[SEALS]
    sealed = page.form(FORM)["request"].encode()
    made = seals.extract_timestamp(sealed)

    texts = {age: seals.encrypt_at_time(seals.decrypt(sealed), made - age).decode() for age in (86_300, 86_500)}
    young = await anna.post(FORM, page.form(FORM) | {"request": texts[86_300], "decision": "allow"})
    old = await anna.post(FORM, page.form(FORM) | {"request": texts[86_500], "decision": "allow"})

    assert young.location.startswith(f"{HTTPS}?code=")
    assert (old.status, old.location) == (400, "")


@pytest.mark.parametrize("decision", ["allow", "deny"])
async def test_a_form_is_good_once(open_stage: OpenStage, decision: str) -> None:
    """An attack found that one form gave 200 codes."""
    stage = await open_stage()
    anna = await stage.visitor()
    form = (await stage.at_consent(anna)).form(FORM) | {"decision": decision}
    count = times(10)

    first = await anna.post(FORM, form)
    pages = [await anna.post(FORM, form | {"decision": each}) for each in ("allow", "deny") for _ in range(count)]

    assert ("code=" in first.location) is (decision == "allow")
    assert {(page.status, page.location) for page in pages} == {(409, "")}
    assert "You have decided already" in pages[0].text
    tally("consent forms sent once more", len(pages))


async def test_of_many_at_once_one_is_taken(open_stage: OpenStage) -> None:
    stage = await open_stage()
    anna = await stage.visitor()
    form = (await stage.at_consent(anna)).form(FORM) | {"decision": "allow"}
    count = times(20)

    pages = await asyncio.gather(*(anna.post(FORM, form) for _ in range(count)))

    assert sum("code=" in page.location for page in pages) == 1
    assert sum(page.status == 409 for page in pages) == count - 1
    tally("consent forms sent once more", count - 1)


@pytest.mark.parametrize("other", ["anna", "ben"])
async def test_a_form_of_another_session_is_asked_again(open_stage: OpenStage, other: str) -> None:
    """An attack found that another user could agree with it, who had another session's token of their own."""
    stage = await open_stage()
    first, second = await stage.visitor(), await stage.visitor()
    foreign = (await stage.at_consent(first, scope="write")).form(FORM)["request"]
    own = (await stage.at_consent(second, other)).form(FORM)

    again = await second.post(FORM, own | {"request": foreign, "decision": "allow"})
    page = await second.decide(again, "allow")

    assert (again.status, again.location) == (403, "")
    assert again.has_form(FORM)
    assert "code=" in page.location


async def test_a_form_that_did_nothing_can_be_sent_again(
    open_stage: OpenStage, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage = await open_stage()
    anna = await stage.visitor()
    page = await stage.at_consent(anna)

    async def away(*_: object, **__: object) -> None:
        raise Unavailable(Told("nobody answers"))

    with monkeypatch.context() as outage:
        outage.setattr(stage.app[BACKEND], "create_authorization_code", away)
        refused = await anna.decide(page, "allow")
    allowed = await anna.decide(page, "allow")

    assert refused.status == 503
    assert "code=" in allowed.location
