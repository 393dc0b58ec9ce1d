"""The checker is not blind: histories that cannot be right are told from those that can."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from .linearizability import NEVER, Call, explain, stuck
from .specification import REFUSED, Specification, State

# What was asked, what was answered, when it began and when it ended: NEVER where nobody saw the answer.
Line = tuple[str, tuple[Any, ...], Any, float, float]

CONSENT: Line = ("consent", ("ann",), "code", 0, 1)
REDEEMED: Line = ("redeem", ("code",), ("a1", "r1"), 2, 3)  # the second call: so its grant is 2
BEGUN = (CONSENT, REDEEMED)
ONE_AFTER_ANOTHER = Specification()


def of(*lines: Line) -> list[Call]:
    """A history; calls are numbered as they stand."""
    return [
        Call(name, arguments, began, ended, answer, number=number)
        for number, (name, arguments, answer, began, ended) in enumerate(lines, 1)
    ]


def is_right(*lines: Line, specification: Specification = ONE_AFTER_ANOTHER) -> bool:
    """Whether some order explains a history."""
    return stuck(of(*lines), State(), specification.step) is None


RIGHT: dict[str, Sequence[Line]] = {
    "nothing": (),
    "a code, its token, and that fetched": (*BEGUN, ("fetch", ("a1",), True, 4, 5)),
    "two redemptions of which one succeeds, and the other ends the grant": (
        CONSENT,
        ("redeem", ("code",), ("a1", "r1"), 2, 5),
        ("redeem", ("code",), REFUSED, 2, 5),
        ("fetch", ("a1",), False, 6, 7),
    ),
    "a redemption whose answer was lost, and one that is therefore refused": (
        CONSENT,
        ("redeem", ("code",), None, 2, NEVER),
        ("redeem", ("code",), REFUSED, 4, 5),
    ),
    "a redemption that was lost altogether": (
        CONSENT,
        ("redeem", ("code",), None, 2, NEVER),
        ("redeem", ("code",), ("a1", "r1"), 4, 5),
        ("fetch", ("a1",), True, 6, 7),
    ),
    "a fetch beside a revocation, told either": (
        *BEGUN,
        ("revoke_user", ("ann",), True, 4, 8),
        ("fetch", ("a1",), True, 5, 6),
        ("fetch", ("a1",), False, 6, 7),
    ),
    "two refreshes with one successor": (
        *BEGUN,
        ("refresh", ("r1", 2), ("a2", "r2"), 4, 6),
        ("refresh", ("r1", 2), ("a2", "r2"), 4, 6),
        ("fetch", ("a2",), True, 7, 8),
    ),
    "a refresh whose answer was lost, and a retry that is told it": (
        *BEGUN,
        ("refresh", ("r1", 2), None, 4, NEVER),
        ("shown", ("ann",), frozenset({"a1", "a2"}), 5, 6),
        ("refresh", ("r1", 2), ("a2", "r2"), 7, 8),
        ("refresh", ("r2", 2), ("a3", "r3"), 9, 10),
    ),
    "a token given to another user, whose revocation reaches it": (
        *BEGUN,
        ("give", ("a1", "bob"), True, 4, 5),
        ("revoke_user", ("ann",), True, 6, 7),
        ("fetch", ("a1",), True, 8, 9),
        ("follow", ("bob", 2), True, 10, 12),
        ("fetch", ("a1",), False, 13, 14),
    ),
    "a code that an earlier revocation does not reach": (
        ("revoke_user", ("ann",), True, 0, 0.5),
        ("consent", ("ann",), "code", 0.6, 1),
        REDEEMED,
    ),
}

WRONG: dict[str, Sequence[Line]] = {
    "a code redeemed twice": (
        CONSENT,
        ("redeem", ("code",), ("a1", "r1"), 2, 5),
        ("redeem", ("code",), ("a2", "r2"), 2, 5),
    ),
    "a token that outlives the second redemption of its code": (
        *BEGUN,
        ("redeem", ("code",), REFUSED, 4, 5),
        ("fetch", ("a1",), True, 6, 7),
    ),
    "a code refused though nobody used it": (CONSENT, ("redeem", ("code",), REFUSED, 2, 3)),
    "a token that lives after an acknowledged revocation": (
        *BEGUN,
        ("revoke_user", ("ann",), True, 4, 5),
        ("fetch", ("a1",), True, 6, 7),
    ),
    "a token that was dead and lives again": (
        *BEGUN,
        ("revoke", ("a1",), True, 4, 9),
        ("fetch", ("a1",), False, 5, 6),
        ("fetch", ("a1",), True, 7, 8),
    ),
    "a code that outlives its user's revocation": (
        CONSENT,
        ("revoke_user", ("ann",), True, 2, 3),
        ("redeem", ("code",), ("a1", "r1"), 4, 5),
    ),
    "a refresh that outlives its user's revocation": (
        *BEGUN,
        ("revoke_user", ("ann",), True, 4, 5),
        ("refresh", ("r1", 2), ("a2", "r2"), 6, 7),
    ),
    "a successor that was seen before a revocation and works after it": (
        *BEGUN,
        ("refresh", ("r1", 2), ("a2", "r2"), 4, 6),
        ("revoke_user", ("ann",), True, 4, 7),
        ("fetch", ("a2",), False, 8, 9),
        ("refresh", ("r2", 2), ("a3", "r3"), 10, 11),
    ),
    "two successors": (
        *BEGUN,
        ("refresh", ("r1", 2), ("a2", "r2"), 4, 6),
        ("refresh", ("r1", 2), ("a3", "r3"), 4, 6),
    ),
    "two successors, of which the first was shown to nobody but in the list": (
        *BEGUN,
        ("refresh", ("r1", 2), None, 4, NEVER),
        ("shown", ("ann",), frozenset({"a1", "a2"}), 5, 6),
        ("refresh", ("r1", 2), ("a3", "r3"), 7, 8),
        ("shown", ("ann",), frozenset({"a1", "a2", "a3"}), 9, 10),
    ),
    "an answer that was lost, and a retry that is refused": (
        *BEGUN,
        ("refresh", ("r1", 2), None, 4, NEVER),
        ("refresh", ("r1", 2), REFUSED, 5, 6),
    ),
    "a stolen refresh token that does not end its grant": (
        *BEGUN,
        ("refresh", ("r1", 2), ("a2", "r2"), 4, 5),
        ("refresh", ("r2", 2), ("a3", "r3"), 6, 7),
        ("refresh", ("r1", 2), REFUSED, 8, 9),
        ("refresh", ("r3", 2), ("a4", "r4"), 10, 11),
    ),
    "a list without a token that lives": (*BEGUN, ("shown", ("ann",), frozenset(), 4, 5)),
    "a list with a token that is dead": (
        *BEGUN,
        ("revoke", ("a1",), True, 4, 5),
        ("shown", ("ann",), frozenset({"a1"}), 6, 7),
    ),
    "a token that its new user's revocation does not reach": (
        *BEGUN,
        ("give", ("a1", "bob"), True, 4, 5),
        ("follow", ("bob", 2), True, 6, 7),
        ("fetch", ("a1",), True, 8, 9),
    ),
    "a token that its former user's revocation reaches": (
        *BEGUN,
        ("give", ("a1", "bob"), True, 4, 5),
        ("revoke_user", ("ann",), True, 6, 7),
        ("fetch", ("a1",), False, 8, 9),
    ),
}


@pytest.mark.parametrize("name", RIGHT)
def test_sees_that_it_is_right(name: str) -> None:
    assert is_right(*RIGHT[name])


@pytest.mark.parametrize("name", WRONG)
def test_sees_that_it_is_wrong(name: str) -> None:
    assert not is_right(*WRONG[name])


def test_a_retry_without_grace_ends_the_grant() -> None:
    without = Specification(grace=False)
    lost = (*BEGUN, ("refresh", ("r1", 2), None, 4, NEVER), ("refresh", ("r1", 2), REFUSED, 5, 6))

    right = is_right(*lost, ("fetch", ("a1",), False, 7, 8), specification=without)
    wrong = is_right(*lost, ("fetch", ("a1",), True, 7, 8), specification=without)

    assert (right, wrong) == (True, False)


def test_only_one_token_lives_where_only_one_may() -> None:
    one = Specification(single=True)
    two = (*BEGUN, ("create", ("ann",), ("a2", "r2"), 4, 5))

    right = is_right(*two, ("shown", ("ann",), frozenset({"a2"}), 6, 7), specification=one)
    both = is_right(*two, ("shown", ("ann",), frozenset({"a1", "a2"}), 6, 7), specification=one)
    neither = is_right(
        *BEGUN,
        ("create", ("ann",), ("a2", "r2"), 4, 7),
        ("shown", ("ann",), frozenset(), 5, 6),
        specification=one,
    )

    assert (right, both, neither) == (True, False, False)


def test_a_token_revoked_alone_leaves_its_grant() -> None:
    alone = Specification(whole=False)
    revoked = (*BEGUN, ("revoke", ("a1",), True, 4, 5))

    right = is_right(*revoked, ("refresh", ("r1", 2), ("a2", "r2"), 6, 7), specification=alone)
    wrong = is_right(*revoked, ("refresh", ("r1", 2), REFUSED, 6, 7), specification=alone)

    assert (right, wrong) == (True, False)


def test_tells_what_does_not_fit() -> None:
    history = of(*BEGUN, ("fetch", ("a1",), False, 4, 5))

    fitting = stuck(history, State(), ONE_AFTER_ANOTHER.step)

    assert fitting == history[:2]
    assert explain(history, fitting).splitlines()[-2:] == ["and then none of these does:", str(history[2])]
