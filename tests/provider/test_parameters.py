"""The body of a request at the endpoints for machines: each parameter once, and a form or nothing."""

from __future__ import annotations

import pytest

from mashery_oauth.models import Application
from mashery_oauth.provider.parameters import LARGEST, MOST
from tests.world import SECRET, World

from .scene import FORM, Provider, Serve, entry, own, packed

PATHS = ("/oauth2/token", "/oauth2/revoke", "/oauth2/introspect")


@pytest.fixture
async def scene(serve: Serve, one_world: World) -> tuple[Provider, Application]:
    """A provider in front of one service with one application."""
    service = await one_world.add_service("rfc6749")
    return await serve(entry(service, rendering="rfc6749")), await one_world.add_application(service)


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("name", ["grant_type", "client_id", "scope", "anything"])
@pytest.mark.parametrize("values", [("a", "a"), ("a", ""), ("", "b")])
async def test_a_parameter_that_comes_twice_is_refused(
    scene: tuple[Provider, Application], path: str, name: str, values: tuple[str, str]
) -> None:
    provider, _ = scene

    answer = await provider.post(path, "&".join(f"{name}={value}" for value in values))

    assert (answer.status, answer.json["error"]) == (400, "invalid_request")
    assert answer.json["error_description"] == "A parameter is there twice"


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("kind", ["application/json", "multipart/form-data; boundary=x", "text/plain", ""])
async def test_what_is_no_form_is_refused(scene: tuple[Provider, Application], path: str, kind: str) -> None:
    provider, application = scene
    body = "&".join(f"{name}={value}" for name, value in own(application).items())

    answer = await provider.send("POST", path, body.encode(), {"Content-Type": kind} if kind else {})

    assert (answer.status, answer.json["error"]) == (400, "invalid_request")


@pytest.mark.parametrize(
    "body",
    [b"\xff=1", b"a=%ff", b"a=%ED%A0%80", b"&".join(b"%d=1" % number for number in range(MOST + 1))],
    ids=["bytes", "percent", "surrogate", "many"],
)
async def test_what_cannot_be_read_is_refused(scene: tuple[Provider, Application], body: bytes) -> None:
    provider, _ = scene

    answer = await provider.send("POST", "/oauth2/token", body, {"Content-Type": FORM})

    assert (answer.status, answer.json["error"]) == (400, "invalid_request")
    assert answer.json["error_description"] == "The body cannot be read"


async def test_a_parameter_without_a_value_is_not_there(scene: tuple[Provider, Application]) -> None:
    provider, application = scene
    form = {"grant_type": "client_credentials", "scope": "", "code": "", "redirect_uri": ""}

    by_body = await provider.token(form | own(application))
    by_header = await provider.token(
        form | {"client_id": "", "client_secret": ""}, packed(application.client_id, SECRET)
    )

    assert (by_body.status, by_header.status) == (200, 200)


async def test_a_parameter_that_nobody_knows_changes_nothing(scene: tuple[Provider, Application]) -> None:
    provider, application = scene

    answer = await provider.token({"grant_type": "client_credentials", "resource": "x"} | own(application))

    assert answer.status == 200


async def test_the_charset_of_a_form_may_be_named(scene: tuple[Provider, Application]) -> None:
    provider, application = scene
    form = {"grant_type": "client_credentials"} | own(application)

    answer = await provider.token(form, {"Content-Type": f"{FORM};charset=UTF-8"})

    assert answer.status == 200


async def test_a_body_without_measure_is_not_read(scene: tuple[Provider, Application]) -> None:
    provider, _ = scene

    answer = await provider.post("/oauth2/token", "a=" + "x" * LARGEST)

    assert (answer.status, answer.body) == (413, b"Request Too Large\n")
