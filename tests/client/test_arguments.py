"""Arguments that cannot be meant are told before anything is sent, by their names; what is not given is not sent."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from mashery_oauth.client import ClientCredentials, Redirect, TokenData, calls
from mashery_oauth.methods import METHODS
from mashery_oauth.shapes import Client, Shape, Uri
from mashery_oauth.shapes import TokenData as TokenShape
from tests.world import HTTPS

from .conftest import Provider
from .line import Line

CLIENT = ClientCredentials("client", "secret")
DATA = TokenData(grant_type="password")
UNTYPED: Any = calls  # as one who does not check types sees it
WRONG: dict[str, Callable[[], object]] = {
    "service_key must be a string": lambda: UNTYPED.fetch_access_token(None, "token"),
    "access_token must be a string": lambda: UNTYPED.fetch_access_token("key", ["token"]),
    "access_tokens must be a list of strings": lambda: UNTYPED.fetch_access_tokens("key", "token"),
    "access_tokens[1] must be a string": lambda: UNTYPED.fetch_access_tokens("key", ["token", None]),
    "client must be a ClientCredentials": lambda: UNTYPED.create_access_token(
        "key", client={"client_id": "client"}, token_data=DATA
    ),
    "token_data must be a TokenData": lambda: UNTYPED.create_access_token("key", client=CLIENT, token_data=CLIENT),
    "token_data.code must be a string": lambda: UNTYPED.create_access_token(
        "key", client=CLIENT, token_data=TokenData(code=UNTYPED)
    ),
    "client.client_secret must be a string": lambda: UNTYPED.fetch_application(
        "key", client=ClientCredentials("client", UNTYPED)
    ),
    "uri must be a Redirect": lambda: UNTYPED.create_authorization_code("key", client=CLIENT, uri=HTTPS),
    "uri.state must be a string": lambda: UNTYPED.create_authorization_code(
        "key", client=CLIENT, uri=Redirect(HTTPS, UNTYPED)
    ),
    "user_context must be a string": lambda: UNTYPED.fetch_user_applications("key", 17),
    "expires_in must be a whole number": lambda: UNTYPED.update_access_token(
        "key", client=CLIENT, access_token="token", expires_in=60.0
    ),
    "include must be a list of strings": lambda: UNTYPED.fetch_application("key", client=CLIENT, include="uri"),
    "idempotency_key must be a string": lambda: UNTYPED.create_access_token(
        "key", client=CLIENT, token_data=DATA, idempotency_key=17
    ),
}


@pytest.mark.parametrize("problem", WRONG)
def test_names_an_argument_of_another_type(problem: str) -> None:
    with pytest.raises(TypeError) as caught:
        WRONG[problem]()

    assert str(caught.value) == problem


def test_names_a_number_that_is_a_truth() -> None:
    with pytest.raises(TypeError, match="expires_in"):
        calls.update_access_token("key", client=CLIENT, access_token="token", expires_in=True)


def test_names_a_number_that_json_cannot_carry() -> None:
    with pytest.raises(ValueError, match="expires_in"):
        calls.update_access_token("key", client=CLIENT, access_token="token", expires_in=2**63)


@pytest.mark.parametrize("make", [ClientCredentials, TokenData], ids=lambda make: make.__name__)
def test_names_what_is_no_text(make: type[Any]) -> None:
    name = "client_id" if make is ClientCredentials else "code"
    member = {name: "lone \ud800 surrogate"}
    given = {"client": CLIENT, "token_data": DATA} | {
        "client" if make is ClientCredentials else "token_data": make(**member)
    }

    with pytest.raises(ValueError, match=rf"\.{name} must be Unicode text") as caught:
        UNTYPED.create_access_token("key", **given)

    assert "surrogate\ud800" not in str(caught.value)


@pytest.mark.parametrize("key", ["", "k" * 256, "a key", "schlüssel", "key\r\nX-Other: 1"])
def test_refuses_a_key_that_the_backend_would_not_take(key: str) -> None:
    with pytest.raises(ValueError, match="idempotency_key") as caught:
        calls.create_access_token("key", client=CLIENT, token_data=DATA, idempotency_key=key)

    assert key == "" or key not in str(caught.value)


async def test_sends_nothing_for_what_is_not_given(provider: Provider, line: Line) -> None:
    backend = provider.connect(at=line.url)

    await backend.fetch_application(provider.key, client=ClientCredentials(provider.application.client_id))

    wanted = {"service_key": provider.key, "client": {"client_id": provider.application.client_id}}
    assert [request.json["params"] for request in line.requests] == [wanted]


async def test_passes_on_what_the_client_sent_as_it_is(provider: Provider, line: Line) -> None:
    backend = provider.connect(at=line.url)
    state = ' "\\/\u2028\u00e9\U0001f512%00&='

    made = await backend.send(provider.code_call(uri=Redirect(HTTPS, state)))

    assert line.requests[0].json["params"]["uri"] == {"redirect_uri": HTTPS, "state": state}
    assert made.uri.state == state


@pytest.mark.parametrize(
    ("given", "shape"),
    [(ClientCredentials, Client), (Redirect, Uri), (TokenData, TokenShape)],
    ids=["client", "uri", "token"],
)
def test_has_the_members_that_the_service_reads(given: type[Any], shape: type[Shape]) -> None:
    assert list(given.__dataclass_fields__) == list(shape().fields)


def test_shows_no_secret() -> None:
    hidden = "hidden-secret"
    values = [
        ClientCredentials("client", hidden),
        Redirect(f"{HTTPS}?code={hidden}", hidden),
        TokenData("type", "scope", hidden, "code", hidden, hidden, hidden),
        calls.fetch_access_token("key", hidden),
        calls.create_access_token(
            "key", client=ClientCredentials("c", hidden), token_data=DATA, idempotency_key=hidden
        ),
    ]

    assert not [shown for shown in map(repr, values) if hidden in shown]


def test_every_call_is_of_a_method_that_the_service_has() -> None:
    assert calls.fetch_access_token("key", "token").method in METHODS
