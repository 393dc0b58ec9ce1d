"""What a service says of itself: whether it lives, whether it is ready, and what it has counted."""

from __future__ import annotations

import json
import os
import re
import signal
from collections.abc import Iterator

import pytest
from prometheus_client.parser import text_string_to_metric_families
from redis import Redis

from mashery_oauth.store.embedded import running_url

from .serving import Running, running, wait_for

CHECKS = ("store", "configuration", "eviction", "writes")


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with running(tmp_path_factory.mktemp("one") / "data") as made:
        yield made


@pytest.fixture(scope="module", params=[1, 3])
def any_service(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with running(tmp_path_factory.mktemp("any") / "data", workers=request.param) as made:
        yield made


def test_is_ready_when_the_store_is(any_service: Running) -> None:
    assert any_service.checks() == (200, dict.fromkeys(CHECKS, True))


def test_counts_calls_of_all_workers_together(any_service: Running) -> None:
    before = any_service.count("oauth2.createAccessToken", "ok"), any_service.count("other", "method_not_found")

    for _ in range(30):
        any_service.new_token()
    any_service.call("no.such.method", [])
    any_service.call("another", [])

    assert any_service.count("oauth2.createAccessToken", "ok") == before[0] + 30
    assert any_service.count("other", "method_not_found") == before[1] + 2


def test_metrics_are_in_prometheus_format(any_service: Running) -> None:
    any_service.new_token()

    connection = any_service.connect()
    connection.request("GET", "/metrics")
    response = connection.getresponse()
    names = {family.name for family in text_string_to_metric_families(response.read().decode())}
    connection.close()

    assert re.match(r"text/plain; version=\d", response.getheader("Content-Type", ""))
    assert {"mashery_oauth_calls", "mashery_oauth_call_seconds"} <= names


def test_is_not_ready_while_the_store_stands_still(service: Running) -> None:
    os.kill(service.valkey, signal.SIGSTOP)
    try:
        wait_for(lambda: service.checks()[1]["configuration"] is False)

        status, seen = service.checks()
        refused = service.call("test.hello", [])
    finally:
        os.kill(service.valkey, signal.SIGCONT)

    assert (status, seen) == (503, dict.fromkeys(CHECKS, False))
    assert (refused[0], refused[1]["error"]["code"]) == (503, -32603)
    assert 'mashery_oauth_callers_refused_total{status="503"} 1.0' in service.request("/metrics")[1]
    assert service.request("/healthz")[0] == 200
    wait_for(lambda: service.checks()[0] == 200)


def test_is_not_ready_on_a_store_that_evicts(service: Running) -> None:
    url = running_url(service.folder)
    assert url is not None
    with Redis.from_url(url) as client:
        client.config_set("maxmemory-policy", "allkeys-lru")
        evicting = service.request("/readyz")
        client.config_set("maxmemory-policy", "noeviction")

    assert evicting[0] == 503
    assert json.loads(evicting[1])["checks"]["eviction"] == {"ok": False, "seen": "maxmemory-policy is allkeys-lru"}
    assert service.checks()[0] == 200
