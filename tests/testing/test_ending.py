"""What expires and what is revoked, as a provider hears of it."""

from __future__ import annotations

import base64
import hashlib

import pytest

from mashery_oauth.client import refusals
from mashery_oauth.testing import Backend, Refused

from .using import provider, redeem, refresh, refused

VERIFIER = "v" * 43
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()


def test_expires_a_code(backend: Backend) -> None:
    service = backend.service()
    application = backend.application()
    code = backend.code(application)

    ended = backend.expire(code)

    assert ended == "code"
    error = refused(lambda: redeem(provider(backend), service, application, code))
    assert isinstance(error, refusals.InvalidCode)


def test_expires_an_access_token_and_leaves_its_refresh_token(backend: Backend) -> None:
    service = backend.service()
    application = backend.application()
    tokens = backend.tokens(application)
    client = provider(backend)

    ended = backend.expire(tokens.access_token)

    assert ended == "access token"
    assert not backend.is_alive(tokens.access_token)
    error = refused(lambda: client.fetch_access_token(service.key, tokens.access_token))
    assert isinstance(error, refusals.UnknownToken)
    inactive = client.fetch_user_applications(service.key, "alice", token_status="inactive")
    assert [each.access_tokens for each in inactive] == [(tokens.access_token,)]
    assert client.fetch_user_applications(service.key, "alice", token_status="active") == []
    assert backend.is_alive(refresh(client, service, application, tokens.refresh_token).access_token)


def test_expires_a_refresh_token_and_leaves_its_access_token(backend: Backend) -> None:
    service = backend.service()
    application = backend.application()
    tokens = backend.tokens(application)
    assert tokens.refresh_token is not None

    ended = backend.expire(tokens.refresh_token)

    assert ended == "refresh token"
    assert backend.is_alive(tokens.access_token)
    error = refused(lambda: refresh(provider(backend), service, application, tokens.refresh_token))
    assert isinstance(error, refusals.InvalidRefreshToken)


def test_expires_the_grace_of_a_refresh_token(backend: Backend) -> None:
    service = backend.service()
    application = backend.application()
    client = provider(backend)
    old = backend.tokens(application).refresh_token
    assert old is not None
    first, second = (refresh(client, service, application, old) for _ in range(2))

    backend.expire_grace(old)

    assert first == second
    error = refused(lambda: refresh(client, service, application, old))
    assert isinstance(error, refusals.InvalidRefreshToken)
    assert not backend.is_alive(first.access_token)
    with pytest.raises(Refused, match="within its grace"):
        backend.expire_grace(old)


def test_does_not_expire_what_is_not_there(backend: Backend) -> None:
    backend.service()
    token = backend.tokens(backend.application()).access_token
    backend.expire(token)

    for text in (token, "", "nothing"):
        with pytest.raises(Refused, match="no code or token"):
            backend.expire(text)


def test_revokes_a_token_with_its_grant(backend: Backend) -> None:
    backend.service()
    tokens = backend.tokens(backend.application())

    was_alive = [backend.revoke(tokens.access_token) for _ in range(2)]

    assert was_alive == [True, False]
    assert tokens.refresh_token is not None
    assert not backend.is_alive(tokens.refresh_token)


def test_revokes_what_a_user_has(backend: Backend) -> None:
    backend.service()
    one, two = backend.application(), backend.application()
    first, second = backend.tokens(one), backend.tokens(two)
    other = backend.tokens(one, user_context="bob")
    backend.code(two)

    with_one = backend.revoke_user("alice", application=one)
    alive = backend.is_alive(second.access_token)
    with_all = backend.revoke_user("alice")

    assert with_one == {"access_tokens": 1, "refresh_tokens": 1, "codes": 0}
    assert with_all == {"access_tokens": 1, "refresh_tokens": 1, "codes": 1}
    assert alive
    assert [backend.is_alive(each.access_token) for each in (first, second, other)] == [False, False, True]


def test_revokes_what_an_application_has(backend: Backend) -> None:
    service = backend.service()
    application = backend.application()
    alice, bob = backend.tokens(application), backend.tokens(application, user_context="bob")

    died = backend.revoke_application(application)

    assert died == {"access_tokens": 2, "refresh_tokens": 2, "codes": 0}
    found = provider(backend).fetch_access_tokens(service.key, [alice.access_token, bob.access_token])
    assert found == [None, None]
