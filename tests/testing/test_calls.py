"""What the provider called, as a test reads it: named, in order, and with no secret in what is printed."""

from __future__ import annotations

import base64
import json
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest

from mashery_oauth.client import Client, Local, calls
from mashery_oauth.testing import Application, Backend, Masked, Service

from .using import credentials, obtain, provider, redeem, refused

Made = tuple[Service, Application]


@pytest.fixture
def made(backend: Backend) -> Made:
    service = backend.service()
    return service, backend.application(service)


def post(backend: Backend, body: Any, path: str = "/v3/json-rpc") -> None:
    """A body as it is, by the provider."""
    token = base64.b64encode(f"{backend.caller.user}:{backend.caller.password}".encode()).decode()
    request = Request(backend.url + path, json.dumps(body).encode(), {"Authorization": f"Basic {token}"})
    try:
        urlopen(request).close()
    except HTTPError as error:
        error.close()


def rpc(method: str, params: Any) -> dict[str, Any]:
    return {"jsonrpc": "2.0", "method": method, "params": params, "id": 1}


def test_tells_what_was_passed_on_and_how_the_call_ended(backend: Backend, made: Made) -> None:
    service, application = made
    code = backend.code(application)
    client = provider(backend)

    token = redeem(client, service, application, code)
    refused(lambda: redeem(client, service, application, code))

    first, second = backend.calls
    assert (first.method, first.outcome, first.dialect) == ("oauth2.createAccessToken", "ok", "local_v3")
    assert first.get("uri.redirect_uri") == application.redirect_uri
    assert first.get("token_data.code") == code
    assert first.get("client.client_secret") == application.client_secret
    assert first.get("client.client_secret") != code
    assert first.get("uri.state") is first.get("service_key.nothing") is first.get("nothing") is None
    assert (second.outcome, second.arguments) == ("invalid_code", first.arguments)
    assert token.access_token not in str(backend.calls)


def test_compares_a_secret_without_showing_it(backend: Backend, made: Made) -> None:
    service, application = made

    obtain(provider(backend), service, application, grant_type="client_credentials")

    secret = backend.calls.last.get("client.client_secret")
    assert isinstance(secret, Masked)
    assert secret == application.client_secret == secret
    assert secret != application.client_secret + "x"
    assert secret != 5
    assert repr(secret) == f"<{application.client_secret[:4]}…>"
    assert backend.calls.last.arguments == {
        "service_key": service.key,
        "client": {"client_id": application.client_id, "client_secret": application.client_secret},
        "token_data": {"grant_type": "client_credentials"},
    }


@pytest.mark.parametrize("secret", ["short", "elevenchars", "s" * 12, "\ud800 alone"])
def test_shows_nothing_of_a_short_secret(backend: Backend, made: Made, secret: str) -> None:
    service, application = made
    client = {"client_id": application.client_id, "client_secret": secret, "something": {"else": [secret]}}

    post(backend, rpc("oauth2.createAccessToken", {"service_key": service.key, "client": client}))

    if secret.isascii():
        shown = str(backend.calls.last)
        assert backend.calls.last.get("client.something.else") == [secret]
        assert secret not in shown
        assert (secret[:4] in shown) is (len(secret) >= 12)
    else:
        assert backend.calls == ()  # what no text may have is no request


@pytest.mark.parametrize(
    ("method", "params", "path", "value"),
    [
        ("oauth2.fetchAccessToken", ["key", ["one-token-of-many", "x"]], "access_token", ["one-token-of-many", "x"]),
        ("oauth2.revokeUserApplication", ["key", {"client_id": "c"}, "anna", "more"], "params[3]", "more"),
        ("oauth2.updateAccessToken", ["key", "c", "s", "t", "read", 60, "anna"], "user_context", "anna"),
        ("oauth2.updateAccessToken", ["key", {"client_id": "c"}, "t", "read", 60], "expires_in", 60),
        ("oauth2.updateAccessToken", ["key", {"client_id": "c"}, "t", "read", 60], "client.client_id", "c"),
        ("oauth2.noSuchMethod", ["anything"], "params[0]", "anything"),
        ("oauth2.fetchAccessToken", {"access_token": ""}, "access_token", ""),
        ("test.hello", None, "anything", None),
    ],
)
def test_names_arguments_that_came_by_position(
    backend: Backend, method: str, params: Any, path: str, value: Any
) -> None:
    post(backend, rpc(method, params))

    assert backend.calls.last.method == method
    assert backend.calls.last.get(path) == value


def test_hears_every_call_of_a_batch_and_notifications(backend: Backend, made: Made) -> None:
    service, _ = made
    batch = [calls.fetch_access_tokens(service.key, ["a"]), calls.fetch_user_applications(service.key, "anna")]

    provider(backend).batch(batch)
    post(backend, {"jsonrpc": "2.0", "method": "test.hello"})

    methods = [call.method for call in backend.calls]
    assert methods == ["oauth2.fetchAccessToken", "oauth2.fetchUserApplications", "test.hello"]


def test_hears_each_dialect(backend: Backend, made: Made) -> None:
    local = Local(backend.caller.user, backend.caller.password, version=2)

    for credentials_ in (backend.cloud, local, backend.local):
        Client(backend.url, credentials_, retries=0).fetch_access_tokens(made[0].key, ["a"])

    assert [call.dialect for call in backend.calls] == ["cloud", "local_v2", "local_v3"]


def test_finds_the_calls_of_a_method(backend: Backend, made: Made) -> None:
    service, application = made
    client = provider(backend)
    client.fetch_application(service.key, client=credentials(application))

    obtain(client, service, application, grant_type="client_credentials")

    found = [backend.calls.of(name) for name in ("fetchApplication", "oauth2.fetchApplication", "test.hello")]
    assert [len(each) for each in found] == [1, 1, 0]
    assert found[0].last == found[1].last
    with pytest.raises(LookupError, match="has not called"):
        _ = found[2].last


def test_does_not_hear_the_test_itself(backend: Backend, made: Made) -> None:
    service, application = made

    backend.client.fetch_application(service.key, client=credentials(application))
    backend.tokens(application)
    backend.code(application)

    assert backend.calls == ()
