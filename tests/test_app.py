"""The service as a process: what it says of itself, over HTTP and TLS, and why it would not start."""

from __future__ import annotations

import datetime as dt
import json
import os
import re
import signal
import socket
import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from prometheus_client.parser import text_string_to_metric_families
from redis import Redis

from mashery_oauth import app
from mashery_oauth.app import AppError
from mashery_oauth.settings import Settings
from mashery_oauth.store.embedded import running_url

from .serving import Running, running, wait_for


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with running(tmp_path_factory.mktemp("one") / "data") as made:
        yield made


@pytest.fixture(scope="module", params=[1, 3])
def any_service(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with running(tmp_path_factory.mktemp("any") / "data", workers=request.param) as made:
        yield made


def test_the_port_answers_only_after_preparation(any_service: Running) -> None:
    assert not any_service.answered_before
    assert any_service.request("/healthz") == (200, '{"status":"ok"}')


def test_is_ready_when_the_store_is(any_service: Running) -> None:
    assert any_service.checks() == (200, {"store": True, "configuration": True, "eviction": True})


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
    finally:
        os.kill(service.valkey, signal.SIGCONT)

    assert (status, seen) == (503, {"store": False, "configuration": False, "eviction": False})
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


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    """A certificate that signs itself, and its key."""
    folder = tmp_path_factory.mktemp("tls")
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = dt.datetime.now(dt.UTC)
    day = dt.timedelta(days=1)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number(), now - day, now + day)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    plain = serialization.NoEncryption()
    private = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
    (folder / "cert.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    (folder / "key.pem").write_bytes(private)
    return str(folder / "cert.pem"), str(folder / "key.pem")


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

    assert str(refusal.value) == f"port {port} on 127.0.0.1 cannot be had: Address already in use"
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize("host", ["no-such-host.invalid", "192.0.2.1"])
def test_says_that_the_host_is_not_here(tmp_path: Path, host: str) -> None:
    with pytest.raises(AppError, match=re.escape(host)):
        app.serve(Settings(host=host, port=0, data_dir=tmp_path / "data"))
