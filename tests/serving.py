"""The service as a process: a script that serves a small site, and what tests need to run and to watch it."""

from __future__ import annotations

import base64
import http.client
import json
import os
import signal
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from prometheus_client.parser import text_string_to_metric_families

from mashery_oauth import connections, ports
from mashery_oauth.app import AppError, serve
from mashery_oauth.models import Application, Caller, Policy, Service, Site
from mashery_oauth.settings import PREFIX, read_settings
from mashery_oauth.store import Store

PATIENCE = 20.0  # seconds
ONE_SOCKET, PATIENT = "--one-socket", "--patient"
SITE, SERVICE, CLIENT = Site(1, "Site"), "service-key", "client-id"
USER, PASSWORD, SECRET = "user", "password-of-the-caller", "secret-of-the-client"
BASIC = {"Authorization": "Basic " + base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()}


async def prepare(store: Store, port: int) -> None:
    """Writes the site, unless it is there from a run before; says the port, and whether it answered already."""
    with socket.socket() as probe:
        answered = probe.connect_ex(("127.0.0.1", port)) == 0
    await store.configuration.fresh()
    if await store.configuration.service(SERVICE) is None:
        policy = Policy(flows=frozenset({"client_credentials"}))
        caller = Caller("apikey", SITE.id, "Caller", user=USER, password=store.ring.hash(PASSWORD))
        service = Service(SERVICE, 1, SITE.id, "Service", policy)
        hashed = (store.ring.hash(SECRET),)
        client = Application(1, CLIENT, SITE.id, "Client", services=(SERVICE,), secrets=hashed)
        await store.configuration.write(store.configuration.version, [SITE, caller, service, client])
    print(json.dumps({"port": port, "answered": answered}), flush=True)  # noqa: T201  for the test


@dataclass
class Running:
    """A service that runs."""

    process: subprocess.Popen[str]
    port: int
    answered_before: bool
    folder: Path
    tls: ssl.SSLContext | None = None

    def connect(self) -> http.client.HTTPConnection:
        """A connection of its own, with a bound on waiting."""
        if self.tls is not None:
            return http.client.HTTPSConnection("127.0.0.1", self.port, timeout=PATIENCE, context=self.tls)
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)

    def request(self, path: str, body: str | None = None) -> tuple[int, str]:
        """Status and body of one request."""
        connection = self.connect()
        try:
            connection.request("GET" if body is None else "POST", path, body, BASIC)
            response = connection.getresponse()
            return response.status, response.read().decode()
        finally:
            connection.close()

    def call(self, method: str, params: Any) -> tuple[int, Any]:
        """Status and answer of one JSON-RPC call."""
        status, answer = self.request("/v3/json-rpc", rpc(method, params))
        return status, json.loads(answer)

    def new_token(self) -> str:
        """An access token, made by a call."""
        _, answer = self.call("oauth2.createAccessToken", NEW_TOKEN)
        return str(answer["result"]["access_token"])

    def is_alive(self, token: str) -> bool:
        """Whether a token works."""
        return "result" in self.call("oauth2.fetchAccessToken", [SERVICE, token])[1]

    def checks(self) -> tuple[int, dict[str, bool]]:
        """Status of the readiness, and which check is well."""
        status, text = self.request("/readyz")
        return status, {name: check["ok"] for name, check in json.loads(text)["checks"].items()}

    def count(self, method: str, outcome: str) -> float:
        """How many calls of a method ended so, as the metrics tell."""
        families = text_string_to_metric_families(self.request("/metrics")[1])
        samples = [one for family in families for one in family.samples if one.name == "mashery_oauth_calls_total"]
        return sum(one.value for one in samples if one.labels == {"method": method, "outcome": outcome})

    def tell(self, number: signal.Signals) -> None:
        """Sends a signal."""
        self.process.send_signal(number)

    def ended(self) -> int:
        """Waits for the end; the exit code."""
        return self.process.wait(PATIENCE)

    @property
    def log(self) -> str:
        """What it has said on standard error."""
        return self.folder.with_name(f"{self.folder.name}.log").read_text()

    @property
    def valkey(self) -> int:
        """The process id of the embedded store; 0 while there is none."""
        return int((self.folder / "valkey.lock").read_text() or 0)

    @property
    def workers(self) -> set[int]:
        """The process ids of the workers."""
        threads = Path(f"/proc/{self.process.pid}/task").iterdir()
        children = {int(pid) for thread in threads for pid in (thread / "children").read_text().split()}
        return {pid for pid in children if "valkey" not in name_of(pid)}


NEW_TOKEN = {
    "service_key": SERVICE,
    "client": {"client_id": CLIENT, "client_secret": SECRET},
    "token_data": {"grant_type": "client_credentials"},
}


def rpc(method: str, params: Any) -> str:
    """A request."""
    return json.dumps({"jsonrpc": "2.0", "method": method, "params": params, "id": 1})


def environment(folder: Path, **settings: Any) -> dict[str, str]:
    """What a service's process is told: an embedded store in a folder, any port, and more settings."""
    defaults = {"data_dir": folder, "port": 0, "shutdown_timeout": 5, "store_timeout": 0.5}
    own = {f"{PREFIX}{name.upper()}": str(value) for name, value in (defaults | settings).items()}
    kept = {name: value for name, value in os.environ.items() if not name.startswith((PREFIX, "PROMETHEUS"))}
    return kept | own


@contextmanager
def running(
    folder: Path,
    *,
    tls: ssl.SSLContext | None = None,
    log: Path | None = None,
    flags: Iterable[str] = (),
    **settings: Any,
) -> Iterator[Running]:
    """A service in a process of its own, until the block ends; its Valkey ends with it."""
    command = [sys.executable, "-m", "tests.serving", *flags]
    with (log or folder.with_name(f"{folder.name}.log")).open("a") as file:
        process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=file, text=True, env=environment(folder, **settings)
        )
    try:
        assert process.stdout is not None
        said = json.loads(process.stdout.readline())
        made = Running(process, said["port"], said["answered"], folder, tls)
        count = settings.get("workers", 1)
        wait_for(lambda: answers(made) and (count == 1 or len(made.workers) == count))
        yield made
    finally:
        process.kill()
        process.communicate()
        with suppress(OSError, ValueError):
            os.kill(int((folder / "valkey.lock").read_text()), signal.SIGKILL)


def name_of(pid: int) -> str:
    """A process's name; of one that has just gone, the one that is left out."""
    try:
        return Path(f"/proc/{pid}/comm").read_text()
    except OSError:
        return "valkey"


def answers(service: Running) -> bool:
    """Whether the port answers."""
    try:
        return service.request("/healthz")[0] == 200
    except OSError:
        return False


def wait_for(condition: Callable[[], bool]) -> None:
    """Waits for a condition, with a bound."""
    deadline = time.monotonic() + PATIENCE
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError(f"It did not happen within {PATIENCE:.0f} seconds.")
        time.sleep(0.02)


def main() -> int:
    """Serves as the environment says.

    If asked to, with one socket for all workers, as on systems that cannot spread; or with more time at the end.
    """
    ports.CAN_SPREAD = ports.CAN_SPREAD and ONE_SOCKET not in sys.argv
    connections.ARRIVAL_AT_MOST *= PATIENCE if PATIENT in sys.argv else 1
    try:
        return serve(read_settings(), prepare)
    except AppError as error:
        print(error, file=sys.stderr)  # noqa: T201  for the test
        return 1


if __name__ == "__main__":
    sys.exit(main())
