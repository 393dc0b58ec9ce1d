"""The service as a process: when it answers, over TLS too, and why it would not start."""

from __future__ import annotations

import re
import resource
import signal
import socket
import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from mashery_oauth import app
from mashery_oauth.app import AppError
from mashery_oauth.settings import Settings

from .serving import running


@pytest.mark.parametrize("workers", [1, 2])
def test_the_port_answers_only_after_preparation(tmp_path: Path, workers: int) -> None:
    with running(tmp_path / "data", workers=workers) as service:
        assert not service.answered_before
        assert service.request("/healthz") == (200, '{"status":"ok"}')


@pytest.mark.keeps("D16-71")
@pytest.mark.parametrize("workers", [1, 2])
def test_speaks_tls(tmp_path: Path, certificate: tuple[str, str], workers: int) -> None:
    trusting = ssl.create_default_context(cafile=certificate[0])
    trusting.check_hostname = False

    with running(
        tmp_path / "data", tls=trusting, workers=workers, tls_cert=certificate[0], tls_key=certificate[1]
    ) as service:
        assert service.is_alive(service.new_token())

        service.tls = None
        with pytest.raises(OSError, match=r"."):
            service.request("/healthz")
        service.tell(signal.SIGTERM)
        assert service.ended() == 0


@pytest.mark.parametrize("which", ["no such file", "no certificate", "another key", "key alone"])
def test_says_why_tls_cannot_be_used(tmp_path: Path, certificate: tuple[str, str], which: str) -> None:
    other = tmp_path / "other.pem"
    key = ec.generate_private_key(ec.SECP256R1())
    other.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    files = {
        "no such file": Settings(tls_cert=str(tmp_path / "none.pem")),
        "no certificate": Settings(tls_cert=str(other)),
        "another key": Settings(tls_cert=certificate[0], tls_key=str(other)),
        "key alone": Settings(tls_key=certificate[1]),
    }

    with pytest.raises(AppError) as refusal:
        app.serve(files[which])

    assert re.fullmatch(r"(TLS certificate .* cannot be used: .+|--tls-key is of no use.*)", str(refusal.value))


def test_says_that_the_port_is_taken(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]

        with pytest.raises(AppError) as refusal:
            app.serve(Settings(port=port, data_dir=tmp_path / "data"))

    assert str(refusal.value) == (
        f"port {port} on 127.0.0.1 cannot be had: Address already in use; "
        "--port names another, --port 0 takes any free one"
    )
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize("host", ["a..b", "a" * 100, "\udcff"])
def test_says_that_no_host_has_such_a_name(host: str) -> None:
    """Some ended the command with a traceback."""
    with pytest.raises(AppError, match="no host can have such a name"):
        app.serve(Settings(host=host, port=0))


@pytest.mark.parametrize("host", ["no-such-host.invalid", "192.0.2.1"])
def test_says_that_the_host_is_not_here(tmp_path: Path, host: str) -> None:
    with pytest.raises(AppError, match=re.escape(host)):
        app.serve(Settings(host=host, port=0, data_dir=tmp_path / "data"))


@pytest.fixture
def low_limit() -> Iterator[int]:
    """Fewer open files than may be asked for; how many that is."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(soft, hard - 1), hard))
    yield hard
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@pytest.mark.parametrize("workers", [1, 2])
def test_takes_as_many_open_files_as_the_system_grants(tmp_path: Path, low_limit: int, workers: int) -> None:
    with running(tmp_path / "data", workers=workers) as service:
        limits = {resource.prlimit(pid, resource.RLIMIT_NOFILE) for pid in (service.process.pid, *service.workers)}

    assert limits == {(low_limit, low_limit)}
