"""A target tried once, as a good client uses it: a wrong one is told in a sentence, and not by all that fails.

Only what no server says to who is in the right counts. Whatever else is wrong may be the server's fault, and is for the
scenarios to name.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Iterable, Mapping
from functools import partial

import aiohttp

from .answers import Answer
from .browser import REDIRECTIONS, places, visit
from .exchange import Request, Unreachable, new_session, send, trust
from .judging import TOO_MANY_REQUESTS
from .login import Login, LoginFailed, Visit
from .player import Casting
from .requests import RESPONSE_CODE, Setting, authorization_url, request_of
from .rules import RuleSet
from .scenario import AUTHORIZE, OWN, RESOURCE, SENT_BY_CLIENTS, Step
from .target import MAIN, Target
from .variables import Pairs, fresh_values

NO_SUCH_PLACE = (404, 405, 410)
REFUSALS = range(400, 404)
WITH_A_CODE = "authorization_code"
_OAUTH_ERROR = re.compile(r"[a-z_]+")
_SECRETS = ("basic", "body")  # the ways in which a client shows its secret
_FOR_ITSELF: Pairs = (("grant_type", "${grant_without_user}"), ("scope", "${scope?}"))
# Not every client may act for itself, and a server may say so with the wrong error.
_FOR_A_CODE: Pairs = (("grant_type", WITH_A_CODE), ("code", "no-such-code"), ("redirect_uri", "${redirect_uri?}"))
_WITH_A_TOKEN: Pairs = (("Authorization", "${resource_scheme} ${access_token}"),)
_TOKEN = re.compile(r"[!-~]+")
_INVALID_SCOPE = "invalid_scope"
_Refuses = Callable[[str], Awaitable[bool]]  # whether a request for this scope, or for none, is told invalid_scope


class WrongTarget(Exception):
    """Something of a target is probably wrong; the text names it and says how that shows."""


async def tried(target: Target, castings: Iterable[Casting]) -> None:
    """Returns if the target can be played against, as far as one can tell.

    What none of the scenarios needs is not tried.

    :raises WrongTarget: nothing is there, or the clients, their scopes or the user are not known there.
    :raises Unreachable: the target's certificates cannot be read.
    """
    needed: dict[str, dict[str, RuleSet]] = {}
    for rule_set, scenario in castings:
        if not scenario.lacking(rule_set, target):
            for step in scenario.steps:
                needed.setdefault(step.send, {})[rule_set.name] = rule_set
    asked = {name: each for send in SENT_BY_CLIENTS for name, each in needed.get(send, {}).items()}
    trusted = trust(target.ca_file)
    if asked:
        async with new_session(trusted, target.timeout, cookies=False) as back:
            await _try_clients(back, [Setting(target, each) for each in asked.values()])
            for each in needed.get(RESOURCE, {}).values():
                await _try_resource(back, Setting(target, each))
    if AUTHORIZE in needed and target.login:
        async with new_session(trusted, target.timeout, cookies=True) as front:
            await _try_user(front, Setting(target, next(iter(needed[AUTHORIZE].values()))), target.login)


async def _try_clients(back: aiohttp.ClientSession, settings: list[Setting]) -> None:
    clients = settings[0].target.clients
    confidential = [role for role, client in clients.items() if client.client_secret]
    for role in confidential:
        await _try_client(back, role, settings)
        for setting in settings:
            await _try_scopes(setting.target.scopes, partial(_refuses_a_client, back, role, setting))
    for role in [] if confidential else [*clients][:1]:  # whether there is a token endpoint, if no more than that
        await _asked_for_itself(back, role, settings[0], _values(settings[0], role))


async def _try_client(back: aiohttp.ClientSession, role: str, settings: list[Setting]) -> None:
    """A client is wrong where it is refused in every way in which its secret can be shown, whatever it asks for."""
    steps = [_token_step(role, way, params) for params in (_FOR_ITSELF, _FOR_A_CODE) for way in (OWN, *_SECRETS)]
    requests = [request_of(step, setting, _values(setting, role)) for step in steps for setting in settings]
    told_off = False
    for request in dict.fromkeys(requests):
        answer = await _asked(back, request)
        is_refused = answer.json.get("error") == "invalid_client"
        if not is_refused and answer.status != TOO_MANY_REQUESTS:
            return
        told_off |= is_refused
    if told_off:
        raise WrongTarget(
            f"clients.{role}: its client_id or client_secret is probably wrong, it is told invalid_client"
        )


async def _asked(back: aiohttp.ClientSession, request: Request) -> Answer:
    """The answer to a token request, if it is from a token endpoint."""
    try:
        answer = await send(back, request)
    except Unreachable as error:
        raise WrongTarget(f"urls.token: {error}") from None
    found = f"urls.token: probably not the token endpoint, a token request is answered with status {answer.status}"
    if _OAUTH_ERROR.fullmatch(str(answer.json.get("error", ""))):
        return answer
    if answer.status in (*NO_SUCH_PLACE, *REDIRECTIONS):
        raise WrongTarget(found)
    if answer.status < 500 and not answer.json and "text/html" in answer.headers.get("content-type", ""):
        raise WrongTarget(f"{found} and a page")
    return answer


async def _asked_for_itself(
    back: aiohttp.ClientSession, role: str, setting: Setting, values: Mapping[str, str]
) -> Answer:
    return await _asked(back, request_of(_token_step(role, OWN, _FOR_ITSELF), setting, values))


async def _refuses_a_client(back: aiohttp.ClientSession, role: str, setting: Setting, scope: str) -> bool:
    answer = await _asked_for_itself(back, role, setting, _values(setting, role, scope))
    return answer.json.get("error") == _INVALID_SCOPE


async def _try_scopes(scopes: tuple[str, ...], refuses: _Refuses) -> None:
    """Scopes are wrong where a request is refused for one of them alone, and not when it asks for none.

    A server that takes each of them and not all together, or refuses whatever is asked, has a fault of its own.
    """
    if not scopes or not await refuses(" ".join(scopes)) or await refuses(""):
        return
    if wrong := [scope for scope in scopes if await refuses(scope)]:
        raise WrongTarget(f"scopes: the clients may probably not have {', '.join(wrong)}: {_INVALID_SCOPE} is told")


async def _try_resource(back: aiohttp.ClientSession, setting: Setting) -> None:
    """Whether it is there can be seen only with a token: without a good one a server may hide that."""
    values = _values(setting, MAIN)
    token = (await _asked_for_itself(back, MAIN, setting, values)).json.get("access_token")
    if not (isinstance(token, str) and _TOKEN.fullmatch(token)):
        return
    step = Step(title="", send=RESOURCE, client=MAIN, claims=(), headers=_WITH_A_TOKEN)
    try:
        answer = await send(back, request_of(step, setting, values | {"access_token": token}))
    except Unreachable as error:
        raise WrongTarget(f"urls.resource: {error}") from None
    if answer.status in NO_SUCH_PLACE:
        raise WrongTarget(
            f"urls.resource: probably not the resource, it answers with {answer.status} to a token that was just made"
        )


def _token_step(role: str, way: str, params: Pairs) -> Step:
    return Step(title="", send="token", client=role, claims=(), auth=way, params=params)


def _values(setting: Setting, role: str, scope: str | None = None) -> dict[str, str]:
    """What a request may refer to, with another scope than the target's, or with none where that is empty."""
    values = fresh_values() | dict(setting.rule_set.values) | dict(setting.target.values(role))
    if scope is not None:
        values["scope"] = scope
    return {name: value for name, value in values.items() if value}


