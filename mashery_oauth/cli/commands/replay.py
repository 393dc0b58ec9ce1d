"""``mashery-oauth replay``: OAuth flows played against an authorization server, with a verdict for each rule."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

import click
from rich.console import Console
from rich.progress import Progress

from ...replay import (
    Client,
    Login,
    Malformed,
    NoSuchScenario,
    Report,
    Target,
    Unreachable,
    WrongTarget,
    cast,
    rule_sets,
)
from ...replay.flaws import flaws
from ...replay.player import Casting
from ...replay.several import play_all, try_all, waits
from ...replay.target import MAIN
from ...replay.target_file import read_targets
from ...replay.verdict import PASSED
from ..printing import console, write
from ..reports import NARROW, Telling, problem_of
from ..scenarios import needs_of, write_list
from ..shell import example

PREFIX = "MASHERY_OAUTH_REPLAY_"
LONG = 1.0  # seconds of silence that are told of before
Command = TypeVar("Command", bound=Callable[..., Any])


@click.group("replay", epilog=example("mashery-oauth replay run --all --target staging.toml"))
def command() -> None:
    """Replay: play OAuth flows against an authorization server, as a good client and as a bad one."""


@command.command("list", epilog=example("mashery-oauth replay list draft16"))
@click.argument("names", nargs=-1)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def list_(names: tuple[str, ...], *, as_json: bool) -> None:
    """List scenarios, with what each needs; NAMES are sets or scenarios, without any it is all."""
    castings = _cast(names, ())
    if as_json:
        write([_listed(each) for each in castings], as_json=True)
    else:
        write_list(castings, console(NARROW))


def _listed(casting: Casting) -> dict[str, object]:
    rule_set, scenario = casting
    needs = ", ".join(needs_of(scenario))
    return {"set": rule_set.name, "scenario": scenario.name, "title": scenario.title, "needs": needs}


def target_options(command: Command) -> Command:
    """What is played against; each option wins over the file."""
    for option in (
        click.option("--target", type=click.Path(path_type=Path), metavar="FILE", help="All of it, in TOML."),
        click.option("--token-url", metavar="URL"),
        click.option("--authorize-url", metavar="URL"),
        click.option("--client-id", metavar="ID"),
        click.option("--client-secret", metavar="SECRET", envvar=f"{PREFIX}CLIENT_SECRET", show_envvar=True),
        click.option("--redirect-uri", metavar="URI", help="Registered for the client; nothing is sent there."),
        click.option("--user", metavar="NAME", help="Who signs in on the server's pages."),
        click.option("--password", envvar=f"{PREFIX}PASSWORD", show_envvar=True),
        click.option("--cookie", metavar="NAME=VALUE", envvar=f"{PREFIX}COOKIE", show_envvar=True),
        click.option("--scope", metavar="SCOPES", help="That the client may have, with spaces between them."),
        click.option("--flow", "flows", multiple=True, metavar="FLOW", help="That is on; may be given several times."),
        click.option("--pkce", is_flag=True, help="The server understands PKCE."),
    ):
        command = option(command)
    return command


@command.command("run", epilog=example("mashery-oauth replay run draft16 --target staging.toml --html report.html"))
@click.argument("names", nargs=-1)
@click.option("--all", "everything", is_flag=True, help="Every scenario of the profiles that the target follows.")
@target_options
@click.option("--strict", is_flag=True, help="Fail with a SHOULD, too.")
@click.option("-v", "--verbose", is_flag=True, help="Show every statement, not only what did not pass.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@click.option("--junit", "junit_file", type=click.Path(path_type=Path), metavar="FILE", help="Write JUnit's XML.")
@click.option("--html", "html_file", type=click.Path(path_type=Path), metavar="FILE", help="Write a page for people.")
def run(
    names: tuple[str, ...],
    *,
    everything: bool,
    target: Path | None,
    strict: bool,
    verbose: bool,
    as_json: bool,
    junit_file: Path | None,
    html_file: Path | None,
    **options: Any,
) -> None:
    """Play scenarios; NAMES are sets, like draft16, or scenarios.

    Ends with exit code 1 if a MUST fails, or if nothing was played, and with 2 if something keeps it from being begun.
    A scenario for which the target lacks something is left out, and listed with what it needs.
    """
    telling = Telling(junit_file, html_file, as_json, strict, verbose)
    targets: tuple[Target, ...] = ()
    try:
        if bool(names) == everything:
            raise click.UsageError("Name sets or scenarios, or say --all.")
        given = {name: value for name, value in options.items() if value}
        telling.check()
        targets = _described(target, given)
        _check_options(targets, given)
        report = _played(targets, _cast(names, _profiles(targets)))
    except click.ClickException as problem:
        telling.tell_problem(problem_of(targets, target, problem.message))
        raise (problem if isinstance(problem, click.UsageError) else _NotBegun(problem.message)) from None
    telling.tell(report)
    if not report.played:
        raise click.ClickException("nothing could be played: the target lacks something for every scenario")
    if report.outcome(strict=strict) != PASSED:
        raise SystemExit(1)


def _profiles(targets: Sequence[Target]) -> tuple[str, ...]:
    """The texts that the targets follow; none where one of them follows all."""
    if not all(target.profiles for target in targets):
        return ()
    return tuple(name for target in targets for name in target.profiles)


def _cast(names: Sequence[str], profiles: Sequence[str]) -> list[Casting]:
    try:
        return cast(names, profiles)
    except NoSuchScenario as error:
        known = ", ".join(rule_sets())
        raise click.UsageError(f"There is no scenario {error}; sets are {known}, and list tells the rest.") from None


def _described(file: Path | None, given: dict[str, Any]) -> tuple[Target, ...]:
    """The targets of a file, with what the options change."""
    try:
        targets = read_targets(file) if file else (Target(token_url="", clients={MAIN: Client("")}),)
    except Malformed as error:
        raise click.ClickException(str(error)) from None
    return tuple(_changed(target, given) for target in targets)


def _check_options(targets: Sequence[Target], given: dict[str, Any]) -> None:
    """What a file says was looked at when that was read."""
    for way, problem in (flaw for target in targets for flaw in flaws(target)):
        if (name := _OPTIONS.get(way)) in given:
            raise click.UsageError(f"{_flag(name)} {problem}.")


def _flag(name: str) -> str:
    return "--flow" if name == "flows" else f"--{name.replace('_', '-')}"


_OPTIONS = {
    ("urls", "token"): "token_url",
    ("urls", "authorize"): "authorize_url",
    ("clients", MAIN, "client_id"): "client_id",
    ("clients", MAIN, "client_secret"): "client_secret",
    ("clients", MAIN, "redirect_uris"): "redirect_uri",
    ("user", "name"): "user",
    ("user", "password"): "password",
    ("login", "cookie"): "cookie",
    ("scopes",): "scope",
    ("flows",): "flows",
}


def _changed(target: Target, given: dict[str, Any]) -> Target:
    target = replace(target, **{name: given[name] for name in _SAME_NAME if name in given})
    if "scope" in given:
        target = replace(target, scopes=tuple(given["scope"].split()))
    if "cookie" in given or "user" in given:
        login = target.login or Login()
        target = replace(target, login=replace(login, cookie=given.get("cookie", login.cookie)))
    target = replace(target, clients={**target.clients, MAIN: _client(target.clients[MAIN], given)})
    if not (target.token_url and target.clients[MAIN].client_id):
        raise click.UsageError("A target needs --token-url and --client-id, or a file with --target.")
    return target


_SAME_NAME = ("token_url", "authorize_url", "user", "password", "flows", "pkce")


def _client(client: Client, given: dict[str, Any]) -> Client:
    uris = (given["redirect_uri"],) if "redirect_uri" in given else client.redirect_uris
    secret = given.get("client_secret", client.client_secret)
    return Client(given.get("client_id", client.client_id), secret, uris)


def _played(targets: Sequence[Target], castings: list[Casting]) -> Report:
    """The report, with a bar that grows on a terminal meanwhile."""
    watched = Console(stderr=True)
    with Progress(console=watched, transient=True, disable=not watched.is_terminal) as progress:
        bar = progress.add_task("Playing", total=len(castings))
        try:
            asyncio.run(try_all(targets, castings))
            _tell_waits(waits(targets, castings), progress.console)
            return asyncio.run(play_all(targets, castings, lambda _: progress.update(bar, advance=1)))
        except Unreachable as error:
            raise click.ClickException(str(error)) from None
        except WrongTarget as wrong:
            raise click.ClickException(f"{wrong}; nothing was played") from None


class _NotBegun(click.ClickException):
    """The target is wrong, or a file, as a command can be: nothing was found out about the server."""

    exit_code = click.UsageError.exit_code


def _tell_waits(seconds: Sequence[float], console: Console) -> None:
    """In which nothing seems to happen."""
    if sum(seconds) >= LONG:
        times = f" {len(seconds)} times, in all" if len(seconds) > 1 else ""
        console.print(f"Playing waits{times} {sum(seconds):g} s for codes to end.", soft_wrap=True)
