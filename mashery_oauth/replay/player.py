"""Playing scenarios: step after step, each claim judged as its answer comes."""

from __future__ import annotations

import asyncio
import ssl
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import aiohttp

from .answers import Answer
from .browser import places, visit
from .exchange import Unreachable, new_session, send, trust
from .judging import judge, not_run
from .login import LoginFailed, Visit
from .masking import Masker, is_plain
from .requests import Setting, authorization_url, request_of
from .rules import RuleSet
from .scenario import ADDRESSES, AUTHORIZE, WAIT, Claim, Scenario, Step
from .target import Target
from .variables import Unset, fill, fresh_values
from .verdict import FAILED, Judged, LeftOut, Played, Report, Verdict, address

Casting = tuple[RuleSet, Scenario]  # by which text a scenario is played


@dataclass(frozen=True, slots=True)
class Stage:
    """One scenario while it is played. The values grow with what its steps save."""

    setting: Setting
    back: aiohttp.ClientSession  # of the clients
    front: aiohttp.ClientSession  # of the owner's browser
    values: dict[str, str]
    masker: Masker


def _nobody_watches(_: Played) -> None: ...


async def play(
    target: Target, castings: Iterable[Casting], watch: Callable[[Played], None] = _nobody_watches
) -> Report:
    """Plays what the target has everything for, one scenario after the other.

    :param watch: is told of each scenario when it is over.
    :raises Unreachable: the target's certificates cannot be read.
    """
    started, began, trusted = datetime.now(UTC), time.monotonic(), trust(target.ca_file)
    played: list[Played] = []
    left_out: list[LeftOut] = []
    for rule_set, scenario in castings:
        if lacking := scenario.lacking(rule_set, target):
            left_out.append(leave_out((rule_set, scenario), lacking))
            continue
        played.append(await _play(scenario, Setting(target, rule_set), trusted))
        watch(played[-1])
    told = (target.name, started.isoformat(timespec="seconds"), time.monotonic() - began)
    return Report(*told, tuple(played), tuple(left_out), (address(target),))


def leave_out(casting: Casting, lacking: tuple[str, ...]) -> LeftOut:
    """What is told of a scenario that is not played."""
    rule_set, scenario = casting
    return LeftOut(rule_set, scenario.name, scenario.title, lacking, scenario.rules(rule_set))


async def _play(scenario: Scenario, setting: Setting, trusted: ssl.SSLContext) -> Played:
    target, rule_set, began = setting.target, setting.rule_set, time.monotonic()
    values = fresh_values() | dict(rule_set.values) | dict(target.values(scenario.client))
    async with (
        new_session(trusted, target.timeout, cookies=False) as back,
        new_session(trusted, target.timeout, cookies=True) as front,
    ):
        stage = Stage(setting, back, front, values, Masker(target.secrets))
        judged = [each for step in scenario.steps for each in await _judged(step, stage)]
    spent = time.monotonic() - began
    return Played(rule_set, scenario.name, scenario.title, scenario.topic, tuple(judged), spent)


async def _judged(step: Step, stage: Stage) -> list[Judged]:
    """The verdicts of one step, whatever becomes of it: a run goes on, and its report is made."""
    claims = list(_claims(step, stage.setting.rule_set))
    try:
        verdicts = _verdicts(step, claims, await _answers(step, stage), stage)
    except Unset as unset:
        verdicts = [not_run(unset)] * len(claims)
    except (Unreachable, LoginFailed) as error:
        verdicts = [Verdict(FAILED, "an answer", stage.masker.mask(str(error)))] * len(claims)
    except Exception as error:  # noqa: BLE001  what is said of it may be secret, so only its kind is told
        verdicts = [Verdict(FAILED, "an answer", f"the step ended with {type(error).__name__}")] * len(claims)
    return [_of(step, claim, stage, verdict) for claim, verdict in zip(claims, verdicts, strict=True)]


def _verdicts(step: Step, claims: Sequence[Claim], answers: Sequence[Answer], stage: Stage) -> list[Verdict]:
    """The claims held against the answers; and what is to be kept of these."""
    saved = dict(_saved(step, answers))
    for name, place in step.save:
        if not is_plain(place):
            stage.masker.learn(saved.get(name, ""))
    for answer in answers:
        stage.masker.learn_all(answer)
    found = [judge(claim, answers, stage.values, stage.masker) for claim in claims]
    stage.values.update(saved)
    return found


def _claims(step: Step, rule_set: RuleSet) -> Iterator[Claim]:
    """Those that this text makes."""
    return (claim for claim in step.claims if rule_set.level(claim.rules))


def _of(step: Step, claim: Claim, stage: Stage, verdict: Verdict) -> Judged:
    rule_set = stage.setting.rule_set
    rules = tuple(rule_set.rules[name] for name in claim.rules if name in rule_set.rules)
    return Judged(stage.masker.mask(step.title), rules, claim.level or rule_set.level(claim.rules), verdict)


async def _answers(step: Step, stage: Stage) -> Sequence[Answer]:
    """What came back, of each of the requests that were sent at once."""
    if step.send == WAIT:
        await asyncio.sleep(float(fill(step.seconds, stage.values)))
        return ()
    if step.send == ADDRESSES:
        return [Answer(0, schemes=stage.setting.target.schemes)]
    if step.send == AUTHORIZE:
        return [await _visited(step, stage)]
    request = request_of(step, stage.setting, stage.values)
    return await asyncio.gather(*(send(stage.back, request) for _ in range(step.at_once)))


async def _visited(step: Step, stage: Stage) -> Answer:
    target, login = stage.setting.target, stage.setting.target.login
    if login is None:
        raise LoginFailed("nobody is there to sign in")
    url = authorization_url(step, stage.setting, stage.values)
    asked = [fill(value, stage.values) for name, value in step.params if name == "redirect_uri"]
    registered = [uri for client in target.clients.values() for uri in client.redirect_uris]
    here = places((target.authorize_url, *target.own_origins), (*registered, *asked))
    return await visit(stage.front, here, login, Visit(url, target.user, target.password, step.owner))


def _saved(step: Step, answers: Sequence[Answer]) -> Iterator[tuple[str, str]]:
    """The first of each value that is to be kept; what no answer has stays as it was."""
    for name, place in step.save:
        found = (answer.look(place) for answer in answers)
        value = next((each for each in found if isinstance(each, str) and each), None)
        if value is not None:
            yield name, value
