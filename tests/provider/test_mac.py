"""MAC tokens: the published vectors of both texts, and requests that were signed by nobody, too late or twice."""

from __future__ import annotations

import random

import pytest

from mashery_oauth.provider.bearer import Malformed
from mashery_oauth.provider.mac import (
    WINDOW,
    Nonces,
    Received,
    Signed,
    body_hash,
    is_genuine,
    normalized,
    parse,
    signature,
)
from tests.effort import tally, times

SHA1, SHA256 = "hmac-sha-1", "hmac-sha-256"
KEY, SECOND_KEY = "489dks293j39", "8yfrufh348h"
WALLET_KEY = "IrdTc8uQodU7PRpLzzLTW6wqZAO6tAMU"
TARGET = "/request?b5=%3D%253D&a3=a&c%40=&a2=r%20b&c2&a3=2+q"

GET_00 = Signed("h480djs93hd8", "264095:dj83hs9s", "SLDJd4mg43cjQfElUs3Qub4L6xE=")
POST_00 = Signed(
    "jd93dh9dh39D", "273156:di3hvdf8", "W7bdMZbv9UWOTadASIQHagZyirA=", bodyhash="k9kbtCIy0CkI3/FEfpS/oIDjk6k="
)
EXT_00 = Signed(
    "h480djs93hd8",
    "264095:7d8f3e4a",
    "Z3C2DojEopRDIC88/imW8Ez853g=",
    bodyhash="Lve95gjOVATpfV8EL5X4nxwjKHE=",
    ext="a,b,c",
)
GET_01 = Signed("h480djs93hd8", "dj83hs9s", "6T3zZzy2Emppni6bzL7kdRxUWL4=", ts="1336363200")
EXT_01 = Signed("h480djs93hd8", "7d8f3e4a", "+txL5oOFHGYjrfdNYH5VEzROaBY=", ts="264095", ext="a,b,c")
WALLET_01 = Signed("wallet", "dj83hs9s", "OZE9fTk2qiRtL1jb01L8lRxC66PTiAGhMDEmboeVeLs=", ts="1336363200")
RESOURCE = Received("GET", "/resource/1?b=1&a=2", "example.com", 80)
HELLO = Received("POST", "/request", "example.com", 80, b"hello=world%21")
WORLD = Received("GET", TARGET, "example.com", 80, b"Hello World!")
WALLET = Received("GET", "/wallet/rest/api/v1/payment/123", "www.webtopay.com", 443)

# The name is the number of the vector in the collection that they were recomputed for.
VECTORS = {
    "M4": (KEY, SHA1, GET_00, RESOURCE, "264095:dj83hs9s\nGET\n/resource/1?b=1&a=2\nexample.com\n80\n\n\n"),
    "M5": (
        SECOND_KEY,
        SHA1,
        POST_00,
        HELLO,
        "273156:di3hvdf8\nPOST\n/request\nexample.com\n80\nk9kbtCIy0CkI3/FEfpS/oIDjk6k=\n\n",
    ),
    "M6": (
        KEY,
        SHA1,
        EXT_00,
        WORLD,
        f"264095:7d8f3e4a\nGET\n{TARGET}\nexample.com\n80\nLve95gjOVATpfV8EL5X4nxwjKHE=\na,b,c\n",
    ),
    "M7": (KEY, SHA1, GET_01, RESOURCE, "1336363200\ndj83hs9s\nGET\n/resource/1?b=1&a=2\nexample.com\n80\n\n"),
    "M8": (
        KEY,
        SHA1,
        EXT_01,
        Received("POST", TARGET, "example.com", 80),
        f"264095\n7d8f3e4a\nPOST\n{TARGET}\nexample.com\n80\na,b,c\n",
    ),
    "M9": (
        WALLET_KEY,
        SHA256,
        WALLET_01,
        WALLET,
        "1336363200\ndj83hs9s\nGET\n/wallet/rest/api/v1/payment/123\nwww.webtopay.com\n443\n\n",
    ),
}
# Of texts that are not served: what is signed is lined up otherwise there, but the signature is the same function.
OLDER = {
    "M1": (
        "h480djs93hd8\n137131200\ndj83hs9s\nGET\nexample.com\n80\n/resource/1\na=2\nb=1",
        "IdSrHQHTwCPWGrqzGGIR791ZJXE=",
    ),
    "M2": (
        "h480djs93hd8\n137131200\ndj83hs9s\nGET\nexample.com\n80\n/resource/1\na=2\nb=1\n",
        "kDZvddkndxvhGRXZhvuDjEWhGeE=",
    ),
    "M3": (
        "h480djs93hd8\n137131200\ndj83hs9s\n\nGET\nexample.com\n80\n/resource/1\na=2\nb=1\n",
        "YTVjyNSujYs1WsDurFnvFi4JK6o=",
    ),
}


