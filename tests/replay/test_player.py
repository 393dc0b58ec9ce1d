"""Whole runs: a sound server passes, and each fault is named by the statement that it breaks."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from mashery_oauth import __version__
from mashery_oauth.replay import Answer, Client, Login, Report, Target, cast, play, rule_sets, tried
from mashery_oauth.replay.login import Visit
from mashery_oauth.replay.masking import ELLIPSIS
from mashery_oauth.replay.verdict import FAILED, LEFT_OUT, NOT_RUN, PASSED, Address, Verdict

from ..effort import tally, times
from .conftest import Start
from .manners import FAULTS, SHORT

FEW = 5  # statements at most are broken by one fault: what is named has to be what is wrong
BY_WAITING = ("code_never_expires",)  # faults that only time shows


def failed_rules(report: Report, text: str) -> list[str]:
    return [each.rule.name for each in report.rules(rule_sets()[text]) if each.outcome == FAILED]


@pytest.mark.parametrize("text", rule_sets())
async def test_a_sound_server_passes_everything(text: str, start: Start) -> None:
    target = await start(text)

    for _ in range(times(1)):
        report = await play(target, cast([text]))

        wrong = [(each.step, each.names, each.verdict) for each in report.judged if each.verdict.outcome != PASSED]
        assert wrong == []
        tally("claims of scenarios judged", len(list(report.judged)))


@pytest.mark.parametrize("text", rule_sets())
async def test_only_what_cannot_be_had_is_left_out(text: str, start: Start) -> None:
    target = await start(text)

    report = await play(target, cast([text]))

    lacking = {reason for each in report.left_out for reason in each.lacking}
    assert lacking <= {
        "the lifetime of its codes",
        "an authorization URL that is not on this machine",
        "a token URL that is not on this machine",
    }


@pytest.mark.parametrize("text", [name for name in rule_sets() if name != "barracuda"])
async def test_a_code_that_expires_is_seen_to(text: str, start: Start) -> None:
    target = await start(text, lifetime=SHORT)

    report = await play(target, [each for each in cast([text]) if each[1].name == "code_expired"])

    assert [each.outcome for each in report.played] == [PASSED]


@pytest.mark.parametrize("fault", FAULTS)
async def test_a_fault_is_named_by_the_statement_that_it_breaks(fault: str, start: Start) -> None:
    text, statement = FAULTS[fault]
    by_waiting = fault in BY_WAITING
    target = await start(text, fault, **({"lifetime": SHORT} if by_waiting else {}))

    await tried(target, cast([text]))
    report = await play(target, [each for each in cast([text]) if by_waiting == (each[1].name == "code_expired")])

    failed = failed_rules(report, text)
    assert statement in failed
    assert len(failed) <= FEW, failed
    assert report.failed(strict=True)
    tally("claims of scenarios judged", len(list(report.judged)))


async def test_a_should_fails_only_who_is_strict(start: Start) -> None:
    target = await start("draft16", "reuse_spares_the_grant")

    report = await play(target, cast(["draft16"]))

    assert failed_rules(report, "draft16") == ["D16-34"]
    assert (report.failed(), report.failed(strict=True)) == (False, True)


async def test_what_a_text_does_not_say_fails_only_who_is_strict(start: Start) -> None:
    target = await start("draft10", "two_clients")

    report = await play(target, [each for each in cast(["draft10"]) if each[1].name == "two_clients"])

    assert failed_rules(report, "draft10") == ["D10-22"]
    assert (report.failed(), report.failed(strict=True)) == (False, True)


@pytest.mark.parametrize(("faults", "failed"), [((), []), (("redirect_uri_insisted_on",), ["D16-29"])])
async def test_one_registered_redirect_uri_need_not_be_named(
    faults: tuple[str, ...], failed: list[str], start: Start
) -> None:
    target = await start("draft16", *faults, one_uri=True)

    report = await play(target, [each for each in cast(["draft16"]) if each[1].name == "redirect_uri_never_sent"])

    assert len(report.played) == 1
    assert failed_rules(report, "draft16") == failed


async def test_what_needs_a_value_that_was_not_had_is_not_run(start: Start) -> None:
    target = await start("draft16", "unknown_client_redirected", user="nobody")

    report = await play(target, [each for each in cast(["draft16"]) if each[1].name == "code_used_twice"])

    (played,) = report.played
    assert [each.verdict.outcome for each in played.judged] == [FAILED, NOT_RUN, NOT_RUN]
    assert played.judged[1].verdict.why == "no code was had in a step before"


async def test_a_server_that_is_not_there_fails(unused_tcp_port: int) -> None:
    target = Target(f"http://127.0.0.1:{unused_tcp_port}/token", {"main": Client("id", "secret")})

    report = await play(target, cast(["barracuda"]))

    assert report.counts[PASSED] == 0
    assert report.failed()


async def test_whoever_watches_is_told_of_each_scenario(start: Start) -> None:
    target = await start("barracuda")
    seen: list[str] = []

    report = await play(target, cast(["barracuda"]), lambda played: seen.append(played.name))

    assert seen == [each.name for each in report.played] != []


async def test_no_secret_is_in_what_a_broken_server_is_told_of(start: Start) -> None:
    target = await start("draft16", "code_good_twice", "get_accepted", "scope_widened", "two_clients")

    report = await play(target, cast(["draft16"]))

    texts = "".join(f"{each.step}{each.verdict}" for each in report.judged)
    assert [secret for secret in target.secrets if secret in texts] == []
    assert "access_token=" in texts


async def test_the_report_says_where_it_was_played_and_what_was_left_out(start: Start) -> None:
    target = await start("draft16", name="Bank")
    ((rule_set, scenario),) = [each for each in cast(["draft16"]) if each[1].name == "code_expired"]

    report = await play(target, [(rule_set, scenario)])

    assert report.addresses == (Address("Bank", target.token_url, target.authorize_url),)
    assert report.version == __version__
    assert [each.rules for each in report.left_out] == [scenario.rules(rule_set)]


async def failing(_: Visit) -> Answer:
    raise LookupError("correct horse battery")


async def answering_nothing(_: Visit) -> Answer:
    return None  # type: ignore[return-value]  # as somebody's own function may


@pytest.mark.parametrize(("call", "kind"), [(failing, "LookupError"), (answering_nothing, "AttributeError")])
async def test_a_run_goes_on_whatever_a_step_ends_with(
    call: Callable[[Visit], Awaitable[Answer]], kind: str, start: Start, caplog: pytest.LogCaptureFixture
) -> None:
    """A function that played the owner and raised something ended the run with a traceback, and its report with it."""
    target = await start("draft16", login=Login(call=call))
    names = ("authorize", "client_credentials")

    report = await play(target, [each for each in cast(["draft16"]) if each[1].name in names])

    told = {each.name: {judged.verdict for judged in each.judged} for each in report.played}
    assert told["authorize"] == {Verdict(FAILED, "an answer", f"the step ended with {kind}")}
    assert {verdict.outcome for verdict in told["client_credentials"]} == {PASSED}
    assert "battery" not in str(report)
    assert caplog.records == []


async def test_a_code_is_not_shown_however_short_it_is() -> None:
    """What is short is a word to the masks, and this one was shown where a server repeated it in a description."""

    async def with_code(_: Visit) -> Answer:
        return Answer(302, location="https://client.example/cb?code=abc12")

    async def repeating(_: web.Request) -> web.Response:
        return web.json_response({"error": "invalid_grant", "error_description": "no abc12 here"}, status=400)

    app = web.Application()
    app.router.add_post("/token", repeating)
    async with TestServer(app) as server:
        client = Client("id", "secret", ("https://client.example/cb",))
        target = Target(str(server.make_url("/token")), {"main": client}, authorize_url="http://127.0.0.1/")
        playing = replace(target, login=Login(call=with_code))
        report = await play(playing, [each for each in cast(["draft16"]) if each[1].name == "code"])

    received = [each.verdict.received for each in report.judged if each.verdict.outcome == FAILED]
    assert f"error_description=no {ELLIPSIS} here" in received[-1]
    assert "abc12" not in str(received)


AT = "server.example"


@pytest.mark.parametrize("text", [name for name in rule_sets() if name != "barracuda"])
@pytest.mark.parametrize(
    ("urls", "broken"),
    [
        ({}, []),
        ({"authorize_url": f"http://{AT}/"}, ["D10-3", "D16-3", "D16-12", "D16-71", "RFC6749-3.1-TLS", "OAUTH21-1.5"]),
        (
            {"token_url": f"http://{AT}/"},
            ["D10-11", "D16-9", "D16-12", "D16-24", "D16-71", "RFC6749-3.2-TLS", "OAUTH21-1.5"],
        ),
        ({"revoke_url": f"http://{AT}/"}, ["D16-12", "D16-71", "OAUTH21-1.5"]),
        ({"introspect_url": f"http://{AT}/"}, ["D16-12", "D16-71", "OAUTH21-1.5"]),
        ({"resource_url": f"http://{AT}/"}, ["D16-71", "RFC6750-5.3", "OAUTH21-1.5"]),
        ({"revoke_url": f"https://{AT}/", "resource_url": "http://localhost/"}, []),
    ],
)
async def test_a_deployment_is_held_to_tls_by_its_addresses(text: str, urls: dict[str, str], broken: list[str]) -> None:
    sound = Target(f"https://{AT}/", {}, authorize_url=f"https://{AT}/")
    target = replace(sound, **urls)  # type: ignore[arg-type]  # mypy knows no names of replace

    report = await play(target, [each for each in cast([text]) if each[1].name.startswith("tls_")])

    assert len(report.played) == 2
    assert sorted(failed_rules(report, text)) == sorted(name for name in broken if name in rule_sets()[text].rules)
    assert (report.failed(), report.counts[NOT_RUN]) == (bool(failed_rules(report, text)), 0)


async def test_a_deployment_on_this_machine_is_not_held_to_tls(start: Start) -> None:
    report = await play(await start("draft16"), cast(["draft16"]))

    found = {each.rule.name: each.outcome for each in report.rules(rule_sets()["draft16"])}
    assert {found[name] for name in ("D16-3", "D16-9", "D16-12", "D16-24", "D16-71")} == {LEFT_OUT}
