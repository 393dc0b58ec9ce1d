"""What a person does, with a real browser: scripts are off, so nothing here needs any."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from html import escape
from urllib.parse import urlencode

import pytest
import pytest_asyncio
from aiohttp import web
from aiohttp.test_utils import TestServer

from mashery_oauth.provider.users import WRONG_OF_USER
from tests.provider.visiting import ANNA, PASSWORD
from tests.waiting import until

from .walking import StartWalk, Walk

Site = Callable[[str], Awaitable[str]]
pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest_asyncio.fixture(loop_scope="session")
async def site() -> AsyncIterator[Site]:
    """Another site: one page, under a name that is not the provider's."""
    servers = []

    async def opened(html: str) -> str:
        async def show(_: web.Request) -> web.Response:
            return web.Response(text=f"<!doctype html>{html}", content_type="text/html")

        app = web.Application()
        app.router.add_get("/", show)
        servers.append(TestServer(app, host="127.0.0.1"))
        await servers[-1].start_server()
        return f"http://localhost:{servers[-1].port}/"

    yield opened
    for server in servers:
        await server.close()


async def alive(walk: Walk) -> int:
    """How many tokens Anna's applications have."""
    stage = walk.stage
    listed = await stage.world.call("fetchUserApplications", [stage.service.key, ANNA.user_context, "active"])
    return sum(len(each["access_tokens"]) for each in listed.result)


@pytest.mark.parametrize(
    ("preset", "rendering"), [("mashery", "draft16"), ("rfc6749", "rfc6749"), ("oauth21", "oauth21")]
)
async def test_allowing_leads_to_the_protected_page(walk: StartWalk, preset: str, rendering: str) -> None:
    anna = await walk(preset=preset, rendering=rendering)

    await anna.to_token()
    await anna.press("Open the protected page")
    await anna.sees("4. Open the protected page")

    assert ANNA.user_context in await anna.text()
    assert "code=" not in anna.page.url


async def test_denying_is_told_to_the_client(walk: StartWalk) -> None:
    anna = await walk()
    await anna.to_consent()

    await anna.press("Deny")
    await anna.sees("The user has not allowed it")

    assert "error = access_denied" in await anna.text()
    assert await alive(anna) == 0


async def test_a_wrong_password_can_be_typed_again(walk: StartWalk) -> None:
    anna = await walk()
    await anna.start()

    await anna.log_in(password="wrong")
    await anna.sees("User name or password is wrong.")
    assert await anna.page.get_by_label("User name").input_value() == "anna"
    await anna.log_in()
    await anna.sees("Allow Payment Planner to use your account?")


async def test_too_many_wrong_passwords_are_held_up(walk: StartWalk) -> None:
    anna = await walk()
    await anna.start()

    for _ in range(WRONG_OF_USER):
        await anna.log_in(password="wrong")
        await anna.sees("User name or password is wrong.")
    await anna.log_in()
    await anna.sees("There were too many wrong passwords.")


async def test_a_login_that_has_ended_leads_back_to_the_same_question(walk: StartWalk) -> None:
    anna = await walk(session_ttl=3)
    await anna.to_consent()

    async def ended() -> bool:
        response = await anna.context.request.get(f"{anna.stage.issuer}/applications")
        return "User name" in await response.text()

    await until(ended)
    await anna.press("Allow")
    await anna.sees("Log in, please.")
    await anna.log_in()
    await anna.sees("Allow Payment Planner to use your account?")


async def test_a_user_sees_what_was_allowed_and_revokes_it(walk: StartWalk) -> None:
    anna = await walk()
    await anna.to_token()

    await anna.page.goto(f"{anna.stage.issuer}/applications")
    await anna.sees("payments, 1 token in use")
    await anna.page.get_by_role("button", name="Revoke the access of Payment Planner to payments").click()
    await anna.sees("Payment Planner can use your account no longer.")
    await anna.page.goto(anna.sample)
    await anna.press("Open the protected page")
    await anna.sees('error="invalid_token"')

    assert await alive(anna) == 0


