"""The examples that are printed in the drafts and by one vendor, and the client that they are of."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl, urlsplit

from mashery_oauth.flows import FLOWS
from mashery_oauth.models import Service
from mashery_oauth.operations.importing import CREATE, take_over
from mashery_oauth.store.texts import random_letters
from tests.world import World

from .scene import LOGIN, USER, Provider, Serve, entry
from .visiting import Visitor

CLIENT_ID, CLIENT_SECRET, REDIRECT_URI = "s6BhdRkqt3", "gX1fBat3bV", "https://client.example.com/cb"
CODE, REFRESH = "i1WsRn1uB1", "n4E9O119d"
BASIC = {"Authorization": "Basic czZCaGRSa3F0MzpnWDFmQmF0M2JW"}
ENCODED_URI = "https%3A%2F%2Fclient%2Eexample%2Ecom%2Fcb"
# The path of the authorization endpoint is a server's own choice; the drafts print /authorize and /token.
ASK = f"/oauth2/authorize?response_type={{}}&client_id={CLIENT_ID}&redirect_uri={ENCODED_URI}"
WITH_BASIC = f"grant_type=authorization_code&client_id={CLIENT_ID}&code={CODE}&redirect_uri={ENCODED_URI}"
WITH_SECRET = (
    f"grant_type=authorization_code&client_id={CLIENT_ID}&client_secret={CLIENT_SECRET}"
    f"&code={CODE}&redirect_uri={ENCODED_URI}"
)
PASSWORD = "grant_type=password&client_id=s6BhdRkqt3&username=johndoe&password=A3ddj3w"
OWN = "grant_type=client_credentials&client_id=s6BhdRkqt3"
RENEW = "grant_type=refresh_token&client_id=s6BhdRkqt3&refresh_token=n4E9O119d"
SAML = (
    "grant_type=http%3A%2F%2Foauth.net%2Fgrant_type%2Fassertion%2Fsaml%2F2.0%2Fbearer"
    "&assertion=PEFzc2VydGlvbiBJc3N1ZUluc3RhbnQ[...]V0aG5TdGF0ZW1lbnQ-PC9Bc3NlcnRpb24-"
)
OLD_PASSWORD = "grant_type=password&client_id=s6BhdRkqt3&client_secret=47HDu8s&username=johndoe&password=A3ddj3w"
OLD_RENEW = "grant_type=refresh_token&client_id=s6BhdRkqt3&client_secret=8eSEIpnqmM&refresh_token=n4E9O119d"
OLD_ASSERTION = (
    "grant_type=assertion&assertion_type=urn%3Aoasis%3Anames%3Atc%3ASAML%3A2.0%3Aassertion"
    "&assertion=PHNhbWxwOl...[omitted]...ZT4%3D"
)
NONE = "grant_type=none&client_id=s6BhdRkqt3&client_secret=gX1fBat3bV&scope=accounts_read+accounts_write"
BARRACUDA = (
    "client_id=0123456789abcdef0123456789abcdef&client_secret=fedcba9876543210fedcba9876543210"
    "&grant_type=none&scope=accounts_read%2Baccounts_write"
)


async def imported(
    world: World,
    serve: Serve,
    profile: str,
    *,
    client_id: str = CLIENT_ID,
    secret: str = CLIENT_SECRET,
    rendering: str = "",
    **policy: object,
) -> tuple[Provider, Service]:
    """A provider in front of a service on which the client of the examples has been imported."""
    configuration = world.store.configuration
    await configuration.fresh()
    former = await configuration.application(client_id)
    if former is not None:
        await world.write(deletes=[former])
    key = random_letters(24)
    flows = [name for name, flow in FLOWS.items() if flow.known_in(profile)]
    service = {"preset": profile, "policy": {"flows": flows, **policy}, "key": key, "name": "example"}
    client = {
        "client_id": client_id,
        "client_secret": secret,
        "redirect_uris": [REDIRECT_URI],
        "services": [key],
        "name": "Example Client",
    }
    at_site = {"site": world.site.id}
    verdicts = await take_over(world.store, {"services": [at_site | service], "applications": [at_site | client]})
    assert [verdict.outcome for verdict in verdicts] == [CREATE, CREATE], verdicts
    made = await configuration.service(key)
    assert made is not None
    return await serve(entry(made, rendering=rendering or profile, resource="/resource")), made


async def decided(provider: Provider, response_type: str, decision: str) -> tuple[int, str, list[tuple[str, str]]]:
    """The printed authorization request, login and decision: status, place and members of the redirection."""
    visitor = Visitor(provider.http)
    page = await visitor.get(ASK.format(response_type))
    if page.has_form("/login"):
        page = await visitor.log_in(page, *LOGIN)
    page = await visitor.decide(page, decision)
    parts = urlsplit(page.location)
    place = page.location.partition("?")[0].partition("#")[0]
    assert not (parts.query and parts.fragment)
    return page.status, place, parse_qsl(parts.query or parts.fragment)


async def fresh_code(provider: Provider) -> str:
    """A code, had by the printed request."""
    _, _, members = await decided(provider, "code", "allow")
    return dict(members)["code"]


async def fresh_refresh_token(world: World, service: Service, secret: str = CLIENT_SECRET) -> str:
    """A refresh token of the client of the examples."""
    params = {
        "service_key": service.key,
        "client": {"client_id": CLIENT_ID, "client_secret": secret},
        "token_data": {"grant_type": "password"},
        "user_context": USER.user_context,
    }
    return str((await world.call("createAccessToken", params)).result["refresh_token"])


def members_of(answer: Any) -> list[str]:
    """The members of a token answer, in their order; it must be one, and nobody may keep it."""
    assert (answer.status, answer.headers["Content-Type"]) == (200, "application/json"), answer
    assert answer.headers["Cache-Control"] == "no-store"
    return list(answer.json)
