"""Both drafts on what comes back in the URI: the state as it was sent, and each answer in its own part."""

from __future__ import annotations

import random

import pytest

from tests.effort import tally, times
from tests.wire.profiles import staged
from tests.wire.scene import CODE, STATE, Door
from tests.world import World

from .asking import both_drafts, in_fragment, in_query, redirecting, refusal

STATES = [
    "s",
    " ",
    "0",
    "null",
    "a&b=c#d+e%20f",
    "%zz",
    "<script>'\"",
    "\\",
    "\u00e9\u4e16\U0001f511",
    "\u2028\u0085",
    "x" * 4096,
]


def some_states() -> list[str]:
    """States as clients make them, and some that chance has made of any letter that does not break a line."""
    chance, count = random.Random(31), times(20)
    letters = [chr(at) for at in (*range(0x20, 0x7F), *range(0x80, 0xD800), *range(0xE000, 0x10FFFF))]
    tally("states that came back", count)
    return STATES + ["".join(chance.choices(letters, k=chance.randrange(1, 60))) for _ in range(count)]


@pytest.mark.keeps("D16-31", "D16-45", "D10-8")
@redirecting
@both_drafts
async def test_a_state_comes_back_as_it_was_sent(one_world: World, profile: str, door: Door) -> None:
    scene = await staged(one_world, profile, door, scopes=("read",))
    errors_in = in_query if door is CODE or profile == "draft10" else in_fragment
    made_in = in_query if door is CODE else in_fragment

    for state in some_states():
        made, refused = await scene.ask(state=state), await scene.ask(state=state, scope="write")

        assert made.result["uri"]["state"] == state
        assert made_in(made)["state"] == [state]
        assert errors_in(refused)["state"] == [state]
        assert refused.oauth["error_response"]["response"]["state"] == state


@pytest.mark.keeps("D16-31", "D16-45", "D10-8")
@redirecting
@both_drafts
async def test_no_state_comes_back_where_none_was_sent(one_world: World, profile: str, door: Door) -> None:
    scene = await staged(one_world, profile, door, scopes=("read",))

    found = [await scene.ask(state=None), await scene.ask(state=None, scope="write"), await scene.ask(state="a\nb")]

    assert [name for answer in found for name in (*in_query(answer), *in_fragment(answer)) if name == "state"] == []
    assert [refusal(answer) for answer in found] == ["", "invalid_scope", "invalid_request"]
    assert "state" not in found[2].oauth["error_response"]["response"]


@pytest.mark.keeps("D16-30", "D16-43", "D10-8")
@redirecting
@both_drafts
async def test_each_response_type_has_its_answer_in_its_own_part_of_the_uri(
    one_world: World, profile: str, door: Door
) -> None:
    scene = await staged(one_world, profile, door)

    made = await scene.ask(scope="read")

    if door is CODE:
        assert in_query(made) == {"code": [made.result["code"]], "state": [STATE]}
        assert in_fragment(made) == {}
    else:
        assert in_query(made) == {}
        assert in_fragment(made) == ({} if profile == "draft10" else {"token_type": ["bearer"]}) | {
            "access_token": [made.result["access_token"]],
            "expires_in": ["3600"],
            "scope": ["read"],
            "state": [STATE],
        }
