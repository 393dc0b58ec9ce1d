"""Many connections at once, each for one call; and callers that go on while a service stops or changes its workers."""

from __future__ import annotations

import socket
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from .serving import BASIC, NEW_TOKEN, PATIENCE, Running, rpc, wait_for

_BODY = rpc("oauth2.createAccessToken", NEW_TOKEN)
_HEAD = f"POST /v3/json-rpc HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: {BASIC['Authorization']}\r\n"
CALL = f"{_HEAD}Content-Length: {len(_BODY)}\r\n\r\n{_BODY}".encode()
CALLERS = 8


def connect(service: Running, count: int, patience: float = PATIENCE) -> list[socket.socket]:
    """Connections, each of which is there before the patience ends."""
    made = [socket.create_connection(("127.0.0.1", service.port), timeout=patience) for _ in range(count)]
    for one in made:
        one.settimeout(PATIENCE)
    return made


def ask(connections: list[socket.socket]) -> None:
    """Sends a call on each."""
    for one in connections:
        one.sendall(CALL)


def answered(connections: list[socket.socket]) -> int:
    """Waits for all; on how many the answer came, whole."""
    return sum(_is_answered(one) for one in connections)


def _is_answered(connection: socket.socket) -> bool:
    answer = b""
    with connection, suppress(OSError):
        answer = b"".join(iter(lambda: connection.recv(65536), b""))
    return answer.startswith(b"HTTP/1.1 200") and answer.endswith(b"}") and b'"access_token"' in answer


def taken(service: Running) -> Counter[int]:
    """How many connections each worker has."""
    ours = {f"socket:[{inode}]" for inode in _sockets(service.port, "01")}
    return Counter({pid: sum(name in ours for name in _open_files(pid)) for pid in service.workers})


def is_listening(service: Running) -> bool:
    """Whether anybody listens on the port; to connect would be to take part."""
    return bool(_sockets(service.port, "0A"))


def _sockets(port: int, state: str) -> list[str]:
    lines = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    return [line[9] for line in lines if line[1].endswith(f":{port:04X}") and line[3] == state]


def _open_files(pid: int) -> Iterator[str]:
    for entry in Path(f"/proc/{pid}/fd").iterdir():
        with suppress(FileNotFoundError):  # closed meanwhile
            yield str(entry.readlink())


@dataclass
class Callers:
    """Callers that make a new connection for each call, until none is to be had any more."""

    service: Running
    whole: int = 0
    lost: list[str] = field(default_factory=list)
    stopping: bool = False

    def work(self) -> None:
        """One call after the other; one that has connected and is not answered is lost."""
        while not self.stopping:
            try:
                (connection,) = connect(self.service, 1)
            except OSError:
                return
            try:
                self._call(connection)
            except OSError as error:
                self.lost.append(repr(error))

    def _call(self, connection: socket.socket) -> None:
        tls = self.service.tls
        with connection if tls is None else tls.wrap_socket(connection, server_hostname="localhost") as made:
            made.sendall(CALL)
            answer = b"".join(iter(lambda: made.recv(65536), b""))
        if b'"access_token"' in answer:
            self.whole += 1
        else:
            self.lost.append(repr(answer))

    @contextmanager
    def at_work(self) -> Iterator[None]:
        """All are busy while the block runs; after it those who still can call are told to stop."""
        with ThreadPoolExecutor(CALLERS) as pool:
            labours = [pool.submit(self.work) for _ in range(CALLERS)]
            try:
                wait_for(lambda: self.whole > 10 * CALLERS)
                yield
            finally:
                self.stopping = True
            for labour in labours:
                labour.result()
