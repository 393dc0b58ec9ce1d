"""The command, on a store of our own that is empty before each test."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import orjson
import pytest
from click.testing import CliRunner
from redis import Redis

from mashery_oauth.cli import main

from ..servers import single_node

KEYS = bytes(range(32)).hex()


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The one document on stdout."""
        assert self.code == 0, self.err
        return orjson.loads(self.out)


Run = Callable[..., Outcome]


@pytest.fixture(scope="session")
def url() -> Iterator[str]:
    with single_node() as url:
        yield url


@pytest.fixture
def run(url: str) -> Run:
    """Runs the command in this process."""
    with Redis.from_url(url) as client:
        client.flushall()

    def run(*arguments: str, stdin: str = "", **environment: str) -> Outcome:
        variables = {"MASHERY_OAUTH_REDIS": url, "MASHERY_OAUTH_KEYS": KEYS, **environment}
        result = CliRunner().invoke(main, arguments, input=stdin, env=variables)
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return Outcome(result.exit_code, result.stdout, result.stderr)

    return run


@pytest.fixture
def site(run: Run) -> str:
    """The number of a site."""
    return str(run("site", "create", "Bank", "--json").json["id"])
