"""Several targets in one run: a server that follows several texts has clients of its own for each of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from .player import Casting, leave_out, play
from .scenario import WAIT
from .target import Target
from .trying import WrongTarget, tried
from .variables import fill
from .verdict import LeftOut, Played, Report

NOBODY_FOLLOWS = "a target that follows this text"


async def try_all(targets: Sequence[Target], castings: Sequence[Casting]) -> None:
    """Tries each target once, as :func:`~mashery_oauth.replay.tried` does, with what it would be played.

    :raises WrongTarget: one of them is wrong; the text names it.
    :raises Unreachable: certificates of a target cannot be read.
    """
    for target, share in zip(targets, _shares(targets, castings), strict=True):
        try:
            await tried(target, share)
        except WrongTarget as wrong:
            texts = f" ({', '.join(target.profiles)})" if len(targets) > 1 and target.profiles else ""
            raise WrongTarget(f"{target.name}{texts}: {wrong}") from None


async def play_all(targets: Sequence[Target], castings: Sequence[Casting], watch: Callable[[Played], None]) -> Report:
    """Plays against each target what the texts that it follows have, and makes one report of it.

    A target that is alone is played everything: whoever names a text means it.

    :raises Unreachable: certificates of a target cannot be read.
    """
    shares = _shares(targets, castings)
    reports = [await play(target, share, watch) for target, share in zip(targets, shares, strict=True)]
    nobodys = [leave_out(each, (NOBODY_FOLLOWS,)) for each in castings if not any(each in share for share in shares)]
    return _merged(reports, nobodys)


def waits(targets: Sequence[Target], castings: Sequence[Casting]) -> list[float]:
    """The seconds of each wait that a run has, in which nothing is heard of it."""
    return [
        float(fill(step.seconds, target.values(scenario.client)))
        for target, share in zip(targets, _shares(targets, castings), strict=True)
        for rule_set, scenario in share
        if not scenario.lacking(rule_set, target)
        for step in scenario.steps
        if step.send == WAIT
    ]


def _shares(targets: Sequence[Target], castings: Sequence[Casting]) -> list[list[Casting]]:
    """What each target is played."""
    return [[each for each in castings if len(targets) == 1 or _follows(target, each)] for target in targets]


def _follows(target: Target, casting: Casting) -> bool:
    return not target.profiles or casting[0].name in target.profiles


def _merged(reports: Sequence[Report], nobodys: Sequence[LeftOut]) -> Report:
    return Report(
        target=", ".join(dict.fromkeys(report.target for report in reports)),
        started=reports[0].started,
        seconds=sum(report.seconds for report in reports),
        played=tuple(played for report in reports for played in report.played),
        left_out=(*_left_out(reports), *nobodys),
        addresses=tuple(dict.fromkeys(address for report in reports for address in report.addresses)),
    )


def _left_out(reports: Sequence[Report]) -> Iterator[LeftOut]:
    """What no target was played, once; it is the first one's lack that is told."""
    told = {(played.rule_set.name, played.name) for report in reports for played in report.played}
    for each in (left_out for report in reports for left_out in report.left_out):
        if (name := (each.rule_set.name, each.name)) not in told:
            told.add(name)
            yield each
