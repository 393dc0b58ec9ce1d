"""``/oauth2/authorize``: reads the client's request and has it judged before the user is asked anything.

RFC 6749 §3.1, §4.1.1, §4.2.1. The request is kept nowhere: it travels, sealed, through login and consent, and is
judged anew at each step.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from urllib.parse import parse_qsl, urlencode

from aiohttp import web

from ..client import Application, BackendError, ClientCredentials, Redirect
from ..errors import CHALLENGE_MISSING, CLIENT_ID_MISSING, REDIRECT_MISSING, UNKNOWN_CLIENT
from .parts import BACKEND, REGISTRY
from .redirecting import client_at_fault, refused, sent_on, with_members
from .registry import AmbiguousClient, Registered

PARAMETERS_MOST = 100
IMPLICIT = "token"  # the response type whose answers go where the profile says, mostly into the fragment
_NO_RESPONSE_TYPE = "Response type is required"
_TWICE = "A parameter is there twice"
_UNREADABLE = "The request cannot be read"
_REQUIRED = "required"  # what the backend says of PKCE
_UNHEARD_OF = "none"  # no response type of any text


class Turned(Exception):
    """The request goes no further; the response says so to whoever is to know."""

    def __init__(self, response: web.Response) -> None:
        super().__init__()
        self.response = response


@dataclass(frozen=True, slots=True)
class Asked:
    """What a client has asked for; a parameter without a value is one that is not there (RFC 6749 §3.1)."""

    query: str = field(repr=False)  # as it came
    client_id: str | None = None
    redirect_uri: str | None = None
    response_type: str | None = None
    scope: str | None = None
    state: str | None = field(default=None, repr=False)
    code_challenge: str | None = None
    code_challenge_method: str | None = None
    twice: tuple[str, ...] = ()

    @property
    def uri(self) -> Redirect:
        """Where it wants the user sent, in the backend's terms."""
        return Redirect(self.redirect_uri, self.state)


@dataclass(frozen=True, slots=True)
class Judged:
    """A request that is in order: what the user is asked about."""

    asked: Asked
    client: Registered
    application: Application

    @property
    def credentials(self) -> ClientCredentials:
        """The client, which shows no secret here."""
        return ClientCredentials(self.client.client_id)

    @property
    def redirect_uri(self) -> str:
        """Where the user goes when all is said."""
        return (self.application.uri and self.application.uri.redirect_uri) or ""


PARAMETERS = tuple(name for name in Asked.__dataclass_fields__ if name not in ("query", "twice"))


def read(query: str) -> Asked | None:
    """The request in a query; ``None`` if it cannot be read. Parameters that nobody knows are passed over."""
    try:
        pairs = parse_qsl(query, errors="strict", max_num_fields=PARAMETERS_MOST)
    except ValueError:
        return None
    names = [name for name, _ in pairs]
    twice = tuple(name for name in PARAMETERS if names.count(name) > 1)
    return Asked(query, twice=twice, **{name: value for name, value in pairs if name in PARAMETERS})


async def judged(request: web.Request, query: str) -> Judged:
    """The request, if the user may be asked about it.

    :raises Turned: it is not in order.
    """
    asked = read(query)
    if asked is None:
        raise Turned(await client_at_fault(request, "invalid_request", _UNREADABLE))
    client = await _client(request, asked)
    try:
        found = Judged(asked, client, await _fetched(request, asked, client, asked.response_type))
    except BackendError as error:
        raise Turned(await refused(request, client.rendering, error)) from None
    if problem := _problem(found):
        response = await told(request, found, "invalid_request", problem)
        raise Turned(response if response is not None else await client_at_fault(request, "invalid_request", problem))
    return found


def _problem(found: Judged) -> str | None:
    """What the backend cannot see, or would tell only after the user has been asked."""
    asked = found.asked
    if asked.twice:
        return _TWICE
    if not found.redirect_uri:  # none came, and none or several are registered
        return REDIRECT_MISSING.message
    if asked.response_type is None:
        return _NO_RESPONSE_TYPE
    if asked.code_challenge is None and asked.response_type != IMPLICIT and found.application.pkce == _REQUIRED:
        return CHALLENGE_MISSING.message
    return None


async def told(request: web.Request, found: Judged, error: str, description: str) -> web.Response | None:
    """Tells the client what only the provider knows, by redirection; ``None`` where nobody vouches for the URI."""
    asked, profile = found.asked, found.client.rendering.profile
    if not await _vouched_for(request, found):
        return None
    members = {"error": error, "error_description": description}
    if asked.state is not None and "state" not in asked.twice:
        members["state"] = asked.state
    component = profile.implicit_error_component if asked.response_type == IMPLICIT else "query"
    location = with_members(found.redirect_uri, component, urlencode(members))
    return sent_on(request, found.client.rendering, location, profile.redirect_status)


async def _fetched(request: web.Request, asked: Asked, client: Registered, response_type: str | None) -> Application:
    return await request.config_dict[BACKEND].fetch_application(
        client.service.service_key,
        client=ClientCredentials(client.client_id),
        uri=asked.uri,
        response_type=response_type,
        scope=asked.scope,
        code_challenge=asked.code_challenge,
        code_challenge_method=asked.code_challenge_method,
        include=("uri", "pkce"),
    )


async def _vouched_for(request: web.Request, found: Judged) -> bool:
    """Whether errors may go to this redirect URI: whether the backend, given cause, sends one there itself."""
    try:
        await _fetched(request, found.asked, found.client, _UNHEARD_OF)
    except BackendError as error:
        return error.response is not None and error.response.redirect_uri is not None
    return False


async def _client(request: web.Request, asked: Asked) -> Registered:
    """The client, at the service that knows it. Until that is certain, nobody is sent anywhere."""
    if asked.client_id is None:
        raise Turned(await client_at_fault(request, CLIENT_ID_MISSING.authorization, CLIENT_ID_MISSING.message))
    if {"client_id", "redirect_uri"} & set(asked.twice):
        raise Turned(await client_at_fault(request, "invalid_request", _TWICE))
    try:
        client = await request.config_dict[REGISTRY].find(asked.client_id)
    except AmbiguousClient:
        raise Turned(await client_at_fault(request, "server_error", "Two services know this client")) from None
    except BackendError as error:
        raise Turned(await refused(request, None, error)) from None
    if client is None:
        raise Turned(await client_at_fault(request, UNKNOWN_CLIENT.authorization, UNKNOWN_CLIENT.message))
    return client
