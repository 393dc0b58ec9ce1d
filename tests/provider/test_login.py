"""Logging in and out: nobody learns who has an account, nobody is sent elsewhere, and a session is always a new one."""

from __future__ import annotations

import pytest

from mashery_oauth.provider.users import WRONG_OF_USER

from .test_consent import FORM
from .visiting import CHROMIUM, PASSWORD, OpenStage, Page, Stage, Visitor


async def at_login(stage: Stage) -> tuple[Visitor, Page]:
    """Somebody who is asked to log in for their own page."""
    visitor = await stage.visitor()
    return visitor, await visitor.get("/applications")


async def test_leads_to_the_page_that_was_asked_for(open_stage: OpenStage) -> None:
    stage = await open_stage()
    anna, page = await at_login(stage)

    page = await anna.log_in(page)

    assert page.status == 200
    assert "Your applications" in page.text
    assert page.has_form("/logout")


async def test_a_wrong_password_and_a_name_that_nobody_has_look_alike(open_stage: OpenStage) -> None:
    stage = await open_stage()
    anna, page = await at_login(stage)

    wrong = await anna.log_in(page, "anna", "wrong-password-of-anna")
    unknown = await anna.log_in(page, "otto", "wrong-password-of-anna")

    assert wrong.status == unknown.status == 403
    assert wrong.text == unknown.text
    assert "User name or password is wrong." in wrong.text
    assert wrong.form("/login")["username"] == "anna"
    assert wrong.form("/login")["password"] == ""
    assert "wrong-password-of-anna" not in wrong.source


@pytest.mark.parametrize("form", [{"username": ""}, {"password": ""}, {"username": "a" * 256}, {"username": "anna\0"}])
async def test_refuses_what_cannot_be_a_name_or_a_password(open_stage: OpenStage, form: dict[str, str]) -> None:
    stage = await open_stage()
    anna, page = await at_login(stage)

    page = await anna.post("/login", page.form("/login") | {"username": "anna", "password": PASSWORD} | form)

    assert page.status == 403
    assert page.has_form("/login")


async def test_after_a_wrong_password_the_request_is_still_known(open_stage: OpenStage) -> None:
    stage = await open_stage()
    anna = await stage.visitor()
    page = await anna.log_in(await anna.authorize(**stage.request(scope="read")), password="wrong")

    shown = page.text
    page = await anna.log_in(page)

    assert stage.application.name in shown
    assert page.has_form(FORM)
    assert "See your payments" in page.text


@pytest.mark.parametrize("target", ["", "https://evil.example.org/", "//evil.example.org", "/\\evil.example.org", "x"])
async def test_leads_nowhere_else(open_stage: OpenStage, target: str) -> None:
    stage = await open_stage()
    anna, page = await at_login(stage)
    form = page.form("/login") | {"username": "anna", "password": PASSWORD, "target": target}

    async with anna.http.post("/login", data=form, headers=CHROMIUM, allow_redirects=False) as response:
        location = response.headers["Location"]

    assert location == "/applications"


async def test_what_is_sealed_for_consent_is_no_place_to_go(open_stage: OpenStage) -> None:
    stage = await open_stage()
    anna = await stage.visitor()
    sealed = (await stage.at_consent(anna)).form(FORM)["request"]
    ben, page = await at_login(stage)

    page = await ben.post("/login", page.form("/login") | {"username": "ben", "password": PASSWORD, "target": sealed})

    assert "Your applications" in page.text


async def test_a_session_is_made_anew_at_login(open_stage: OpenStage) -> None:
    """Whoever planted the cookie from before login has nothing: it does not come to life."""
    stage = await open_stage()
    anna, page = await at_login(stage)
    before = {cookie.key: cookie.value for cookie in anna.http.session.cookie_jar}
    planted = page.form("/login")["csrf"]

    page = await anna.log_in(page)
    after = {cookie.key: cookie.value for cookie in anna.http.session.cookie_jar}
    thief = await stage.visitor()
    thief.http.session.cookie_jar.update_cookies(before, thief.http.make_url("/"))
    stolen = await thief.get("/applications")

    assert before.keys() == after.keys()
    assert page.form("/logout")["csrf"] != planted
    assert stolen.has_form("/login")