async def test_logging_out_leaves_nothing_to_go_back_to(walk: StartWalk) -> None:
    anna = await walk()
    await anna.to_token()
    await anna.page.goto(f"{anna.stage.issuer}/applications")
    await anna.sees("Payment Planner")

    await anna.press("Log out")
    await anna.sees("You are logged out.")
    await anna.page.go_back()

    assert "Payment Planner" not in await anna.text()


async def test_everything_can_be_done_with_the_keyboard(walk: StartWalk) -> None:
    anna = await walk()
    await anna.start()
    keyboard = anna.page.keyboard

    await anna.sees("Log in")
    await anna.page.get_by_label("User name").and_(anna.page.locator(":focus")).wait_for()
    await keyboard.type("anna")
    await keyboard.press("Tab")
    await keyboard.type("a password of the test")
    await keyboard.press("Enter")
    await anna.sees("Allow Payment Planner to use your account?")
    for _ in range(10):
        await keyboard.press("Tab")
        if await anna.page.locator("button:focus", has_text="Allow").count():
            break
    await keyboard.press("Enter")
    await anna.sees("The user has allowed it")


async def test_a_client_may_send_its_user_on_to_another_host_of_its_own(walk: StartWalk, site: Site) -> None:
    """Chromium holds a form to its page's form-action at each redirection: a narrower policy broke such clients."""
    anna = await walk()
    end = await site("<p>The end of the way</p>")

    async def callback(_: web.Request) -> web.StreamResponse:
        raise web.HTTPFound(end)

    app = web.Application()
    app.router.add_get("/callback", callback)
    async with TestServer(app, host="127.0.0.1") as client:
        asked = anna.stage.request(redirect_uri=f"http://127.0.0.1:{client.port}/callback")
        await anna.page.goto(f"{anna.stage.issuer}/oauth2/authorize?{urlencode(asked)}")
        await anna.log_in()
        await anna.press("Allow")
        await anna.sees("The end of the way")


async def test_no_other_site_can_frame_a_page(walk: StartWalk, site: Site) -> None:
    anna = await walk(window={"java_script_enabled": True})
    await anna.to_consent()

    for path in ("/login", "/applications", f"/oauth2/authorize?{urlencode(anna.stage.request())}"):
        framing = await site(f'<iframe src="{anna.stage.issuer}{escape(path)}"></iframe>')
        async with anna.page.expect_console_message(lambda said: "frame-ancestors 'none'" in said.text):
            await anna.page.goto(framing)

        assert not any(frame.url.startswith(anna.stage.issuer) for frame in anna.page.frames)


async def test_no_form_of_another_site_does_anything(walk: StartWalk, site: Site) -> None:
    """It has found that the page which says so began a session, whose cookie logged the user out."""
    anna = await walk()
    await anna.to_token()
    issuer = anna.stage.issuer
    asked = anna.stage.request(redirect_uri=f"{anna.sample}/callback")
    await anna.page.goto(f"{issuer}/oauth2/authorize?{urlencode(asked)}")
    fields = {
        name: await anna.page.locator(f"input[name={name}]").last.get_attribute("value") or ""
        for name in ("csrf", "request")
    }
    fields |= {"decision": "allow", "access": "x", "username": "ben", "password": PASSWORD}
    inputs = "".join(f'<input type="hidden" name="{name}" value="{value}">' for name, value in fields.items())

    for path in ("/oauth2/authorize", "/applications/revoke", "/logout", "/login"):
        attack = await site(f'<form method="post" action="{issuer}{path}">{inputs}<button>Win a car</button></form>')
        await anna.page.goto(attack)
        await anna.press("Win a car")
        await anna.sees("That did not come from here")
        await anna.page.goto(f"{issuer}/applications")
        await anna.sees("payments, 1 token in use")