def extended(key: str, algorithm: str) -> dict[str, object]:
    """What the backend has of a token."""
    return {"mac_key": key, "mac_algorithm": algorithm}


@pytest.mark.parametrize("name", VECTORS)
def test_a_published_vector_is_genuine(name: str) -> None:
    key, algorithm, signed, received, text = VECTORS[name]

    assert normalized(signed, received) == text
    assert signature(key, algorithm, text) == signed.mac
    assert is_genuine(signed, received, extended(key, algorithm))


@pytest.mark.parametrize("name", OLDER)
def test_an_older_vector_has_the_same_signature(name: str) -> None:
    text, mac = OLDER[name]

    assert signature(KEY, SHA1, text) == mac


@pytest.mark.parametrize(
    ("name", "mac"),
    [
        ("M4", "sUtmRqqj0MWKS7jAWS4GYmXjlqqVxX9fXGcAsgwYGoU="),
        ("M7", "1c0l2YIW7g7syyDmVHy2lxCeZK5VouDCuU0T0YOmTOU="),
    ],
)
def test_sha_256_of_the_same_requests(name: str, mac: str) -> None:
    key, _, _, _, text = VECTORS[name]

    assert signature(key, SHA256, text) == mac


def test_the_body_hash_goes_by_the_tokens_algorithm() -> None:
    hashed = "Z49JCJwhZyqL6ZBRQiZkF+oazFM4DcqCT3s/uYpPsik="
    signed = Signed("id", "273156:di3hvdf8", "sBePPeXJ86GQJEKtP7fPIm0AcgkIt9piPXrLNigfEP0=", bodyhash=hashed)

    assert body_hash(SHA1, HELLO.body) == POST_00.bodyhash
    assert body_hash(SHA256, HELLO.body) == hashed
    assert is_genuine(signed, HELLO, extended(SECOND_KEY, SHA256))


@pytest.mark.parametrize("mac", ["kDZvddkndxvhGRXZhvuDjEWhGeE=", "bhCQXTVyfj5cmA9uKkPFx1zeOXM="])
def test_printed_values_that_never_were_right_are_not_genuine(mac: str) -> None:
    """The examples of draft 16 §7.1 and of -01 §1.1 have signatures of something else."""
    printed = Signed("h480djs93hd8", "274312:dj83hs9s", mac)
    stamped = Signed("h480djs93hd8", "dj83hs9s", mac, ts="1336363200")

    for signed in (printed, stamped):
        assert not is_genuine(signed, RESOURCE, extended(KEY, SHA1))


@pytest.mark.parametrize(
    "kept",
    [None, {}, {"mac_key": ""}, extended("", SHA1), extended(KEY, "none"), extended(KEY, ""), {"mac_key": KEY}],
)
def test_a_token_without_a_proper_key_signs_nothing(kept: dict[str, object] | None) -> None:
    forged = Signed("id", "264095:x", signature("", SHA1, normalized(Signed("id", "264095:x", ""), RESOURCE)))

    assert not is_genuine(forged, RESOURCE, kept)


@pytest.mark.parametrize("name", VECTORS)
def test_no_changed_letter_is_genuine(name: str) -> None:
    """Every letter of every part, changed one at a time."""
    key, algorithm, signed, received, _ = VECTORS[name]
    tried = 0
    for part in ("method", "target", "host"):
        text = getattr(received, part)
        for at in range(len(text)):
            changed = text[:at] + ("y" if text[at] != "y" else "z") + text[at + 1 :]
            parts = {each: getattr(received, each) for each in ("method", "target", "host", "port", "body")}
            assert not is_genuine(signed, Received(**parts | {part: changed}), extended(key, algorithm))
            tried += 1
    tally("signed requests with a letter changed", tried)


@pytest.mark.parametrize("body", [b"", b"hello=world", b"hello=world%21 "])
def test_another_body_than_the_signed_one_is_not_genuine(body: bytes) -> None:
    other = Received(HELLO.method, HELLO.target, HELLO.host, HELLO.port, body)

    assert not is_genuine(POST_00, other, extended(SECOND_KEY, SHA1))


