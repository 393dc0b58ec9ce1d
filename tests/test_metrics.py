"""What is counted, and under which names."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

from prometheus_client import Metric
from prometheus_client.parser import text_string_to_metric_families

from mashery_oauth import metrics

from .world import World

WORKERS = """
import os, sys
from mashery_oauth import metrics
metrics.share(sys.argv[1])
for worker in range(3):
    child = os.fork()
    if child == 0:
        metrics.observe("m", "ok", 0.002)
        os._exit(0)
    os.waitpid(child, 0)
metrics.observe("m", "ok", 0.2)
sys.stdout.buffer.write(metrics.exposition())
"""


def families() -> Iterable[Metric]:
    return text_string_to_metric_families(metrics.exposition().decode())


def value(name: str, **labels: str) -> float:
    samples = [sample for family in families() for sample in family.samples if sample.name == name]
    return sum(sample.value for sample in samples if sample.labels == labels)


def test_counts_a_call_and_its_time() -> None:
    labels = {"method": "test.counted", "outcome": "ok"}

    metrics.observe(**labels, seconds=0.003)
    metrics.observe(**labels, seconds=7.0)

    assert value("mashery_oauth_calls_total", **labels) == 2
    assert value("mashery_oauth_call_seconds_count", method="test.counted") == 2
    assert value("mashery_oauth_call_seconds_bucket", method="test.counted", le="0.005") == 1
    assert value("mashery_oauth_call_seconds_bucket", method="test.counted", le="5.0") == 1


def test_a_stranger_cannot_make_series_at_will() -> None:
    before = value("mashery_oauth_calls_total", method="other", outcome="method_not_found")

    for number in range(50):
        metrics.observe(f"made.up.{number}", "method_not_found", 0.001)

    assert b"made.up" not in metrics.exposition()
    assert value("mashery_oauth_calls_total", method="other", outcome="method_not_found") == before + 50


def test_counts_callers_that_are_turned_away() -> None:
    before = value("mashery_oauth_callers_refused_total", status="403")

    metrics.refused(403)

    assert value("mashery_oauth_callers_refused_total", status="403") == before + 1


def test_processes_that_share_a_folder_are_counted_together(tmp_path: Path) -> None:
    command = [sys.executable, "-c", WORKERS, str(tmp_path)]

    told = subprocess.run(command, check=True, capture_output=True, text=True).stdout

    assert 'mashery_oauth_calls_total{method="m",outcome="ok"} 4.0' in told
    assert 'mashery_oauth_call_seconds_bucket{le="0.0025",method="m"} 3.0' in told


async def test_counts_what_a_flow_has_yielded(one_world: World) -> None:
    service = await one_world.add_service()
    client = await one_world.add_application(service)
    before = value("mashery_oauth_tokens_issued_total", flow="client_credentials")

    await one_world.token(service, client, {"grant_type": "client_credentials"})
    await one_world.token(service, client, {"grant_type": "nothing known"})

    assert value("mashery_oauth_tokens_issued_total", flow="client_credentials") == before + 1


async def test_counts_codes_and_refresh_tokens_that_come_again(one_world: World) -> None:
    service = await one_world.add_service("draft16")
    client = await one_world.add_application(service)
    events = ("code_replayed", "refresh_reused", "refresh_repeated")
    before = [value("mashery_oauth_events_total", event=event) for event in events]

    first = (await one_world.redeem(service, client, await one_world.code(service, client))).result["refresh_token"]
    second = (await one_world.refresh(service, client, first)).result["refresh_token"]
    again = (await one_world.refresh(service, client, first)).result["refresh_token"]
    third = (await one_world.refresh(service, client, second)).result
    reused = await one_world.refresh(service, client, first)
    code = await one_world.code(service, client)
    await one_world.redeem(service, client, code)
    replayed = await one_world.redeem(service, client, code)

    assert again == second
    assert third
    assert reused.oauth["error"] == replayed.oauth["error"] == "invalid_grant"
    after = [value("mashery_oauth_events_total", event=event) for event in events]
    assert [new - old for new, old in zip(after, before, strict=True)] == [1, 1, 1]
