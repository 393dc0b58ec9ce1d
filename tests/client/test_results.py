"""Results of the three dialects are alike; what is unknown is passed over; what is not as it should be is told."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mashery_oauth.client import AccessToken, AuthorizationCode, Redirect, UnreadableAnswer, calls, results
from mashery_oauth.client.results import Unexpected
from tests.effort import tally, times

from .conftest import Provider
from .line import Line, instead

TOKEN = {
    "client_id": "client",
    "token_type": "bearer",
    "grant_type": "password",
    "expires": "2030-01-31T12:00:00Z",
    "scope": None,
    "user_context": "anna",
    "extended": None,
}
READERS = {
    name: getattr(results, name)
    for name in ("application", "authorization_code", "access_token", "token_info", "user_applications", "truth")
} | {"in_order_of": results.in_order_of(["one", "two"])}
json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=8,
)


def test_reads_a_null_and_a_member_that_is_absent_alike() -> None:
    without_nulls = {name: value for name, value in TOKEN.items() if value is not None}

    assert results.token_info(TOKEN) == results.token_info(without_nulls)
    assert results.token_info(TOKEN).expires == datetime(2030, 1, 31, 12, tzinfo=UTC)


def test_passes_over_what_it_does_not_know() -> None:
    assert results.token_info(TOKEN | {"new": {"deep": [1]}}) == results.token_info(TOKEN)


@pytest.mark.parametrize(
    ("member", "value"),
    [
        ("client_id", None),
        ("client_id", 17),
        ("token_type", ["bearer"]),
        ("expires", "tomorrow"),
        ("expires", "2030-01-31T12:00:00"),
        ("expires", 1896091200),
        ("scope", {"read": True}),
        ("extended", "text"),
    ],
)
def test_says_which_member_is_not_as_it_should_be(member: str, value: object) -> None:
    with pytest.raises(Unexpected, match=f"^{member} is ") as caught:
        results.token_info(TOKEN | {member: value})

    assert value is None or str(value) not in str(caught.value)


@pytest.mark.parametrize("name", READERS)
@settings(max_examples=times(30))
@given(data=st.data())
def test_reads_anything_or_says_why_not(name: str, data: st.DataObject) -> None:
    members = st.dictionaries(st.sampled_from([*TOKEN, "id", "name", "code", "uri", "access_token"]), json, max_size=8)
    value = data.draw(json | members | st.lists(members, max_size=3))

    tally("results that may not be what they should")
    with suppress(Unexpected):
        shown = repr(READERS[name](value))
        assert shown


async def test_an_answer_that_cannot_be_read_says_where_and_not_what(provider: Provider, line: Line) -> None:
    backend = provider.connect(at=line.url)
    wrong = TOKEN | {"scope": {"what": "nobody may see"}}
    line.fates = [instead(lambda asked: {"jsonrpc": "2.0", "id": asked["id"], "result": wrong})]

    failure = await backend.failure(calls.fetch_access_token(provider.key, "token"))

    assert isinstance(failure, UnreadableAnswer)
    assert str(failure) == "The answer to oauth2.fetchAccessToken cannot be read: scope is no string"
    assert "nobody may see" not in repr(failure)
    assert len(line.requests) == 1


async def test_shows_no_secret_of_what_was_made(provider: Provider) -> None:
    backend = provider.connect()
    await provider.world.set_policy(provider.service, token_type="mac")

    made: AuthorizationCode = await backend.send(provider.code_call())
    token: AccessToken = await backend.send(provider.redeem_call(made.code))
    told = await backend.fetch_access_token(provider.key, token.access_token)
    listed = await backend.fetch_user_applications(provider.key, "anna")

    shown = repr([made, token, told, listed])
    secrets: list[Any] = [made.code, token.access_token, token.refresh_token, (told.extended or {})["mac_key"]]
    assert [secret for secret in secrets if secret in shown] == []
    assert repr(made.uri) == repr(Redirect())
    assert provider.application.client_id in shown
