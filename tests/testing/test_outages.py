"""Outages: what a provider hears while one is on, and that one leaves nothing behind."""

from __future__ import annotations

import base64
import hashlib

import pytest

from mashery_oauth.client import Unavailable
from mashery_oauth.testing import Backend, Refused

from ..effort import tally, times
from .using import obtain, provider, refused

VERIFIER = "v" * 43
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()


@pytest.mark.parametrize("called_before", [False, True])
def test_an_outage_that_has_begun_says_what_to_tell_the_client(backend: Backend, called_before: bool) -> None:  # noqa: FBT001
    service = backend.service()
    application = backend.application()
    token = backend.tokens(application).access_token
    client = provider(backend)
    if called_before:
        client.fetch_access_token(service.key, token)

    with backend.outage():
        error = refused(lambda: obtain(client, service, application, grant_type="client_credentials"))
        checked = refused(lambda: client.fetch_access_token(service.key, token))

    assert isinstance(error, Unavailable)
    assert (error.status, error.code) == (503, -32603)
    assert error.response is not None
    assert (error.response.status, error.response.body["error"]) == (503, "503")
    assert isinstance(checked, Unavailable)
    assert client.fetch_access_token(service.key, token).user_context == "alice"


# Found by asking in a forked child: whether a token works was answered with no, where nobody could tell.
def test_nobody_says_in_an_outage_that_a_token_is_dead(backend: Backend) -> None:
    backend.service()
    token = backend.tokens(backend.application()).access_token

    with backend.outage(), pytest.raises(Refused, match="the store is away"):
        backend.is_alive(token)

    assert backend.is_alive(token)


def test_an_outage_that_lasts_turns_every_call_away(backend: Backend) -> None:
    service = backend.service()
    application = backend.application()
    client = provider(backend)
    obtain(client, service, application, grant_type="client_credentials")

    with backend.outage(lasting=True):
        error = refused(lambda: obtain(client, service, application, grant_type="client_credentials"))

    assert isinstance(error, Unavailable)
    assert (error.status, error.response) == (503, None)
    assert error.retry_after
    assert len(backend.calls) == 1


@pytest.mark.parametrize("lasting", [False, True])
def test_an_outage_ends_with_its_block_whatever_happens_there(backend: Backend, lasting: bool) -> None:  # noqa: FBT001
    service = backend.service()
    application = backend.application()

    for _ in range(times(5)):
        with pytest.raises(ZeroDivisionError), backend.outage(lasting=lasting):
            raise ZeroDivisionError
        obtain(provider(backend), service, application, grant_type="client_credentials")

    tally("outages that began and ended", times(5))
    assert len(backend.calls) == times(5)


def test_there_is_one_outage_at_a_time_and_nothing_is_made_in_it(backend: Backend) -> None:
    with backend.outage():
        with pytest.raises(Refused, match="one is on already"), backend.outage():
            pass
        with pytest.raises(Refused, match="an outage is on"):
            backend.service()

    assert backend.service().key
