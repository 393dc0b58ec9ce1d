"""Users: a file of them, and the door that holds up whoever guesses."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import pytest
from argon2 import PasswordHasher, extract_parameters

from mashery_oauth.provider.users import (
    WRONG_OF_ADDRESS,
    WRONG_OF_USER,
    Door,
    TooManyAttempts,
    User,
    Users,
    UsersError,
    hash_generated_password,
    hash_password,
    read_users,
)
from tests.effort import tally, times
from tests.waiting import until

ANNA = User("user-4711", "Anna Example")
HASHED = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1).hash("right")
HOME = "192.0.2.1"


def written(folder: Path, text: str) -> Path:
    """A file of users."""
    path = folder / "users.toml"
    path.write_text(text)
    return path


async def only_anna(name: str, password: str) -> User | None:
    """One user with one password."""
    return ANNA if (name, password) == ("anna", "right") else None


async def refused(door: Door, name: str, address: str = HOME, password: str = "wrong") -> bool:
    """Whether the door does not even look."""
    try:
        await door.enter(name, password, address)
    except TooManyAttempts:
        return True
    return False


async def guessed(door: Door, name: str, count: int, address: str = HOME) -> None:
    """Wrong passwords."""
    for _ in range(count):
        assert await door.enter(name, "wrong", address) is None
        tally("wrong passwords tried")


async def test_the_file_knows_its_users(tmp_path: Path) -> None:
    users = read_users(
        written(
            tmp_path,
            f"""
            [users.anna]
            password = "{HASHED}"
            user_context = "user-4711"
            name = "Anna Example"

            [users."ben@example.org"]
            password = "{hash_password("also right")}"
            """,
        )
    )

    assert await users("anna", "right") == ANNA
    assert await users("ben@example.org", "also right") == User("ben@example.org", "ben@example.org")
    assert await users("anna", "also right") is None
    assert await users("Anna", "right") is None
    assert await users("otto", "right") is None


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "users: at least one"),
        ("users = 3", "users: at least one"),
        ("[users]\nanna = 3", "users.anna: must be a table"),
        ("[users.anna]", "users.anna.password: must be a string"),
        ("[users.anna]\npassword = 3", "users.anna.password: must be a string"),
        ("[users.anna]\npassword = 'in clear'", "users.anna.password: is no Argon2 hash"),
        (f"[users.anna]\npassword = '{HASHED}'\nuser_context = ''", "users.anna.user_context: must be a string"),
        (f"[users.anna]\npassword = '{HASHED}'\nemail = 'a'", "users.anna.email: is not known"),
        (f"[users.a]\npassword = '{HASHED}'\nuser_context = 'b'\n[users.b]\npassword = '{HASHED}'", "two have the sam"),
        ("[users", "is not TOML"),
        ("users = " + "[" * 5000 + "]" * 5000, "is not TOML"),
    ],
    ids=lambda value: value.split("\n")[-1][:40],
)
def test_a_file_that_will_not_do_is_told_by_its_key(tmp_path: Path, text: str, told: str) -> None:
    path = written(tmp_path, text)

    with pytest.raises(UsersError) as raised:
        read_users(path)

    assert str(raised.value).startswith(f"{path}: ")
    assert told in str(raised.value)
    assert "in clear" not in str(raised.value)


def test_a_file_that_is_not_there_is_told_of(tmp_path: Path) -> None:
    with pytest.raises(UsersError, match=r"users.toml: cannot be read: No such file or directory$"):
        read_users(tmp_path / "users.toml")


def test_a_hash_is_shown_nowhere(tmp_path: Path) -> None:
    users = read_users(written(tmp_path, f"[users.anna]\npassword = '{HASHED}'"))

    assert HASHED not in repr(users)


async def quickest(users: Users, name: str) -> float:
    """Seconds for a wrong password, at best."""
    found = []
    for _ in range(5):
        begun = time.perf_counter()
        assert await users(name, "wrong") is None
        found.append(time.perf_counter() - begun)
    return min(found)


async def test_a_name_that_nobody_has_takes_as_long_as_the_dearest(tmp_path: Path) -> None:
    dear = PasswordHasher(time_cost=8, memory_cost=16_384, parallelism=1).hash("right")
    text = f"[users.ben]\npassword = '{HASHED}'\n[users.anna]\npassword = '{dear}'"
    users = read_users(written(tmp_path, text))

    assert await quickest(users, "otto") > 0.5 * await quickest(users, "anna")


async def test_no_kind_of_hash_in_the_file_tells_who_has_it(tmp_path: Path) -> None:
    """An attack found names by their time, where some hashes were cheaper than others."""
    dear = PasswordHasher(time_cost=8, memory_cost=16_384, parallelism=1).hash("right")
    text = f"[users.ben]\npassword = '{HASHED}'\n[users.anna]\npassword = '{dear}'"
    users = read_users(written(tmp_path, text))

    known, cheap, unknown = [await quickest(users, name) for name in ("anna", "ben", "otto")]

    assert 0.5 < cheap / known < 2
    assert 0.5 < unknown / known < 2


async def test_a_right_password_costs_its_own_hash_alone(tmp_path: Path) -> None:
    dear = PasswordHasher(time_cost=8, memory_cost=16_384, parallelism=1).hash("right")
    text = f"[users.ben]\npassword = '{HASHED}'\n[users.anna]\npassword = '{dear}'"
    users = read_users(written(tmp_path, text))
    found = []

    for _ in range(5):
        begun = time.perf_counter()
        assert await users("ben", "right") is not None
        found.append(time.perf_counter() - begun)

    assert min(found) < 0.5 * await quickest(users, "ben")


async def test_users_without_a_word_on_it_are_there_for_ever() -> None:
    assert await Door(only_anna).current(ANNA) == ANNA


async def test_few_wrong_passwords_are_typing_errors() -> None:
    door = Door(only_anna)

    for _ in range(3):
        await guessed(door, "anna", WRONG_OF_USER - 1)
        assert await door.enter("anna", "right", HOME) == ANNA


async def test_many_wrong_passwords_hold_up_that_name_from_that_address_alone() -> None:
    door = Door(only_anna)
    await guessed(door, "anna", WRONG_OF_USER)

    with pytest.raises(TooManyAttempts) as held:
        await door.enter("anna", "right", HOME)

    assert 0 < held.value.retry_after <= 300
    assert await door.enter("anna", "right", "192.0.2.2") == ANNA
    assert not await refused(door, "ben")


async def test_one_password_cannot_be_tried_on_many_names() -> None:
    door = Door(only_anna)
    for number in range(WRONG_OF_ADDRESS):
        await guessed(door, f"name {number}", 1)

    assert await refused(door, "anna", password="right")
    assert await door.enter("anna", "right", "192.0.2.2") == ANNA


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("2001:db8::1", "2001:db8::2", True),
        ("2001:db8::1", "2001:db8:0:1::1", False),
        ("::ffff:192.0.2.1", "192.0.2.1", True),
        ("192.0.2.1", "192.0.2.2", False),
        (None, "", True),
    ],
)
async def test_who_has_one_address_of_a_network_has_them_all(one: str, other: str, *, same: bool) -> None:
    door = Door(only_anna)
    await guessed(door, "anna", WRONG_OF_USER, one)

    assert await refused(door, "anna", other) is same


async def test_many_at_once_are_no_way_round() -> None:
    asked = []

    async def slow(name: str, password: str) -> User | None:
        asked.append(name)
        await asyncio.sleep(0)
        return await only_anna(name, password)

    door, count = Door(slow), times(200)

    found = await asyncio.gather(*(refused(door, "anna") for _ in range(count)))

    assert len(asked) == WRONG_OF_USER
    assert sum(found) == count - WRONG_OF_USER
    tally("wrong passwords tried", count)


async def test_many_right_ones_at_once_are_no_guessing() -> None:
    door, count = Door(only_anna), times(200)

    found = await asyncio.gather(*(door.enter("anna", "right", HOME) for _ in range(count)))

    assert found == [ANNA] * count


async def test_holding_up_ends() -> None:
    door = Door(only_anna, window=0.2)
    await guessed(door, "anna", WRONG_OF_USER)
    assert await refused(door, "anna")

    async def let_in() -> bool:
        return not await refused(door, "anna", password="right")

    await until(let_in)


async def test_what_cannot_be_is_neither_asked_nor_counted() -> None:
    asked = []

    async def noting(name: str, password: str) -> User | None:
        asked.append(name)
        return None

    door = Door(noting)

    for name, password in (("", "x"), ("x", ""), ("x" * 256, "x"), ("x", "x" * 1025)):
        for _ in range(WRONG_OF_USER + 1):
            assert await door.enter(name, password, HOME) is None
    assert asked == []


async def test_users_that_cannot_be_asked_are_no_wrong_password() -> None:
    async def broken(name: str, password: str) -> User | None:
        raise ConnectionError

    door = Door(broken)

    for _ in range(WRONG_OF_USER + 1):
        with pytest.raises(ConnectionError):
            await door.enter("anna", "right", HOME)


async def test_a_generated_password_is_right_at_once_and_another_is_not(tmp_path: Path) -> None:
    """A demo's replay took half a minute, because its user signs in a hundred times."""
    file = tmp_path / "users.toml"
    hashed = hash_generated_password("x7" * 16)
    file.write_text(f'[users.tester]\npassword = "{hashed}"\n')
    users = read_users(file)

    known, unknown = await users("tester", "x7" * 16), await users("tester", "x7" * 15)

    assert (known, unknown) == (User("tester", "tester"), None)
    assert extract_parameters(hashed).memory_cost < extract_parameters(hash_password("x")).memory_cost / 1000
