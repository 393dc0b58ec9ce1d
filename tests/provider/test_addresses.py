"""Addresses: a proxy of ours tells who came to it, and nobody else is believed."""

from __future__ import annotations

import pytest

from mashery_oauth.provider.users import WRONG_OF_USER

from .visiting import OpenStage, Visitor

HERE = "127.0.0.1"  # where all visitors of the tests come from


async def statuses(visitor: Visitor, forwarded: list[str]) -> list[int]:
    """What wrong passwords are answered with, as they come by way of proxies."""
    form = (await visitor.get("/login")).form("/login") | {"username": "anna", "password": "wrong"}
    return [(await visitor.post("/login", form, {"X-Forwarded-For": hops})).status for hops in forwarded]


async def test_each_who_comes_through_a_proxy_is_counted_alone(open_stage: OpenStage) -> None:
    stage = await open_stage(proxies=[HERE])
    visitor = await stage.visitor()

    first = await statuses(visitor, ["192.0.2.1"] * (WRONG_OF_USER + 1))
    second = await statuses(visitor, ["192.0.2.2"])

    assert first == [403] * WRONG_OF_USER + [429]
    assert second == [403]


@pytest.mark.parametrize(
    ("proxies", "hops"),
    [
        ([], "192.0.2.{}"),
        (["192.0.2.99"], "192.0.2.{}"),
        ([HERE], "192.0.2.{}, 198.51.100.1"),
        ([HERE, "198.51.100.1"], "192.0.2.{}, 203.0.113.1, 198.51.100.1"),
        ([HERE], "192.0.2.{},"),
    ],
)
async def test_nobody_gets_round_with_addresses_of_their_own_making(
    open_stage: OpenStage, proxies: list[str], hops: str
) -> None:
    stage = await open_stage(proxies=proxies)
    visitor = await stage.visitor()

    found = await statuses(visitor, [hops.format(number) for number in range(WRONG_OF_USER + 1)])

    assert found == [403] * WRONG_OF_USER + [429]
