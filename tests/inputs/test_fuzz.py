"""What the fuzzer tries for minutes, tried for seconds: all that it begins with, and some changes of each kind."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.effort import tally, times

from .corpus import bodies, connections
from .mutations import mutated, mutated_request
from .target import running

Attempt = Callable[[bytes], None]
BODIES, CONNECTIONS = list(bodies()), list(connections())
NUMBERS = st.integers(0, 2**32 - 1)  # which changes are made

bounded = settings(deadline=None, derandomize=True, database=None)


@pytest.fixture(scope="module")
def body(own_url: str) -> Iterator[Attempt]:
    """Posts a body; what comes of it is judged."""
    with running("body", own_url) as attempt:
        yield attempt


@pytest.fixture(scope="module")
def connection(own_url: str) -> Iterator[Attempt]:
    """Sends what a connection has to say; what comes of it is judged."""
    with running("connection", own_url) as attempt:
        yield attempt


def test_what_the_fuzzer_begins_with_is_answered_as_it_should_be(body: Attempt) -> None:
    for data in BODIES:
        body(data)

    tally("bodies fuzzed", len(BODIES))


@settings(bounded, max_examples=times(400))
@given(data=st.sampled_from(BODIES), number=NUMBERS)
def test_bodies_with_changes_are_answered_as_they_should_be(body: Attempt, data: bytes, number: int) -> None:
    body(data[:1] + mutated(data[1:], Random(number)))

    tally("bodies fuzzed")


@settings(bounded, max_examples=times(100))
@given(data=st.binary(max_size=100))
def test_wild_bodies_are_answered_as_they_should_be(body: Attempt, data: bytes) -> None:
    body(data)

    tally("bodies fuzzed")


def test_requests_of_http_are_answered_as_they_should_be(connection: Attempt) -> None:
    for data in CONNECTIONS:
        connection(data)

    tally("connections fuzzed", len(CONNECTIONS))


@settings(bounded, max_examples=times(60))
@given(data=st.sampled_from(CONNECTIONS), number=NUMBERS)
def test_requests_of_http_with_changes_are_answered_as_they_should_be(
    connection: Attempt, data: bytes, number: int
) -> None:
    connection(mutated_request(data, Random(number)))

    tally("connections fuzzed")
