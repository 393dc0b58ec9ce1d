"""The cookie: what it allows, who can read it, and when it ends."""

from __future__ import annotations

import base64

import pytest

from mashery_oauth.provider.users import User
from tests.waiting import until

from .test_consent import expired
from .visiting import ANNA, OpenStage, Visitor

KEY = "00112233445566778899aabbccddeeff" * 2


def cookie_of(visitor: Visitor) -> str:
    """The only cookie."""
    (cookie,) = visitor.http.session.cookie_jar
    return str(cookie.value)


async def test_the_cookie_is_for_this_site_alone_and_for_no_script(open_stage: OpenStage) -> None:
    stage = await open_stage()
    anna = await stage.visitor()

    page = await anna.get("/applications")

    name, *attributes = page.headers["Set-Cookie"].split("; ")
    assert name.startswith("provider_session=")
    assert {"HttpOnly", "SameSite=Lax", "Path=/", "Max-Age=1800"} <= set(attributes)
    assert not any(attribute.startswith("Domain") for attribute in attributes)


async def test_under_https_the_cookie_never_travels_without_and_no_other_host_can_plant_it(
    open_stage: OpenStage,
) -> None:
    stage = await open_stage(issuer="https://login.example.com")
    anna = await stage.visitor()

    page = await anna.get("/applications")

    name, *attributes = page.headers["Set-Cookie"].split("; ")
    assert name.startswith("__Host-provider_session=")
    assert {"Secure", "HttpOnly", "SameSite=Lax", "Path=/"} <= set(attributes)
    assert "Strict-Transport-Security" in page.headers


async def test_nobody_can_read_the_cookie(open_stage: OpenStage) -> None:
    stage = await open_stage()
    anna = await stage.visitor()
    await stage.at_consent(anna)

    raw = base64.urlsafe_b64decode(cookie_of(anna).strip('"'))

    assert ANNA.user_context.encode() not in raw
    assert ANNA.name.encode() not in raw


@pytest.mark.parametrize("at", [0, 20, -10])
async def test_a_cookie_that_was_changed_is_none(open_stage: OpenStage, at: int) -> None:
    stage = await open_stage()
    anna, thief = await stage.visitor(), await stage.visitor()
    await stage.at_consent(anna)
    value = cookie_of(anna).strip('"')
    changed = value[:at] + ("A" if value[at] != "A" else "B") + value[at:][1:]
    thief.http.session.cookie_jar.update_cookies({"provider_session": changed}, thief.http.make_url("/"))

    page = await thief.get("/applications")

    assert page.has_form("/login")


async def test_a_login_ends_however_busy_its_user_is(open_stage: OpenStage) -> None:
    stage = await open_stage(session_ttl=1)
    anna = await stage.visitor()
    await stage.at_consent(anna)

    await until(lambda: expired(anna))


async def test_the_cookie_of_the_longest_user_is_one_that_browsers_take(open_stage: OpenStage) -> None:
    """Escaped as ASCII, names that are not had cookies of more than 4096 bytes, which browsers drop without a word."""
    longest = User("\U0001f642" * 255, "\U0001f642" * 1000)

    async def only_one(name: str, password: str) -> User | None:
        return longest

    stage = await open_stage(users=only_one)
    visitor = await stage.visitor()
    await stage.at_consent(visitor)

    assert len(cookie_of(visitor)) + len("provider_session=") < 4096
    assert (await visitor.get("/applications")).has_form("/logout")


async def test_a_cookie_that_is_over_is_no_event(open_stage: OpenStage, caplog: pytest.LogCaptureFixture) -> None:
    stage = await open_stage()
    visitor = await stage.visitor()

    page = await visitor.get("/applications", Cookie="provider_session=over")

    assert page.has_form("/login")
    assert caplog.records == []


async def test_a_login_outlives_a_restart_where_the_file_has_a_key(open_stage: OpenStage) -> None:
    before, after = await open_stage(session_key=KEY), await open_stage(session_key=KEY)
    other, keyless = await open_stage(session_key=KEY[::-1]), await open_stage()
    anna = await before.visitor()
    await before.at_consent(anna)
    known = []

    for stage in (after, other, keyless):
        again = await stage.visitor()
        again.http.session.cookie_jar.update_cookies({"provider_session": cookie_of(anna)}, again.http.make_url("/"))
        known.append((await again.get("/applications")).has_form("/logout"))

    assert known == [True, False, False]