async def test_too_many_wrong_passwords_hold_up_the_right_one_too(open_stage: OpenStage) -> None:
    stage = await open_stage()
    anna, page = await at_login(stage)
    for _ in range(WRONG_OF_USER):
        await anna.log_in(page, password="wrong")

    held = await anna.log_in(page)
    ben = await anna.log_in(page, "ben")

    assert held.status == 429
    assert 0 < int(held.headers["Retry-After"]) <= 300
    assert "There were too many wrong passwords. Try again in 5 minutes." in held.text
    assert ben.status == 200
    assert "Your applications" in ben.text


async def test_a_name_that_nobody_has_is_held_up_like_the_others(open_stage: OpenStage) -> None:
    stage = await open_stage()
    anna, page = await at_login(stage)

    statuses = [(await anna.log_in(page, "otto", "wrong")).status for _ in range(WRONG_OF_USER + 1)]

    assert statuses == [403] * WRONG_OF_USER + [429]


async def test_without_a_cookie_nobody_is_logged_in_and_the_page_goes_on_from_there(open_stage: OpenStage) -> None:
    """Login with somebody else's cookie, or with none, is how one is made to use another's account."""
    stage = await open_stage()
    anna = await stage.visitor()
    page = await anna.authorize(**stage.request())
    anna.http.session.cookie_jar.clear()

    again = await anna.log_in(page)
    page = await anna.log_in(again)

    assert again.status == 403
    assert "Your page was too old to go on with. Log in, please." in again.text
    assert again.form("/login")["username"] == "anna"
    assert page.has_form(FORM)


async def test_takes_no_login_from_another_site(open_stage: OpenStage) -> None:
    stage = await open_stage()
    anna, page = await at_login(stage)
    form = page.form("/login") | {"username": "anna", "password": PASSWORD}

    page = await anna.post("/login", form, {"Origin": "https://evil.example.org", "Sec-Fetch-Site": "cross-site"})

    assert page.status == 403
    assert (await anna.get("/applications")).has_form("/login")


@pytest.mark.parametrize("path", ["/login", "/logout", "/oauth2/authorize", "/applications/revoke"])
async def test_a_form_of_another_site_comes_without_the_cookie_and_does_not_replace_it(
    open_stage: OpenStage, path: str
) -> None:
    """The page that refuses it began a session of its own, and with its cookie logged the user out."""
    stage = await open_stage()
    without_cookie = await stage.visitor()
    by_another_site = {"Origin": "https://evil.example.org", "Sec-Fetch-Site": "cross-site"}

    page = await without_cookie.post(path, {"request": "x"}, by_another_site)

    assert page.status == 403
    assert "Set-Cookie" not in page.headers


@pytest.mark.parametrize("body", [b"\xff\xfe", b"username=%FF&password=%FF", b"&".join([b"a=1"] * 60), b"{}", b""])
async def test_bears_what_is_no_form(open_stage: OpenStage, body: bytes) -> None:
    stage = await open_stage()
    anna = await stage.visitor()

    for headers in ({"Content-Type": "application/x-www-form-urlencoded"}, {"Content-Type": "multipart/form-data"}):
        async with anna.http.post("/login", data=body, headers=headers, allow_redirects=False) as response:
            assert response.status == 403


async def test_logs_out(open_stage: OpenStage) -> None:
    stage = await open_stage()
    anna, page = await at_login(stage)
    page = await anna.log_in(page)

    out = await anna.post("/logout", page.form("/logout"))

    assert "You are logged out." in out.text
    assert out.has_form("/login")
    assert "You are logged out." not in (await anna.get("/applications")).text


@pytest.mark.parametrize("csrf", ["", "x"])
async def test_logs_nobody_out_who_did_not_ask_for_it(open_stage: OpenStage, csrf: str) -> None:
    stage = await open_stage()
    anna, page = await at_login(stage)
    await anna.log_in(page)

    page = await anna.post("/logout", {"csrf": csrf})

    assert page.status == 403
    assert (await anna.get("/applications")).has_form("/logout")


async def test_the_page_by_itself_leads_to_your_applications(open_stage: OpenStage) -> None:
    stage = await open_stage()
    anna = await stage.visitor()

    page = await anna.log_in(await anna.get("/login"))
    again = await anna.get("/login")

    assert "Your applications" in page.text
    assert "Your applications" in again.text
    assert not again.has_form("/login")
