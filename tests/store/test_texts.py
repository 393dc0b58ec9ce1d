"""What a text tells and what it hides."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mashery_oauth.store.texts import (
    ALPHABET,
    FAMILY,
    SECRET,
    TAG,
    Place,
    Texts,
    digest,
    letters,
    random_letters,
)

TEXTS = Texts(bytes(32))


def spelled(count: int) -> st.SearchStrategy[str]:
    return st.text(ALPHABET.decode(), min_size=count, max_size=count)


@given(tag=spelled(TAG), secret=spelled(SECRET), salt=st.binary(min_size=32, max_size=32))
def test_finds_the_tag_of_a_code_or_access_token_again(tag: str, secret: str, salt: bytes) -> None:
    texts = Texts(salt)

    text = texts.mask(tag, secret)

    assert texts.locate(text) == Place(tag, digest(text))
    assert text.endswith(secret)


@given(tag=spelled(TAG), family=spelled(FAMILY), secret=spelled(SECRET))
def test_finds_tag_and_family_of_a_refresh_token_again(tag: str, family: str, secret: str) -> None:
    text = TEXTS.mask(tag + family, secret)

    place = TEXTS.locate_refresh(text)

    assert place == Place(tag, digest(text), family)


@given(tag=spelled(TAG), secret=spelled(SECRET))
def test_finds_the_place_of_a_handle_again(tag: str, secret: str) -> None:
    place = Place(tag, digest(secret))

    handle = TEXTS.handle(place)

    assert TEXTS.locate_handle(handle) == place


@given(st.text(max_size=80))
def test_takes_no_text_that_cannot_be_one_of_its_own(text: str) -> None:
    ours = {len(text)} if text.isascii() and text.isalnum() and text == text.lower() else set()

    found = TEXTS.locate(text), TEXTS.locate_refresh(text), TEXTS.locate_handle(text)

    assert (found[0] is not None) == (ours == {TAG + SECRET})
    assert (found[1] is not None) == (ours == {TAG + FAMILY + SECRET})
    assert found[2] is None


def test_takes_no_text_with_a_line_end_behind_it() -> None:
    text = "a" * 44

    assert TEXTS.locate(text) is not None
    assert TEXTS.locate(text + "\n") is None
    assert TEXTS.locate_refresh("a" * 60 + "\n") is None
    assert TEXTS.locate_handle("sha256:" + "a" * 34 + "\n") is None


@given(spelled(TAG), spelled(TAG), spelled(SECRET))
def test_another_tag_with_the_same_secret_is_another_text(one: str, other: str, secret: str) -> None:
    texts = {TEXTS.mask(one, secret), TEXTS.mask(other, secret)}

    assert len(texts) == len({one, other})


def test_tokens_of_one_user_share_no_visible_prefix() -> None:
    tag = TEXTS.tag_of_user(7, "alice")

    prefixes = Counter(TEXTS.mask(tag, random_letters(SECRET))[:3] for _ in range(2000))

    # 46,656 prefixes: about 43 meet by chance, and a prefix that showed the user would stand out at once
    assert len(prefixes) > 1850
    assert prefixes.most_common(1)[0][1] < 8


def test_a_tag_belongs_to_one_user_at_one_service() -> None:
    tags = {
        TEXTS.tag_of_user(7, "alice"),
        TEXTS.tag_of_user(8, "alice"),
        TEXTS.tag_of_user(7, "bob"),
        TEXTS.tag_of_user(71, ":alice"),
        TEXTS.tag_of_client(7, 1),
        TEXTS.tag_of_user(7, "1"),
        Texts(bytes(31) + b"x").tag_of_user(7, "alice"),
    }

    assert len(tags) == 7
    assert all(len(tag) == TAG and set(tag) <= set(ALPHABET.decode()) for tag in tags)


def test_a_tag_stays_the_same() -> None:
    assert Texts(bytes(32)).tag_of_user(7, "alice") == TEXTS.tag_of_user(7, "alice")


@given(st.binary(max_size=64), st.integers(0, 40))
def test_the_same_bytes_spell_the_same_letters(source: bytes, count: int) -> None:
    spelled_now = letters(source, count)

    assert spelled_now == letters(source, count)
    assert len(spelled_now) == min(count, sum(byte < 252 for byte in source))
    assert letters(source + b"more", count).startswith(spelled_now)


def test_every_letter_is_equally_likely() -> None:
    every_byte = bytes(range(256))

    assert set(Counter(letters(every_byte, 256)).values()) == {7}


@pytest.mark.keeps("D16-70")
def test_letters_from_the_system_are_spread_evenly() -> None:
    drawn = Counter("".join(random_letters(36) for _ in range(1000)))

    deviation = sum((drawn[letter] - 1000) ** 2 / 1000 for letter in ALPHABET.decode())

    assert deviation < 90  # chi squared, 35 degrees of freedom: passed once in a million times
