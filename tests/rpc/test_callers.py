"""Who may call: the apikey and signature of Cloud, the user and password of Local."""

from __future__ import annotations

import base64
import time
from dataclasses import replace
from typing import Any

import pytest

from mashery_oauth.dialects import CLOUD
from mashery_oauth.rpc.callers import Signatures
from tests.world import Answer, World

LOCAL = pytest.mark.parametrize("path", ["/v2/json-rpc", "/v3/json-rpc", "/v2/java/json-rpc"])
HELLO = b'{"jsonrpc":"2.0","method":"test.hello","id":1}'


async def post(world: World, url: str, **headers: str) -> Answer:
    """Posts with these headers and no others."""
    async with world.http.post(url, data=HELLO, headers=headers) as response:
        return Answer(response.status, dict(response.headers), await response.read())


def refused(status: int, message: str) -> dict[str, Any]:
    """The body of a refusal."""
    return {"jsonrpc": "2.0", "error": {"message": message, "code": status}, "id": None}


@pytest.mark.parametrize("off", [-298, 0, 298])
async def test_a_signature_made_within_five_minutes_is_good(one_world: World, off: int) -> None:
    signature = one_world.signature(int(time.time()) + off)

    answer = await post(one_world, f"/v2/json-rpc/{one_world.site.id}?apikey={one_world.caller.apikey}&sig={signature}")

    assert answer.result == "Hello!"


@pytest.mark.parametrize("off", [-303, 303])
async def test_a_signature_made_longer_ago_or_ahead_is_not(one_world: World, off: int) -> None:
    signature = one_world.signature(int(time.time()) + off)

    answer = await post(one_world, f"/v2/json-rpc/{one_world.site.id}?apikey={one_world.caller.apikey}&sig={signature}")

    assert answer.json == refused(403, "Not Authorized")


def test_signatures_follow_the_clock_wherever_it_jumps() -> None:
    signatures, fresh = Signatures("key", "secret"), Signatures("key", "secret")
    signed = "3c2f0c2b5a2ef2b9a2b8ea3a9f7e0c5d"
    moments = [1000, 1001, 1601, 1602, 5000, 4999, 1000, 0, 10**10]

    verdicts = [signatures.accept(signed, moment) for moment in moments]

    assert verdicts == [False] * len(moments)
    assert len(signatures._good) == 601
    assert fresh.accept(signed, moments[-1]) is False
    assert signatures._good == fresh._good


async def test_case_of_a_signature_does_not_matter(one_world: World) -> None:
    signature = one_world.signature().upper()

    answer = await post(one_world, f"/v2/json-rpc/{one_world.site.id}?apikey={one_world.caller.apikey}&sig={signature}")

    assert answer.result == "Hello!"


async def test_other_query_parameters_are_passed_over(one_world: World) -> None:
    others = "&".join(["", "method=x", "sig2=y", "%ff=%00", "z", *(f"p{number}=1" for number in range(200))])

    answer = await post(one_world, one_world.url(CLOUD) + others)

    assert answer.result == "Hello!"


@pytest.mark.parametrize(
    "query",
    [
        "",
        "apikey={key}",
        "sig={sig}",
        "apikey={key}&sig=",
        "apikey=&sig={sig}",
        "apikey={key}&sig={wrong}",
        "apikey={key}&sig={sig}0",
        "apikey={key}&sig=0{sig}",
        "apikey={key}&sig={short}",
        "apikey={key}&sig={sig}%20",
        "apikey=unknown&sig={sig}",
        "apikey={key}&apikey={key}&sig={sig}",
        "apikey={key}&sig={sig}&sig={sig}",
        "apikey={key}&sig={sig}&sig={wrong}",
        "apikey={key}&sig={sig}&apikey=unknown",
        "apikey={key}&sig={sig}&%73ig={sig}",
        "APIKEY={key}&SIG={sig}",
        "apikey={key}%00&sig={sig}",
    ],
)
async def test_what_is_no_apikey_with_its_signature_is_not_authorized(one_world: World, query: str) -> None:
    signature = one_world.signature()
    words = {"key": one_world.caller.apikey, "sig": signature, "short": signature[1:], "wrong": "0" * 32}

    answer = await post(one_world, f"/v2/json-rpc/{one_world.site.id}?{query.format(**words)}")

    assert answer.status == 403
    assert answer.headers["X-Mashery-Error-Code"] == "ERR_403_NOT_AUTHORIZED"
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.json == refused(403, "Not Authorized")


