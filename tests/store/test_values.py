"""A token's record and a user's marks."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from mashery_oauth.store.texts import ALPHABET
from mashery_oauth.store.values import UNMARKED, Marks, Stored, body, parse, parse_marks, short

words = st.text(ALPHABET.decode(), max_size=8)
records = st.builds(
    Stored,
    stamp=st.integers(0, 10**9),
    version=st.integers(0, 10**9),
    service=words,
    application=words,
    expires=st.integers(-(10**14), 10**14),
    family=words,
    owner=words,
    member=st.text("abcXYZ09-_#", max_size=6),
    mac=st.sampled_from(["", "hmac-sha-1:0a1bxyz-_=="]),
    flow=words,
    scope=st.none() | st.text(max_size=20),
    user_context=st.none() | st.text(st.characters(codec="utf-8"), max_size=20),
    changes=st.integers(0, 2**31),
)


@given(records)
def test_reads_the_record_that_it_wrote(record: Stored) -> None:
    written = record.dump()

    assert parse(written) == record


@given(st.text(st.characters(codec="utf-8")))
def test_no_user_or_scope_can_break_out_of_a_record(text: str) -> None:
    record = Stored(1, 2, "s", "a", 3, "f", "", "m", "", "password", text, text)

    assert parse(record.dump()) == record


def test_a_dead_record_is_none() -> None:
    assert parse(b"x.service.application") is None


def test_keeps_no_nulls() -> None:
    assert body("password", None, None) == '{"f":"password"}'


@given(st.integers(0, 2**63))
def test_a_short_number_is_base_36(number: int) -> None:
    assert int(short(number), 36) == number


def test_no_marks_reach_nothing() -> None:
    assert parse_marks(None) is UNMARKED
    assert not UNMARKED.reach(0, "a", "f")


@given(st.integers(0, 100), st.integers(0, 100), st.integers(0, 100))
def test_the_strictest_mark_wins(stamp: int, user: int, application: int) -> None:
    marks = Marks(user=user, applications={"a": application})

    assert marks.reach(stamp, "a", "") == (stamp < max(user, application))
    assert marks.reach(stamp, "b", "") == (stamp < user)


def test_a_family_mark_reaches_its_family_whatever_the_stamp() -> None:
    marks = parse_marks(b'{"s":9,"u":1,"a":{},"g":{"fam":99}}')

    assert marks.reach(10**9, "a", "fam")
    assert not marks.reach(10**9, "a", "other")
    assert not marks.reach(10**9, "a", "")


def test_a_moved_token_heeds_only_its_own_family() -> None:
    marks = Marks(user=9, applications={"a": 9}, families={"fam": 1})
    moved = Stored(1, 1, "s", "a", 1, "other", "new owner", "", "", "password", None, None)
    dead = Stored(1, 1, "s", "a", 1, "fam", "new owner", "", "", "password", None, None)

    assert not marks.reach_token(moved)
    assert marks.reach_token(dead)


def test_reads_marks_as_lua_writes_them_empty() -> None:
    """An empty table of Lua is ``{}`` in JSON, whatever it was meant to be."""
    assert parse_marks(b'{"s":1,"u":0,"a":{},"g":{}}') == UNMARKED
