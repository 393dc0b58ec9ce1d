"""Tries that bring no answer, and what is said of them: nobody there, nobody to be trusted; and nothing in a log."""

from __future__ import annotations

import asyncio
import datetime as dt
import logging
import ssl
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from mashery_oauth.client import AsyncClient, Client, ClientCredentials, ConnectionFailed, Local, TokenData, calls
from mashery_oauth.dialects import CLOUD, LOCAL_V3, Dialect
from tests.world import SECRET

from .conftest import Provider
from .either import Either
from .line import LOST_AFTER, TORN, Line, answered

FETCH = calls.fetch_access_token("key", "token")


async def test_says_that_nobody_is_there(kind: type[AsyncClient | Client]) -> None:
    backend = Either(kind("http://127.0.0.1:1", Local("user", "password")))

    failure = await backend.failure(FETCH)

    assert type(failure) is ConnectionFailed
    assert str(failure) == "There is no connection to the backend"
    assert (failure.code, failure.status, failure.response, failure.retry_after) == (None, None, None, None)
    await backend.close()


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate that signs itself, and its key, in a file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "backend")])
    now, day = dt.datetime.now(dt.UTC), dt.timedelta(days=1)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number(), now - day, now + day)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    file = tmp_path_factory.mktemp("tls") / "both.pem"
    file.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    return file


async def test_trusts_nobody_without_a_certificate_that_is_known(
    provider: Provider, certificate: Path, caplog: pytest.LogCaptureFixture
) -> None:
    own = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    own.load_cert_chain(certificate)

    async def told(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        body = b'{"jsonrpc":"2.0","id":1,"result":[]}'
        writer.write(b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body))
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(told, "127.0.0.1", 0, ssl=own)
    port = server.sockets[0].getsockname()[1]
    trusting = ssl.create_default_context(cafile=str(certificate))

    by_default = await provider.connect(at=f"https://localhost:{port}").failure(FETCH)
    of_another_name = await provider.connect(at=f"https://127.0.0.1:{port}", ssl=trusting).failure(FETCH)
    found = await provider.connect(at=f"https://localhost:{port}", ssl=trusting).fetch_access_tokens("key", [])

    server.close()
    assert {str(by_default), str(of_another_name)} == {
        "There is no connection to the backend: its certificate or its TLS is not accepted"
    }
    assert type(by_default) is type(of_another_name) is ConnectionFailed
    assert found == []


@pytest.mark.parametrize("dialect", [CLOUD, LOCAL_V3], ids=lambda dialect: dialect.name)
async def test_no_secret_is_logged_or_told_however_much_is_logged(
    provider: Provider, line: Line, dialect: Dialect, caplog: pytest.LogCaptureFixture
) -> None:
    """Found that urllib3 logs the whole address of a call, with its signature."""
    caplog.set_level(logging.DEBUG)
    backend, hasty = provider.connect(dialect, at=line.url), provider.connect(dialect, at=line.url, retries=0)
    code = (await backend.send(provider.code_call())).code
    line.fates = [answered(503, b"<html>", Retry_After="0"), LOST_AFTER]
    token = await backend.send(provider.redeem_call(code))
    line.fates = [TORN, answered(200, b"<html>"), answered(302, b"", Location="http://127.0.0.1:1")]

    failures = [await hasty.failure(calls.fetch_access_token(provider.key, token.access_token)) for _ in range(3)]
    refresh = TokenData(grant_type="refresh_token", refresh_token=token.refresh_token)
    wrong = calls.create_access_token(
        provider.key, client=ClientCredentials(provider.client.client_id, "a-wrong-secret"), token_data=refresh
    )
    failures.append(await hasty.failure(wrong))

    signatures = [signature for request in line.requests for signature in request.query.get("sig", [])]
    headers = [request.headers.get("authorization", "-").partition(" ")[2] for request in line.requests]
    keys = [request.key for request in line.requests]
    secrets = [code, token.access_token, token.refresh_token, SECRET, "a-wrong-secret", *signatures, *headers, *keys]
    logged = [
        each.getMessage() for each in caplog.records if each.name != "aiohttp.access"
    ]  # the service's in the test
    said = " ".join(logged) + "".join(repr(each) + str(each) for each in failures)
    assert [secret for secret in secrets if secret and secret in said] == []
    assert bool(signatures) == (dialect is CLOUD)
    if isinstance(backend.client, Client):
        assert any("POST" in each for each in logged)
