"""A visitor of the pages: a browser without scripts, that keeps cookies, reads forms, and sends what Chromium sends."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from aiohttp import CookieJar, web
from aiohttp.test_utils import TestClient, TestServer

from mashery_oauth.models import Application, Service
from mashery_oauth.provider.app import create_app
from mashery_oauth.provider.backend import backend_of
from mashery_oauth.provider.configuration import parse_configuration
from mashery_oauth.provider.users import User, Users

from ..world import World

ANNA, PASSWORD = User("user-4711", "Anna Example"), "a password of the test"
CHROMIUM = {"Origin": "null", "Sec-Fetch-Site": "same-origin"}  # with a form of a page that asks for no referrer
WORDS = {"read": "See your payments", "write": "Make payments in your name"}


async def anna_or_ben(name: str, password: str) -> User | None:
    """Two users with one password."""
    known = {"anna": ANNA, "ben": User("user-4712", "Ben Example")}
    return known.get(name) if password == PASSWORD else None


@dataclass
class Form(HTMLParser):
    """The forms of a page: where each goes, and what is in it before anybody has typed."""

    actions: list[str] = field(default_factory=list)
    fields: list[dict[str, str]] = field(default_factory=list)
    heard: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        """As the parser wants it."""
        super().__init__()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Notes forms and inputs."""
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.actions.append(given["action"])
            self.fields.append({})
        elif tag == "input":
            self.fields[-1][given["name"]] = given.get("value", "")

    def handle_data(self, data: str) -> None:
        """Notes what a reader sees."""
        self.heard.append(data)


@dataclass(frozen=True)
class Page:
    """What the visitor sees, or where they were sent."""

    status: int
    headers: Mapping[str, str]
    source: str

    @property
    def text(self) -> str:
        """What a reader sees."""
        return " ".join(" ".join(self._parsed().heard).split())

    @property
    def location(self) -> str:
        """Where it leads."""
        return self.headers.get("Location", "")

    @property
    def answer(self) -> dict[str, str]:
        """What the client is told: by query or fragment."""
        parts = urlsplit(self.location)
        return {name: values[0] for name, values in parse_qs(parts.query + "&" + parts.fragment).items()}

    def form(self, action: str) -> dict[str, str]:
        """The first form that goes there."""
        parsed = self._parsed()
        return dict(parsed.fields[parsed.actions.index(action)])

    def has_form(self, action: str) -> bool:
        """Whether there is one."""
        return action in self._parsed().actions

    def _parsed(self) -> Form:
        parser = Form()
        parser.feed(self.source)
        return parser


@dataclass
class Visitor:
    """Somebody with a browser."""

    http: TestClient[Any, Any]

    async def get(self, path: str, **headers: str) -> Page:
        """Opens a page; redirections on this site are followed."""
        return await self._followed("GET", path, headers=headers)

    async def post(self, path: str, form: Mapping[str, str], headers: Mapping[str, str] = CHROMIUM) -> Page:
        """Sends a form."""
        return await self._followed("POST", path, data=urlencode(form), headers={**headers, "Content-Type": _FORM})

    async def authorize(self, **parameters: str) -> Page:
        """Is sent here by a client."""
        return await self.get(f"/oauth2/authorize?{urlencode(parameters)}")

    async def log_in(self, page: Page, username: str = "anna", password: str = PASSWORD) -> Page:
        """Fills in the login form of a page."""
        return await self.post("/login", page.form("/login") | {"username": username, "password": password})

    async def decide(self, page: Page, decision: str) -> Page:
        """Presses a button of the consent page."""
        return await self.post("/oauth2/authorize", page.form("/oauth2/authorize") | {"decision": decision})

    async def _followed(self, method: str, path: str, headers: Mapping[str, str], data: str | None = None) -> Page:
        async with self.http.request(method, path, data=data, headers=headers, allow_redirects=False) as response:
            page = Page(response.status, response.headers, await response.text())
        if page.status in (302, 303) and page.location.startswith("/"):
            return await self._followed("GET", page.location, {})
        return page


_FORM = "application/x-www-form-urlencoded"


@dataclass
class Stage:
    """A provider in front of a world, with one service and one application."""

    world: World
    service: Service
    application: Application
    server: TestServer
    visitors: list[TestClient[Any, Any]] = field(default_factory=list)

    @property
    def app(self) -> web.Application:
        """The provider."""
        return self.server.app

    @property
    def issuer(self) -> str:
        """The provider's own address."""
        return f"http://127.0.0.1:{self.server.port}"

    async def visitor(self) -> Visitor:
        """Somebody new, without cookies."""
        client: TestClient[Any, Any] = TestClient(self.server, cookie_jar=CookieJar(unsafe=True))
        self.visitors.append(client)
        return Visitor(client)

    def request(self, **parameters: str) -> dict[str, str]:
        """An authorization request that is in order."""
        return {"response_type": "code", "client_id": self.application.client_id, "state": "xyz"} | parameters

    async def at_consent(self, visitor: Visitor, username: str = "anna", **parameters: str) -> Page:
        """A visitor who has logged in, and is asked."""
        return await visitor.log_in(await visitor.authorize(**self.request(**parameters)), username)

    async def close(self) -> None:
        """Ends the visits and the provider."""
        for visitor in self.visitors:
            await visitor.session.close()
        await self.server.close()


OpenStage = Callable[..., Awaitable[Stage]]


async def new_stage(
    world: World,
    port: int,
    preset: str = "mashery",
    *,
    rendering: str = "draft16",
    client: Mapping[str, Any] | None = None,
    users: Users = anna_or_ben,
    policy: Mapping[str, Any] | None = None,
    **configuration: Any,
) -> Stage:
    """A provider on a port, over a service from a preset."""
    service = await world.add_service(preset, **(policy or {}))
    application = await world.add_application(service, **(client or {}))
    members: dict[str, Any] = {
        "issuer": f"http://127.0.0.1:{port}",
        "name": "Example Bank",
        "backend": {"url": str(world.http.make_url("")), "user": world.caller.user, "password": world.password},
        "services": [{"name": "payments", "service_key": service.key, "rendering": rendering}],
        "scopes": WORDS,
    }
    read = parse_configuration(members | configuration, Path())
    server = TestServer(create_app(read, backend_of(read), users), host="127.0.0.1", port=port)
    await server.start_server()
    return Stage(world, service, application, server)
