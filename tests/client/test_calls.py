"""Every method, by both clients, in all dialects: what comes out looks alike."""

from __future__ import annotations

import inspect
from datetime import UTC, datetime, timedelta

import pytest

from mashery_oauth.client import AsyncClient, Client, Redirect, TokenData, calls, refusals
from mashery_oauth.client.calls import Repeat
from mashery_oauth.dialects import CLOUD, Dialect
from mashery_oauth.methods import METHODS
from mashery_oauth.pkce import s256
from tests.world import HTTPS

from .conftest import STATE, USER, Provider

VERIFIER = "a-verifier-of-the-test-that-is-long-enough-to-be-one"
MADE = {
    name: make
    for name, make in vars(calls).items()
    if inspect.isfunction(make) and str(make.__annotations__.get("return")).startswith("Call[")
}


async def test_checks_a_client_before_the_user_is_asked(provider: Provider, dialect: Dialect) -> None:
    backend = provider.connect(dialect)

    plain = await backend.fetch_application(provider.key, client=provider.client, uri=Redirect(HTTPS))
    whole = await backend.fetch_application(
        provider.key, client=provider.client, include=["uri", "type", "profile", "scopes"]
    )

    assert (plain.id, plain.name) == (provider.application.id, provider.application.name)
    assert (plain.external_id, plain.attributes, plain.uri, plain.profile) == (None, None, None, None)
    assert (whole.uri, whole.type, whole.profile) == (Redirect(HTTPS), "confidential", "draft16")
    assert whole.scopes is None


async def test_tells_the_scopes_that_may_be_asked_for(provider: Provider, dialect: Dialect) -> None:
    await provider.world.set_policy(provider.service, scopes=("read", "write"))

    told = await provider.connect(dialect).fetch_application(
        provider.key, client=provider.client, scope="read", include=("scopes",)
    )

    assert told.scopes == ("read", "write")


async def test_makes_a_code_and_redeems_it(provider: Provider, dialect: Dialect) -> None:
    backend = provider.connect(dialect)

    made = await backend.create_authorization_code(
        provider.key,
        client=provider.client,
        uri=Redirect(HTTPS, STATE),
        user_context=USER,
        scope="read",
        response_type="code",
        code_challenge=s256(VERIFIER),
        code_challenge_method="S256",
    )
    data = TokenData(grant_type="authorization_code", code=made.code, code_verifier=VERIFIER)
    token = await backend.create_access_token(
        provider.key, client=provider.client, token_data=data, uri=Redirect(HTTPS)
    )

    assert made.uri.redirect_uri.startswith(f"{HTTPS}?code={made.code}&state=")
    assert made.uri.state == STATE
    assert (token.token_type, token.return_type, token.expires_in, token.scope) == ("bearer", "json", 3600, "read")
    assert token.refresh_token
    assert (token.uri, token.state, token.extended) == (None, None, None)
    assert token.user_context == (None if dialect is CLOUD else USER)


async def test_refreshes(provider: Provider, dialect: Dialect) -> None:
    backend = provider.connect(dialect)
    first = await backend.send(provider.token_call())
    data = TokenData(grant_type="refresh_token", refresh_token=first.refresh_token)

    second = await backend.create_access_token(provider.key, client=provider.client, token_data=data)

    assert second.access_token != first.access_token
    assert second.scope == "read"


async def test_makes_a_token_to_be_redirected_with(provider: Provider, dialect: Dialect) -> None:
    asked = TokenData(response_type="token", scope="read")

    token = await provider.connect(dialect).create_access_token(
        provider.key, client=provider.client, token_data=asked, uri=Redirect(HTTPS, STATE), user_context=USER
    )

    assert (token.return_type, token.state, token.refresh_token) == ("redirect", STATE, None)
    assert token.uri is not None
    assert f"#access_token={token.access_token}&" in token.uri.redirect_uri


async def test_makes_a_token_that_does_not_expire(provider: Provider, dialect: Dialect) -> None:
    await provider.world.set_policy(provider.service, access_ttl=None)
    backend = provider.connect(dialect)

    token = await backend.send(provider.token_call())
    told = await backend.fetch_access_token(provider.key, token.access_token)

    assert (token.expires_in, told.expires) == (None, None)


async def test_tells_the_key_of_a_mac_token(provider: Provider, dialect: Dialect) -> None:
    await provider.world.set_policy(provider.service, token_type="mac")
    backend = provider.connect(dialect)

    token = await backend.send(provider.token_call())
    told = await backend.fetch_access_token(provider.key, token.access_token)

    assert token.extended
    assert token.extended["mac_key"] == told.extended["mac_key"]
    assert told.token_type == "mac"


async def test_tells_what_a_token_stands_for(provider: Provider, dialect: Dialect) -> None:
    backend = provider.connect(dialect)
    token = await backend.send(provider.token_call())

    told = await backend.fetch_access_token(provider.key, token.access_token)

    assert (told.client_id, told.token_type, told.grant_type) == (provider.application.client_id, "bearer", "password")
    assert (told.scope, told.user_context, told.extended) == ("read", USER, None)
    assert timedelta(minutes=59) < told.expires - datetime.now(UTC) <= timedelta(minutes=60)


