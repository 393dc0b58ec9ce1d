"""Every error condition that is a client's fault, provoked in every way there is, in every profile and dialect."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import product

import pytest

from mashery_oauth.dialects import CLOUD, DIALECTS, Dialect
from mashery_oauth.errors import OAUTH, ROWS
from tests.world import World

from . import at_authorization, at_consent, at_exchange, at_no_step, at_token
from .conditions import AUTHORIZATION, OTHER, PROFILES, TOKEN, Condition, answer, check, redirected, sent_on
from .scene import CODE, DOORS, Door, Scene

TABLES = (at_authorization, at_consent, at_token, at_exchange, at_no_step)  # reading them fills the lists
ELSEWHERE = {"too_many_attempts"}  # in tests/test_guessing.py: it takes many calls

together = pytest.mark.asyncio(loop_scope="module")
dialects = pytest.mark.parametrize("dialect", DIALECTS, ids=lambda dialect: dialect.name)


def _met(conditions: Iterable[Condition]) -> list[object]:
    return [
        pytest.param(condition, profile, id=f"{condition.name}-{profile}")
        for condition in conditions
        for profile in condition.profiles
    ]


def _met_at_doors() -> list[object]:
    return [
        pytest.param(condition, door, profile, id=f"{condition.name}-{door.name}-{profile}")
        for condition, door, profile in product(AUTHORIZATION, DOORS, PROFILES)
        if condition.exists(profile, door)
    ]


async def staged(stage: World, condition: Condition, profile: str, dialect: Dialect, door: Door = CODE) -> Scene:
    """A scene in which the condition can be provoked."""
    service = await stage.add_service(profile, **condition.policy)
    client = await stage.add_application(service, **condition.client)
    return Scene(stage, service, client, dialect, door)


@together
@dialects
@pytest.mark.parametrize(("condition", "door", "profile"), _met_at_doors())
async def test_tells_what_is_wrong_at_the_authorization_step(
    stage: World, condition: Condition, door: Door, profile: str, dialect: Dialect
) -> None:
    scene = await staged(stage, condition, profile, dialect, door)

    found = await condition.provoke(scene)

    relayed = redirected(condition, profile, door)
    check(condition, dialect, found, answer(condition, dialect, condition.error(profile), relayed))


@together
@dialects
@pytest.mark.parametrize(("condition", "profile"), _met(TOKEN))
async def test_tells_what_is_wrong_at_the_token_step(
    stage: World, condition: Condition, profile: str, dialect: Dialect
) -> None:
    scene = await staged(stage, condition, profile, dialect)

    found = await condition.provoke(scene)

    relayed = sent_on(condition, profile)
    check(condition, dialect, found, answer(condition, dialect, condition.error(profile), relayed))


@together
@dialects
@pytest.mark.parametrize(("condition", "profile"), _met(OTHER))
async def test_tells_what_is_wrong_in_a_method_that_is_no_step(
    stage: World, condition: Condition, profile: str, dialect: Dialect
) -> None:
    scene = await staged(stage, condition, profile, dialect)

    found = await condition.provoke(scene)

    gone = dialect is CLOUD and condition.row in ("unknown_token", "update_failed")
    error = 404 if gone else condition.error(profile)
    check(condition, dialect, found, answer(condition, dialect, error, None))


def test_provokes_every_row_that_is_a_clients_fault() -> None:
    provoked = {condition.row for condition in (*AUTHORIZATION, *TOKEN, *OTHER)}

    wanted = {row.name for row in ROWS if row.code == OAUTH}

    assert wanted - provoked == ELSEWHERE


def test_says_of_each_row_what_the_table_of_errors_says() -> None:
    messages = {row.name: row.message for row in ROWS}

    said = {condition.row: condition.message for condition in (*AUTHORIZATION, *TOKEN, *OTHER)}

    for name, message in said.items():
        flow = message.split()[1]
        assert message == messages[name].format(flow=flow)
