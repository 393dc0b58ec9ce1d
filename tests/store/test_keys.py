"""Key names: one hash tag for all that one operation touches, and no text in any."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from redis.crc import key_slot

from mashery_oauth.store import keys, records
from mashery_oauth.store.texts import FAMILY, SECRET, TAG, Texts, random_letters

TEXTS = Texts(bytes(32))


def all_keys(tag: str, secret: str, family: str) -> list[str]:
    place = TEXTS.locate(TEXTS.mask(tag, secret))
    assert place is not None
    return [
        keys.token(place),
        keys.code(place),
        keys.family(tag, family),
        keys.grace(tag, family),
        keys.marks(tag),
        keys.index(tag),
    ]


@given(st.integers(0, 2**31), st.text(st.characters(codec="utf-8"), max_size=40))
def test_everything_of_a_user_at_a_service_is_in_one_slot(service: int, user: str) -> None:
    tag = TEXTS.tag_of_user(service, user)

    made = all_keys(tag, random_letters(SECRET), random_letters(FAMILY))

    assert len({key_slot(key.encode()) for key in made}) == 1
    assert len(set(made)) == len(made)


def test_no_key_shows_a_secret_or_a_family() -> None:
    tag, secret, family = random_letters(TAG), random_letters(SECRET), random_letters(FAMILY)
    text = TEXTS.mask(tag, secret)

    for key in all_keys(tag, secret, family):
        assert not any(part in key for part in (secret, family, text, secret[:8], family[:8]))


def test_configuration_is_in_one_slot() -> None:
    names = [keys.VERSION, keys.LOG, keys.SALT, keys.CHECK, *map(keys.records, records.HASHES)]

    assert len({key_slot(name.encode()) for name in names}) == 1
    assert len(set(names)) == len(names)


def test_users_are_spread_over_the_slots() -> None:
    slots = {key_slot(keys.marks(TEXTS.tag_of_user(1, f"user {n}")).encode()) for n in range(5000)}

    assert len(slots) > 4000  # 4,297 of 16,384 are what chance gives