async def test_tells_of_several_tokens_in_the_order_asked(provider: Provider, dialect: Dialect) -> None:
    backend = provider.connect(dialect)
    first, second = [await backend.send(provider.token_call(user_context=user)) for user in ("first", "second")]

    told = await backend.fetch_access_tokens(
        provider.key, [second.access_token, "unknown", first.access_token, second.access_token]
    )

    assert [each and each.user_context for each in told] == ["second", None, "first", "second"]
    assert await backend.fetch_access_tokens(provider.key, []) == []


async def test_lists_the_applications_of_a_user(provider: Provider, dialect: Dialect) -> None:
    backend = provider.connect(dialect)
    token = await backend.send(provider.token_call())

    every = await backend.fetch_user_applications(provider.key, USER)
    dead = await backend.fetch_user_applications(provider.key, USER, token_status="inactive")

    assert [(each.id, each.client_id) for each in every] == [(provider.application.id, provider.application.client_id)]
    assert every[0].access_tokens == (token.access_token,)
    assert dead == []


async def test_revokes_a_token(provider: Provider, dialect: Dialect) -> None:
    backend = provider.connect(dialect)
    token = await backend.send(provider.token_call())

    done = await backend.revoke_access_token(provider.key, client=provider.client, access_token=token.access_token)
    unknown = await backend.revoke_access_token(provider.key, client=provider.client, access_token="unknown")

    assert (done, unknown) == (True, False)
    assert not await provider.world.is_alive(provider.service, token.access_token)


async def test_revokes_what_an_application_has_of_a_user(provider: Provider, dialect: Dialect) -> None:
    backend = provider.connect(dialect)
    token = await backend.send(provider.token_call())

    done = await backend.revoke_user_application(provider.key, client=provider.client, user_context=USER)

    assert done is True
    assert not await provider.world.is_alive(provider.service, token.access_token)


async def test_changes_a_token(provider: Provider, dialect: Dialect) -> None:
    backend = provider.connect(dialect)
    token = await backend.send(provider.token_call())

    changed = await backend.update_access_token(
        provider.key,
        client=provider.client,
        access_token=token.access_token,
        scope="write",
        expires_in=60,
        user_context="berta",
    )

    assert (changed.scope, changed.user_context) == ("write", "berta")
    assert changed.expires - datetime.now(UTC) <= timedelta(seconds=60)
    assert changed == await backend.fetch_access_token(provider.key, token.access_token)


async def test_sends_several_calls_as_one_and_gives_their_results_in_order(
    provider: Provider, dialect: Dialect
) -> None:
    backend = provider.connect(dialect)
    token = (await backend.send(provider.token_call())).access_token

    told, unknown, refused, listed = await backend.batch(
        [
            calls.fetch_access_token(provider.key, token),
            calls.fetch_access_token(provider.key, "unknown"),
            calls.update_access_token(provider.key, client=provider.client, access_token=token, expires_in=-1),
            calls.fetch_user_applications(provider.key, USER),
        ]
    )

    assert told.user_context == USER
    assert isinstance(unknown, refusals.UnknownToken)
    assert isinstance(refused, refusals.InvalidParams)
    assert listed[0].access_tokens == (token,)


async def test_sends_nothing_for_a_batch_of_nothing(provider: Provider) -> None:
    assert await provider.connect(at="http://127.0.0.1:1").batch([]) == []


async def test_a_batch_that_is_too_long_is_refused_as_a_whole(provider: Provider) -> None:
    backend = provider.connect()

    with pytest.raises(refusals.InvalidRequest):
        await backend.batch([calls.fetch_access_token(provider.key, "unknown")] * 101)


def test_has_a_function_for_every_method() -> None:
    made = {call for call in METHODS if call.startswith("oauth2.")}

    named = {"oauth2." + _camel(name.removesuffix("s") if name == "fetch_access_tokens" else name) for name in MADE}

    assert named == made


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)


def test_takes_every_argument_that_a_method_has() -> None:
    for name, make in MADE.items():
        if name == "fetch_access_tokens":
            continue
        taken = set(inspect.signature(make).parameters) - {"idempotency_key"}
        known = set(METHODS["oauth2." + _camel(name)].arguments.schema.fields)
        beside_client = {"client_id", "client_secret"} & known  # updateAccessToken's other form

        assert taken == known - beside_client, name


@pytest.mark.parametrize("name", MADE)
def test_both_clients_have_it_with_the_same_arguments(name: str) -> None:
    wanted = list(inspect.signature(MADE[name]).parameters.values())

    for kind in (AsyncClient, Client):
        method = getattr(kind, name)
        assert list(inspect.signature(method).parameters.values())[1:] == wanted
        assert (method.__name__, method.__doc__) == (name, MADE[name].__doc__)


def test_may_be_repeated_as_far_as_the_service_says_so(provider: Provider) -> None:
    client = provider.client
    found = {
        call.method: call.repeat
        for call in (
            provider.code_call(),
            provider.token_call(),
            calls.revoke_access_token("key", client=client, access_token="token"),
            calls.update_access_token("key", client=client, access_token="token"),
        )
    }

    keyed = {name for name, method in METHODS.items() if method.keyed}

    assert {name for name, repeat in found.items() if repeat is Repeat.WITH_KEY} == keyed
    assert found["oauth2.updateAccessToken"] is Repeat.NEVER
    assert found["oauth2.revokeAccessToken"] is Repeat.ALWAYS