async def _try_user(front: aiohttp.ClientSession, setting: Setting, login: Login) -> None:
    url = authorization_url(_authorization_step(setting), setting, _values(setting, MAIN))
    _check_page(await _opened(front, url))
    try:
        answer = await _visited(front, setting, login)
        _check_page(answer)
        if _is_refused(answer):
            await _try_scopes(setting.target.scopes, partial(_refuses_a_user, front, setting, login))
    except LoginFailed as error:
        if error.blamed:
            raise WrongTarget(f"{error.blamed}: {error}") from None
    except Unreachable:  # behind a page that was there: the server's own fault
        return


async def _visited(front: aiohttp.ClientSession, setting: Setting, login: Login, scope: str | None = None) -> Answer:
    """Where the user ends who allows what is asked for."""
    target = setting.target
    url = authorization_url(_authorization_step(setting), setting, _values(setting, MAIN, scope))
    here = places((target.authorize_url, *target.own_origins), target.clients[MAIN].redirect_uris)
    return await visit(front, here, login, Visit(url, target.user, target.password))


async def _refuses_a_user(front: aiohttp.ClientSession, setting: Setting, login: Login, scope: str) -> bool:
    return _is_refused(await _visited(front, setting, login, scope))


def _is_refused(answer: Answer) -> bool:
    """Whether the client is told that it may not have the scope, wherever the error stands."""
    return _INVALID_SCOPE in (answer.query.get("error"), answer.fragment.get("error"))


async def _opened(front: aiohttp.ClientSession, url: str) -> Answer:
    """The page that the browser begins at."""
    try:
        return await send(front, Request("GET", url, (("Accept", "text/html"),)))
    except Unreachable as error:
        raise WrongTarget(f"urls.authorize: {error}") from None


def _check_page(answer: Answer) -> None:
    if answer.location:
        return
    if answer.status in NO_SUCH_PLACE:
        raise WrongTarget(f"urls.authorize: probably not the authorization endpoint, it answers with {answer.status}")
    if answer.status in REFUSALS:
        raise WrongTarget(
            f"clients.{MAIN}: its first redirect URI, or the client, is probably not registered: "
            f"the authorization endpoint answers with a page and status {answer.status}"
        )


def _authorization_step(setting: Setting) -> Step:
    flows = setting.target.flows or setting.rule_set.flows
    params = (
        ("response_type", RESPONSE_CODE if WITH_A_CODE in flows else "token"),
        ("client_id", "${client_id}"),
        ("redirect_uri", "${redirect_uri}"),
        ("scope", "${scope?}"),
        ("state", "${state}"),
    )
    return Step(title="", send=AUTHORIZE, client=MAIN, claims=(), params=params)