def test_reads_a_header_of_either_text() -> None:
    first = parse('MAC id="h480djs93hd8", nonce="264095:dj83hs9s", mac="SLDJd4mg43cjQfElUs3Qub4L6xE="')
    second = parse(
        'mac id="h480djs93hd8",ts="264095",nonce="7d8f3e4a", ext="a,b,c" ,mac="+txL5oOFHGYjrfdNYH5VEzROaBY="'
    )

    assert first == GET_00
    assert second == EXT_01


@pytest.mark.parametrize(
    "header",
    [
        "MAC",
        'MAC id="a"',
        'MAC id="", nonce="1:x", mac="m"',
        'MAC id="a", nonce="x", mac="m"',
        'MAC id="a", nonce="1:", mac="m"',
        'MAC id="a", nonce="01:x", mac="m"',
        'MAC id="a", nonce="-1:x", mac="m"',
        'MAC id="a", nonce="x", ts="", mac="m"',
        'MAC id="a", nonce="x", ts="1e3", mac="m"',
        'MAC id="a", nonce="x", ts="9999999999999", mac="m"',
        'MAC id="a", nonce="", ts="1", mac="m"',
        'MAC id="a", id="b", nonce="1:x", mac="m"',
        'MAC id="a", nonce="1:x", mac="m", algorithm="none"',
        'MAC id="a", nonce="x", ts="1", bodyhash="h", mac="m"',
        "MAC id='a', nonce='1:x', mac='m'",
        'MAC id="a" nonce="1:x" mac="m"',
        'MAC id="a", nonce="1:x", mac="m',
        'MAC id="a\\"", nonce="1:x", mac="m"',
    ],
)
def test_any_other_header_is_malformed(header: str) -> None:
    with pytest.raises(Malformed):
        parse(header)


def test_no_header_is_too_strange_to_be_refused() -> None:
    """What is neither read nor refused would be a fault of ours, told as 500."""
    letters, source = 'MACidnoncetsmacextbodyhash=",: \\01\x00é', random.Random(7)
    count = times(2000)

    for _ in range(count):
        header = "MAC " + "".join(source.choices(letters, k=source.randrange(40)))
        try:
            parse(header)
        except Malformed:
            continue
    tally("random MAC headers", count)

    assert parse('MAC id="a", nonce="1:x", mac="m"').id == "a"


class Clock:
    """A clock that is set by hand."""

    now = 1_336_363_200.0

    def __call__(self) -> float:
        return self.now


def stamped(second: float, nonce: str = "n", token: str = "a") -> Signed:
    return Signed(token, nonce, "", ts=str(int(second)))


def aged(age: int, nonce: str = "n", token: str = "a") -> Signed:
    return Signed(token, f"{age}:{nonce}", "")


@pytest.mark.parametrize(("offset", "fresh"), [(0, True), (WINDOW, True), (-WINDOW, True), (WINDOW + 1, False)])
def test_a_time_stamp_counts_for_five_minutes(*, offset: int, fresh: bool) -> None:
    clock = Clock()

    assert Nonces(clock).is_fresh(stamped(clock.now + offset)) is fresh
    assert Nonces(clock).is_fresh(stamped(clock.now - offset)) is fresh


@pytest.mark.parametrize("make", [stamped, aged])
def test_a_recorded_request_is_good_once(make: type) -> None:
    clock = Clock()
    nonces = Nonces(clock)
    second = int(clock.now) if make is stamped else 5

    first = [nonces.is_fresh(make(second, *rest)) for rest in ((), ("m",), ("n", "b"))]
    again = []
    for _ in range(0, 3 * WINDOW, 50):
        again += [nonces.is_fresh(make(second, *rest)) for rest in ((), ("m",), ("n", "b"))]
        clock.now += 50

    assert first == [True, True, True]
    assert not any(again)


def test_an_age_counts_from_the_tokens_first_use() -> None:
    clock = Clock()
    nonces = Nonces(clock)
    assert nonces.is_fresh(aged(100, "first"))

    clock.now += 1000
    told = [nonces.is_fresh(aged(age, "later")) for age in (100, 1100 - WINDOW - 1, 1100 + WINDOW + 1, 1100)]

    assert told == [False, False, False, True]


def test_forgets_what_is_over() -> None:
    clock = Clock()
    nonces = Nonces(clock)
    for number in range(1000):
        nonces.is_fresh(stamped(clock.now, str(number)))

    clock.now += 2 * WINDOW
    nonces.is_fresh(stamped(clock.now))

    assert len(nonces._seen) == 1