@pytest.mark.keeps("CVE-2026-114616")
async def test_a_caller_without_a_signing_secret_cannot_sign(one_world: World) -> None:
    await one_world.write(replace(one_world.caller, secret=""))

    answer = await post(one_world, one_world.url(CLOUD))

    assert answer.json == refused(403, "Not Authorized")


async def test_a_disabled_caller_is_told_so_on_cloud(world: World) -> None:
    await world.write(replace(world.caller, active=False))

    answer = await post(world, world.url(CLOUD))

    assert answer.status == 403
    assert answer.headers["X-Mashery-Error-Code"] == "ERR_403_DEVELOPER_INACTIVE"
    assert answer.json == refused(403, "Account Inactive")


@pytest.mark.parametrize("other", [1, 2147483647, 4294967295, 9999999999])
async def test_another_site_is_not_found(one_world: World, other: int) -> None:
    query = one_world.url(CLOUD).partition("?")[2]

    answer = await post(one_world, f"/v2/json-rpc/{other}?{query}")

    assert answer.status == 404
    assert "X-Mashery-Error-Code" not in answer.headers
    assert answer.json == refused(404, "Not Found")


async def test_a_wrong_signature_is_told_before_a_wrong_site(one_world: World) -> None:
    answer = await post(one_world, f"/v2/json-rpc/1?apikey={one_world.caller.apikey}&sig={'0' * 32}")

    assert answer.status == 403


async def test_a_site_number_is_decimal(one_world: World) -> None:
    query = one_world.url(CLOUD).partition("?")[2]
    padded = f"{one_world.site.id:010}"

    answer = await post(one_world, f"/v2/json-rpc/{padded}?{query}")

    assert answer.result == "Hello!"


async def test_a_disabled_site_is_not_there(one_world: World) -> None:
    await one_world.write(replace(one_world.site, active=False))

    cloud, local = await post(one_world, one_world.url(CLOUD)), await one_world.call("test.hello")

    assert (cloud.status, local.status) == (404, 401)


def basic(text: str | bytes) -> str:
    """An Authorization header that holds a text."""
    return "Basic " + base64.b64encode(text.encode() if isinstance(text, str) else text).decode()


def check_challenged(answer: Answer) -> None:
    """The one answer to every Local caller that is not let in."""
    assert answer.status == 401
    assert answer.headers["WWW-Authenticate"] == 'Basic realm="mashery_oauth", charset="UTF-8"'
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.json == refused(401, "Not Authorized")


@LOCAL
@pytest.mark.parametrize(
    "header", [None, "", "Basic", "Basic !", "Basic é", "Basic YQ", "Bearer token", basic(b"\xff:\xff")]
)
async def test_what_is_no_basic_gets_401_and_a_challenge(one_world: World, path: str, header: str | None) -> None:
    headers = {} if header is None else {"Authorization": header}

    answer = await post(one_world, path, **headers)

    check_challenged(answer)


@LOCAL
@pytest.mark.parametrize(
    "text", ["", ":", "{user}", "{user}:", "{user}:wrong", "{user}:{password} ", "nobody:{password}", ":{password}"]
)
async def test_what_is_no_user_with_the_password_gets_401_and_a_challenge(
    one_world: World, path: str, text: str
) -> None:
    credentials = text.format(user=one_world.caller.user, password=one_world.password)

    answer = await post(one_world, path, Authorization=basic(credentials))

    check_challenged(answer)


async def test_a_disabled_caller_is_not_let_in_on_local(world: World) -> None:
    before = await world.call("test.hello")
    await world.write(replace(world.caller, active=False))

    after = await world.call("test.hello")

    assert before.result == "Hello!"
    check_challenged(after)


async def test_an_old_password_is_of_no_use(world: World) -> None:
    before = await world.call("test.hello")
    await world.write(replace(world.caller, password=world.store.ring.hash("another")))

    after = await world.call("test.hello")

    assert before.result == "Hello!"
    check_challenged(after)


@LOCAL
@pytest.mark.parametrize("scheme", ["Basic", "basic", "BASIC"])
async def test_basic_may_be_spelled_in_any_case(one_world: World, path: str, scheme: str) -> None:
    header = one_world.basic()["Authorization"].replace("Basic", scheme)

    answer = await post(one_world, path, Authorization=header)

    assert answer.result == "Hello!"


async def test_a_password_may_have_colons_and_any_letter(one_world: World) -> None:
    changed = replace(one_world.caller, password=one_world.store.ring.hash("pä:ss:"))
    await one_world.write(changed)

    answer = await post(one_world, "/v3/json-rpc", Authorization=basic(f"{changed.user}:pä:ss:"))

    assert answer.result == "Hello!"
