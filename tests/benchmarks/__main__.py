"""Measures fetchAccessToken and createAccessToken beside a bare handler: interleaved rounds, medians, ratios.

The server under test has one core to itself; load and store share the other. These are ratios of one run: absolute
figures say as much about the machine and the hour as about the program.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mashery_oauth.store.embedded import EmbeddedStore

HERE = Path(__file__).parent
CORES = sorted(os.sched_getaffinity(0))
SERVER, OTHERS = CORES[-1], CORES[0]
TICKS = os.sysconf("SC_CLK_TCK")
SCALE = {"us": 1e-3, "ms": 1.0, "s": 1e3}


@dataclass(frozen=True)
class Target:
    """Something to load: a process, its port, and what is posted."""

    name: str
    process: subprocess.Popen[str]
    port: int
    body: str
    authorization: str


@dataclass(frozen=True)
class Figures:
    """One round's figures; times in milliseconds, CPU in microseconds per request."""

    rate: float
    cpu: float
    p50: float
    p99: float
    errors: int


@contextlib.contextmanager
def started(module: str, environment: dict[str, str]) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A module run on the server's core, and the line that it says when it is ready."""
    process = subprocess.Popen(
        [sys.executable, "-m", module],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, **environment},
        preexec_fn=lambda: os.sched_setaffinity(0, {SERVER}),
    )
    try:
        assert process.stdout is not None
        yield process, process.stdout.readline()
    finally:
        process.terminate()
        process.wait(30)


def call(port: int, authorization: str, method: str, params: list[Any]) -> Any:
    """One call, for what has to be there before the load."""
    body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": f"oauth2.{method}", "params": params}).encode()
    request = urllib.request.Request(f"http://127.0.0.1:{port}/v3/json-rpc", body, {"Authorization": authorization})
    with urllib.request.urlopen(request) as response:
        return json.load(response)["result"]


def cpu_seconds(pid: int) -> float:
    """What a process has used of its core so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def load(target: Target, tokens: Path, seconds: int, connections: int) -> Figures:
    """One round of load by wrk."""
    environment = {"BODY": target.body, "AUTHORIZATION": target.authorization, "TOKENS": str(tokens)}
    before = cpu_seconds(target.process.pid)
    command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--latency", "-s", str(HERE / "load.lua")]
    text = subprocess.run(
        [*command, f"http://127.0.0.1:{target.port}"],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, **environment},
        preexec_fn=lambda: os.sched_setaffinity(0, {OTHERS}),
    ).stdout
    used = cpu_seconds(target.process.pid) - before
    count = int(_found(r"(\d+) requests in", text))
    bad = re.search(r"Non-2xx or 3xx responses: (\d+)", text)
    return Figures(
        rate=float(_found(r"Requests/sec:\s+([\d.]+)", text)),
        cpu=used * 1e6 / max(count, 1),
        p50=_latency("50%", text),
        p99=_latency("99%", text),
        errors=int(bad[1]) if bad else 0,
    )


def _found(pattern: str, text: str) -> str:
    found = re.search(pattern, text)
    if found is None:
        sys.exit(f"wrk said something unexpected:\n{text}")
    return found[1]


def _latency(percentile: str, text: str) -> float:
    found = re.search(rf"\s{percentile}\s+([\d.]+)(us|ms|s)\b", text)
    return float(found[1]) * SCALE[found[2]] if found else float("nan")


def report(rounds: dict[str, list[Figures]]) -> None:
    """Medians, and the ratio to the bare handler in the same round."""
    print(f"{'':20}{'req/s':>9}{'ratio':>8}{'cpu us':>9}{'p50 ms':>9}{'p99 ms':>9}{'errors':>8}")
    for name, figures in rounds.items():
        ratio = statistics.median(
            ours.rate / bare.rate for ours, bare in zip(figures, rounds["bare handler"], strict=True)
        )
        middle = {
            field: statistics.median(getattr(f, field) for f in figures) for field in ("rate", "cpu", "p50", "p99")
        }
        print(
            f"{name:20}{middle['rate']:9.0f}{ratio:8.2f}{middle['cpu']:9.1f}{middle['p50']:9.2f}"
            f"{middle['p99']:9.2f}{sum(f.errors for f in figures):8d}"
        )


def main() -> None:
    """Starts, loads in turn, reports, stops."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=3)
    parser.add_argument("--connections", type=int, default=64)
    parser.add_argument(
        "--fsync", choices=["no", "everysec", "always"], default="no", help="of the store; always measures the disk too"
    )
    options = parser.parse_args()
    if shutil.which("wrk") is None:
        sys.exit("wrk is needed: apt-get install wrk")
    os.sched_setaffinity(0, {OTHERS})
    with tempfile.TemporaryDirectory() as folder, contextlib.ExitStack() as stack:
        store = EmbeddedStore.start(Path(folder) / "data", fsync=options.fsync)
        stack.callback(store.stop)
        environment = {"MASHERY_OAUTH_REDIS": store.url, "MASHERY_OAUTH_KEYS": "01" * 32, "MASHERY_OAUTH_PORT": "0"}
        bare_process, bare_port = stack.enter_context(started("tests.benchmarks.bare", {}))
        process, line = stack.enter_context(started("tests.benchmarks.service", environment))
        known = json.loads(line)
        key, port, authorization = known["service_key"], known["port"], known["authorization"]
        tokens = Path(folder) / "tokens"
        create = [key, known["client"], {"grant_type": "client_credentials"}]
        made = [call(port, authorization, "createAccessToken", create)["access_token"] for _ in range(1000)]
        tokens.write_text("\n".join(made) + "\n")
        fetch_body = _body("fetchAccessToken", [key, "%TOKEN%"])
        targets = [
            Target("bare handler", bare_process, int(bare_port), fetch_body, authorization),
            Target("fetchAccessToken", process, port, fetch_body, authorization),
            Target("createAccessToken", process, port, _body("createAccessToken", create), authorization),
        ]
        print(f"server on core {SERVER}, load and store on {OTHERS}; {options.connections} connections;", end=" ")
        print(f"store with appendfsync {options.fsync};", end=" ")
        print(f"{options.rounds} interleaved rounds of {options.seconds} s; medians", flush=True)
        rounds: dict[str, list[Figures]] = {target.name: [] for target in targets}
        for target in targets:
            load(target, tokens, 1, options.connections)
        for _ in range(options.rounds):
            for target in targets:
                rounds[target.name].append(load(target, tokens, options.seconds, options.connections))
        report(rounds)
        call(port, authorization, "fetchAccessToken", [key, made[0]])


def _body(method: str, params: list[Any]) -> str:
    return json.dumps({"jsonrpc": "2.0", "id": 1, "method": f"oauth2.{method}", "params": params})


if __name__ == "__main__":
    main()
