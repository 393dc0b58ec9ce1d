"""A worker is killed in the middle of its calls: their callers see a cut connection, and nothing is half done."""

from __future__ import annotations

import http.client
import os
import signal
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from mashery_oauth.models import Application, Policy, Service
from mashery_oauth.opening import KEY_FILE
from mashery_oauth.store import open_store
from mashery_oauth.store.embedded import running_url
from mashery_oauth.store.ring import parse_keys
from tests.effort import tally, times
from tests.serving import SITE, Running, running, wait_for

CALLERS = 8
KEY, NAME, SECRET, REDIRECT = "service-with-codes", "client-with-codes", "secret-of-that-client", "https://a.example/cb"
CUT = (OSError, http.client.HTTPException)


async def add_service(folder: Path) -> None:
    """Adds a service with codes and refresh tokens, as an operator would beside the workers."""
    url = running_url(folder)
    assert url is not None
    store = await open_store(url, parse_keys((folder / KEY_FILE).read_text()), timeout=5, max_config_age=1)
    policy = Policy(flows=frozenset({"authorization_code", "refresh_token"}))
    client = Application(
        7, NAME, SITE.id, "Client", redirect_uris=(REDIRECT,), services=(KEY,), secrets=(store.ring.hash(SECRET),)
    )
    await store.configuration.fresh()
    await store.configuration.write(store.configuration.version, [Service(KEY, 7, SITE.id, "Codes", policy), client])
    await store.close()


@dataclass
class Callers:
    """Callers of a service whose workers come and go."""

    service: Running
    living: dict[str, str] = field(default_factory=dict)
    ended: set[str] = field(default_factory=set)
    cuts: int = 0
    stopping: bool = False

    def call(self, method: str, **params: Any) -> tuple[Any, bool]:
        """An answer, and whether a connection was cut before it: then nobody knows what that call did."""
        members = {"service_key": KEY, "client": {"client_id": NAME, "client_secret": SECRET}, **params}
        cut = False
        while True:
            try:
                status, answer = self.service.call(f"oauth2.{method}", members)
            except CUT:
                cut, self.cuts = True, self.cuts + 1
                continue
            assert status == 200, answer
            return answer, cut

    def story(self, user: str) -> None:
        """A code, its grant and a refresh."""
        uri = {"redirect_uri": REDIRECT}
        made, _ = self.call("createAuthorizationCode", uri=uri, user_context=user)
        code = {"grant_type": "authorization_code", "code": made["result"]["code"]}
        granted, cut = self.call("createAccessToken", token_data=code, uri=uri)
        if "error" in granted:  # it had been redeemed by the call that was cut
            assert cut, granted
            assert granted["error"]["message"] == "Invalid authorization code"
            self.ended.add(user)
            return
        refresh_token = {"grant_type": "refresh_token", "refresh_token": granted["result"]["refresh_token"]}
        following, _ = self.call("createAccessToken", token_data=refresh_token)
        self.living[user] = following["result"]["access_token"]

    def work(self, number: int) -> None:
        """One story after the other."""
        turn = 0
        while not self.stopping:
            turn += 1
            self.story(f"user {number}.{turn}")

    @contextmanager
    def at_work(self) -> Iterator[None]:
        """All callers are busy while the block runs."""
        with ThreadPoolExecutor(CALLERS) as pool:
            labours = [pool.submit(self.work, number) for number in range(CALLERS)]
            try:
                wait_for(lambda: len(self.living) > CALLERS)
                yield
            finally:
                self.stopping = True
            for labour in labours:
                labour.result()

    def tokens(self, user: str) -> list[str]:
        """What lives of a user."""
        params = {"service_key": KEY, "user_context": user, "token_status": "active"}
        _, answer = self.service.call("oauth2.fetchUserApplications", params)
        return [token for application in answer["result"] for token in application["access_tokens"]]


async def test_other_calls_go_on_and_nothing_is_half_done(tmp_path: Path) -> None:
    with running(tmp_path / "data", workers=2) as service:
        await add_service(tmp_path / "data")
        callers = Callers(service)

        with callers.at_work():
            for _ in range(times(3)):
                killed, told = min(service.workers), len(callers.living)
                os.kill(killed, signal.SIGKILL)
                wait_for(lambda killed=killed: len(service.workers - {killed}) == 2)  # type: ignore[misc]
                wait_for(lambda told=told: len(callers.living) > told + CALLERS)  # type: ignore[misc]
                tally("workers killed in the middle of calls")

        assert callers.cuts > 0
        assert all(callers.living[user] in callers.tokens(user) for user in callers.living)
        assert [user for user in callers.ended if callers.tokens(user)] == []


@pytest.mark.parametrize("workers", [2])
async def test_all_workers_at_once_are_replaced(tmp_path: Path, workers: int) -> None:
    with running(tmp_path / "data", workers=workers) as service:
        token, killed = service.new_token(), service.workers

        for worker in killed:
            os.kill(worker, signal.SIGKILL)
        wait_for(lambda: len(service.workers - killed) == workers)

        assert service.process.poll() is None
        assert service.is_alive(token)
