"""What the key ring seals, hashes and derives, while its keys rotate."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mashery_oauth.store.ring import KeyRing, RingError, open_for, parse_keys, seal_for

OLD, NEW = bytes(range(32)), bytes(range(1, 33))
BEFORE, DURING, AFTER = KeyRing((OLD,)), KeyRing((NEW, OLD)), KeyRing((NEW,))


@given(st.binary(max_size=200), st.text(max_size=20))
def test_opens_what_it_sealed(clear: bytes, context: str) -> None:
    sealed = BEFORE.seal(clear, context)

    assert BEFORE.open(sealed, context) == clear


def test_seals_under_the_first_key_and_opens_under_all() -> None:
    old, new = BEFORE.seal(b"clear", "c"), DURING.seal(b"clear", "c")

    assert DURING.open(old, "c") == DURING.open(new, "c") == AFTER.open(new, "c") == b"clear"
    with pytest.raises(RingError, match="not in MASHERY_OAUTH_KEYS"):
        AFTER.open(old, "c")


def test_hashes_under_the_first_key_and_compares_under_all() -> None:
    old, new = BEFORE.hash("secret"), DURING.hash("secret")

    assert DURING.matches("secret", old)
    assert DURING.matches("secret", new)
    assert AFTER.matches("secret", new)
    assert not AFTER.matches("secret", old)
    assert not DURING.matches("Secret", old)


def test_derives_with_the_key_that_is_named() -> None:
    made = BEFORE.derive(b"id", BEFORE.current)

    assert DURING.derive(b"id", BEFORE.current) == made
    assert DURING.derive(b"id", DURING.current) != made
    assert AFTER.derive(b"id", BEFORE.current) is None


def test_opens_nothing_in_another_context() -> None:
    sealed = BEFORE.seal(b"clear", "mac:one")

    with pytest.raises(RingError):
        BEFORE.open(sealed, "mac:other")


@given(st.integers(0, 10_000), st.integers(0, 7))
def test_opens_nothing_that_was_tampered_with(place: int, bit: int) -> None:
    sealed = BEFORE.seal(b"clear", "c")
    raw = bytearray(base64.urlsafe_b64decode(sealed[4:]))
    raw[place % len(raw)] ^= 1 << bit

    with pytest.raises(RingError):
        BEFORE.open(sealed[:4] + base64.urlsafe_b64encode(raw).decode(), "c")


@given(st.text(max_size=60))
def test_refuses_any_text_that_it_did_not_seal(text: str) -> None:
    with pytest.raises(RingError):
        BEFORE.open(text, "c")
    with pytest.raises(RingError):
        BEFORE.open(BEFORE.current + text, "c")


def test_an_answer_opens_only_for_the_text_that_it_was_sealed_for() -> None:
    sealed = seal_for("old token", b"answer")

    assert open_for("old token", sealed) == b"answer"
    with pytest.raises(RingError):
        open_for("other token", sealed)


def test_the_same_is_sealed_differently_each_time() -> None:
    sealed = {BEFORE.seal(b"clear", "c") for _ in range(20)} | {seal_for("t", b"clear") for _ in range(20)}

    assert len(sealed) == 40


def test_reads_keys_from_text() -> None:
    keys = parse_keys(f" {OLD.hex()} ,{NEW.hex().upper()},")

    assert keys == (OLD, NEW)


@pytest.mark.parametrize("text", ["", ",", "00", "g" * 64, OLD.hex() + "00", f"{OLD.hex()};{NEW.hex()}", "é" * 64])
def test_refuses_what_is_no_key(text: str) -> None:
    with pytest.raises(RingError) as refusal:
        parse_keys(text)

    assert str(refusal.value) == "MASHERY_OAUTH_KEYS: each key is 64 hexadecimal digits"


def test_refuses_two_keys_that_go_by_the_same_short_name() -> None:
    names: dict[str, bytes] = {}
    for number in range(5000):
        key = number.to_bytes(32, "big")
        twin = names.setdefault(KeyRing((key,)).current, key)
        if twin != key:
            break

    with pytest.raises(RingError, match="make another"):
        KeyRing((twin, key))


def test_takes_the_same_key_twice() -> None:
    ring = KeyRing((OLD, NEW, OLD))

    assert ring.current == BEFORE.current
