"""How the drafts' statements are put to the service: paths into arguments, answers that can be compared, URIs."""

from __future__ import annotations

import copy
import json
import re
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from mashery_oauth.dialects import DIALECTS
from tests.wire.scene import CODE, DOORS, IMPLICIT, TOKEN, Asked, Members, Scene
from tests.world import HTTPS, Answer

Path = tuple[str, ...]  # the names that lead to an argument

TEXT = re.compile(r"[a-z0-9]{60}|[a-z0-9]{44}")
DRAFTS = ("draft10", "draft16")
both_drafts = pytest.mark.parametrize("profile", DRAFTS)
NO_USER = {"draft10": "none", "draft16": "client_credentials"}
FLOWS = ("code", "password", "no_user", "refresh", "implicit", "token")
REDIRECTED = ("implicit", "token")  # with no body in which a refresh token could be
TOKEN_ERRORS = {
    "invalid_request",
    "invalid_client",
    "invalid_grant",
    "unauthorized_client",
    "unsupported_grant_type",
    "invalid_scope",
}
redirecting = pytest.mark.parametrize("door", [CODE, TOKEN], ids=lambda door: door.name)
every_door = pytest.mark.parametrize("door", DOORS, ids=lambda door: door.name)
each_flow = pytest.mark.parametrize("flow", FLOWS)
each_dialect = pytest.mark.parametrize("dialect", DIALECTS, ids=lambda dialect: dialect.name)


async def made(scene: Scene, flow: str, scope: str | None = "read") -> Answer:
    """A token by a flow; ``scope`` is asked for where the flow asks for one."""
    if flow == "code":
        return await scene.redeem(await scene.code(scope=scope))
    if flow == "refresh":
        return await scene.refresh((await scene.granted(scope=scope))["refresh_token"])
    if flow in REDIRECTED:
        return await replace(scene, door=IMPLICIT if flow == "implicit" else TOKEN).ask(scope=scope)
    return await scene.token({"grant_type": NO_USER[scene.profile] if flow == "no_user" else flow, "scope": scope})


def changed(params: Members, path: Path, value: Any) -> Members:
    """The arguments with another value at a place; Ellipsis takes the argument away."""
    made = copy.deepcopy(params)
    inner = at(made, path[:-1])
    if value is ...:
        inner.pop(path[-1], None)
    else:
        inner[path[-1]] = value
    return made


def at(params: Members, path: Path) -> Any:
    """The value at a place."""
    value: Any = params
    for name in path:
        value = value[name]
    return value


def comparable(answer: Answer) -> Any:
    """An answer in which texts that differ each time are made equal."""
    return answer.status, TEXT.sub("<text>", json.dumps(answer.json))


def asking(scene: Scene) -> Members:
    """Arguments of the authorization step that lack nothing."""
    asked = Asked(scene.service.key, scene.client.client_id, response_type=scene.door.response_type, scope="read")
    return scene.door.arguments(asked)


def exchanging(scene: Scene, **token_data: Any) -> Members:
    """Arguments of the token step that lack nothing."""
    return {
        "service_key": scene.service.key,
        "client": {"client_id": scene.client.client_id, "client_secret": scene.secret},
        "token_data": token_data,
        "uri": {"redirect_uri": HTTPS},
        "user_context": "user",
    }


def location(answer: Answer) -> str:
    """The URI that the user is sent to, in a success or in what may be sent on of a failure."""
    if "result" in answer.json:
        return str(answer.result["uri"]["redirect_uri"])
    return str(answer.oauth["error_response"]["headers"]["Location"])


def in_query(answer: Answer) -> dict[str, list[str]]:
    """The parameters in the query of that URI."""
    return parse_qs(urlsplit(location(answer)).query, keep_blank_values=True)


def in_fragment(answer: Answer) -> dict[str, list[str]]:
    """The parameters in its fragment."""
    return parse_qs(urlsplit(location(answer)).fragment, keep_blank_values=True)


def refusal(answer: Answer) -> str:
    """The OAuth error; empty for a success."""
    return "" if answer.json.get("error") is None else str(answer.oauth["error"])
