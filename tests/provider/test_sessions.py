"""The cookie: what it allows, who can read it, and when it ends."""

from __future__ import annotations

import asyncio
import base64
from pathlib import Path

import pytest

from mashery_oauth.provider.users import User, Users, hash_generated_password, read_users
from tests.waiting import until

from .test_consent import expired
from .visiting import ANNA, PASSWORD, OpenStage, Stage, Visitor, anna_or_ben

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


def file_with(folder: Path, *names: str, password: str = PASSWORD, context: str = "user-4711") -> Users:
    """The users of a file as a start reads it; anna is somebody else to the backend if she is told so."""
    contexts = {"anna": context}
    tables = [
        f"[users.{name}]\npassword = '{hash_generated_password(password)}'\nuser_context = '{contexts.get(name, name)}'"
        for name in names
    ]
    path = folder / "users.toml"
    path.write_text("\n".join(tables))
    return read_users(path)


async def with_cookie_of(visitor: Visitor, stage: Stage) -> Visitor:
    """The same browser at another provider."""
    made = await stage.visitor()
    made.http.session.cookie_jar.update_cookies({"provider_session": cookie_of(visitor)}, made.http.make_url("/"))
    return made


@pytest.mark.parametrize("change", ["removed", "new password", "new context"])
async def test_a_login_ends_with_a_start_whose_file_has_the_user_no_longer_so(
    open_stage: OpenStage, tmp_path: Path, change: str
) -> None:
    """An attack found that a user who had been removed, and had no password any more, still gave consent."""
    before = await open_stage(session_key=KEY, users=file_with(tmp_path, "anna", "ben"))
    anna = await before.visitor()
    await before.at_consent(anna)
    changed = {
        "removed": lambda: file_with(tmp_path, "ben"),
        "new password": lambda: file_with(tmp_path, "anna", "ben", password="another"),
        "new context": lambda: file_with(tmp_path, "anna", "ben", context="user-4799"),
    }[change]()
    after = await open_stage(session_key=KEY, users=changed)

    again = await with_cookie_of(anna, after)
    page = await again.get("/applications")
    asked = await again.authorize(**after.request())

    assert page.has_form("/login")
    assert not page.has_form("/logout")
    assert asked.has_form("/login")


async def test_a_login_outlives_a_start_with_the_same_file(open_stage: OpenStage, tmp_path: Path) -> None:
    users = file_with(tmp_path, "anna", "ben")
    before = await open_stage(session_key=KEY, users=users)
    anna = await before.visitor()
    await before.at_consent(anna)
    after = await open_stage(session_key=KEY, users=read_users(tmp_path / "users.toml"))

    page = await (await with_cookie_of(anna, after)).get("/applications")

    assert page.has_form("/logout")


async def test_users_of_ones_own_end_a_login_where_they_can_tell(open_stage: OpenStage) -> None:
    class Members:
        """Users that leave, and are renamed."""

        def __init__(self) -> None:
            self.left, self.name = False, ANNA.name

        async def __call__(self, name: str, password: str) -> User | None:
            return await anna_or_ben(name, password)

        async def current(self, user: User) -> User | None:
            return None if self.left else User(user.user_context, self.name)

    members = Members()
    stage = await open_stage(users=members)
    anna = await stage.visitor()
    await stage.at_consent(anna)

    members.name = "Anna Other"
    renamed = await anna.authorize(**stage.request())
    members.left = True
    gone = await anna.get("/applications")
    members.left = False
    back = await anna.get("/applications")

    assert "Anna Other" in renamed.text
    assert gone.has_form("/login")
    assert back.has_form("/login")


@pytest.mark.parametrize("value", [b"\xff", b"\xc3\xa4", b"over\x80", b'"\xff"', b"a;provider_session=\xff"])
async def test_a_cookie_of_letters_that_none_has_is_none_and_is_replaced(open_stage: OpenStage, value: bytes) -> None:
    """An attack found a status of 500."""
    stage = await open_stage()
    head = b"GET /applications HTTP/1.1\r\nHost: x\r\nConnection: close\r\nCookie: provider_session="
    reader, writer = await asyncio.open_connection("127.0.0.1", stage.server.port)

    writer.write(head + value + b"\r\n\r\n")
    said = await asyncio.wait_for(reader.read(), 10)
    writer.close()

    assert said.startswith(b"HTTP/1.1 200 ")
    assert b"\r\nSet-Cookie: provider_session=" in said
