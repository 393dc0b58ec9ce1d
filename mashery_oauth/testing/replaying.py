"""The replayed scenarios as tests: each one a test of its own, named for the statements that it holds a provider to."""

from __future__ import annotations

import asyncio
import warnings
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pytest

    from ..replay import Report, Target
    from ..replay.player import Casting
    from ..replay.verdict import Judged
    from .registered import Application

FAILED, MUST = "failed", "must"


class Unmet(UserWarning):
    """A provider does not do what it only should."""


def replay_tests(*names: str, target: str = "target", strict: bool = False) -> Callable[..., None]:
    """Makes a test of each scenario.

    A module has them with one line: ``test_draft16 = replay_tests("draft16")``.

    A scenario for which the target lacks something is skipped, and says what that is. What a provider should do and
    does not is a warning.

    :param names: of sets (``draft10``, ``draft16``, ``rfc6749``, ``oauth21``, ``barracuda``) or of scenarios.
    :param target: the fixture that yields the :class:`mashery_oauth.replay.Target`; its server must not run in the loop
        of the tests, see :func:`~mashery_oauth.testing.serve`.
    :param strict: whether what it should do and does not is a failure.
    """
    import pytest  # noqa: PLC0415  this module is for who writes tests, the package for others too

    from ..replay import cast  # noqa: PLC0415  as above

    castings = cast(names)
    several = len({rule_set.name for rule_set, _ in castings}) > 1
    params = [pytest.param(each, id=_name(each, several=several)) for each in castings]

    @pytest.mark.parametrize("casting", params)
    @pytest.mark.usefixtures(target)
    def test(casting: Casting, request: pytest.FixtureRequest) -> None:
        _judge(_played(request.getfixturevalue(target), casting), strict=strict)

    return test


def target_of(token_url: str, clients: Mapping[str, Application], members: Mapping[str, Any]) -> Target:
    """A provider as a target, with its clients by role."""
    from ..replay import Client, Target  # noqa: PLC0415  as above

    known = {role: Client(each.client_id, each.client_secret, each.redirect_uris) for role, each in clients.items()}
    return Target(token_url, **({"clients": known} | dict(members)))


def _name(casting: Casting, *, several: bool) -> str:
    """The scenario with the statements of this text that it is about."""
    rule_set, scenario = casting
    rules = "+".join(rule.name for rule in scenario.rules(rule_set))
    return "-".join([*([rule_set.name] if several else []), scenario.name, rules])


def _played(target: Target, casting: Casting) -> Report:
    """Played in a thread of its own, because the test's may have a loop already."""
    from ..replay import play  # noqa: PLC0415  as above

    def run() -> Report:
        return asyncio.run(play(target, [casting]))

    with ThreadPoolExecutor(1) as thread:
        return thread.submit(run).result()


def _judge(report: Report, *, strict: bool) -> None:
    import pytest  # noqa: PLC0415  as above

    for left_out in report.left_out:
        pytest.skip(f"needs {', '.join(left_out.lacking)}")
    told = "\n".join(_told(report))
    if report.failed(strict=strict):
        pytest.fail(told, pytrace=False)
    if told:
        warnings.warn(told, Unmet, stacklevel=1)
    for judged in report.judged:
        if judged.verdict.why:
            pytest.skip(f"{judged.step}: {judged.verdict.why}")


def _told(report: Report) -> Iterator[str]:
    """What failed, as a person would want to know it."""
    for played in report.played:
        failed = [judged for judged in played.judged if judged.verdict.outcome == FAILED]
        if failed:
            yield f"{played.rule_set.title}: {played.title}"
        for judged in failed:
            yield from _failure(judged)


def _failure(judged: Judged) -> Iterator[Any]:
    from ..replay.letters import unmarked  # noqa: PLC0415  as above

    yield f"  {judged.step}"
    for rule in judged.rules:
        yield f"    {rule.name}, {rule.section}, {rule.level}: {unmarked(rule.text)}"
    yield f"    expected: {judged.verdict.expected}"
    yield f"    received: {judged.verdict.received}"
