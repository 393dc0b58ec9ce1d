"""What one user does with the application: the code flow, step by step, each with what was sent and what came back.

RFC 6749 §4.1 with PKCE (RFC 7636). ``state`` and verifier are new for each start and belong to one browser; an answer
with another state, or from another issuer (RFC 9207), is not taken.
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode, urlsplit

from aiohttp import ClientSession

SCOPE = "payments:read"
SHOWN = 8  # letters of a secret
_SECRET = ("access_token", "refresh_token", "code", "code_verifier", "client_secret")


@dataclass(frozen=True, slots=True)
class Client:
    """What the application knows of itself and of its provider."""

    client_id: str
    client_secret: str = field(repr=False)
    provider: str
    redirect_uri: str
    resource: str  # path of the protected page


@dataclass(frozen=True, slots=True)
class Step:
    """One request and its answer, as they are shown."""

    title: str
    request: str
    answer: str
    failed: bool = False


def shortened(members: Mapping[str, Any]) -> dict[str, Any]:
    """The members with little of what is secret: the page may be on a screen that others see."""
    return {
        name: f"{value[:SHOWN]}…" if name in _SECRET and isinstance(value, str) else value
        for name, value in members.items()
    }


@dataclass(slots=True)
class Journey:
    """One start of the flow, in one browser."""

    client: Client
    state: str = field(default_factory=lambda: secrets.token_urlsafe(24), repr=False)
    verifier: str = field(default_factory=lambda: secrets.token_urlsafe(48), repr=False)
    code: str | None = field(default=None, repr=False)
    tokens: dict[str, Any] = field(default_factory=dict, repr=False)
    steps: list[Step] = field(default_factory=list)

    def begin(self) -> str:
        """Where to send the user (RFC 6749 §4.1.1)."""
        digest = hashlib.sha256(self.verifier.encode()).digest()
        asked = {
            "response_type": "code",
            "client_id": self.client.client_id,
            "redirect_uri": self.client.redirect_uri,
            "scope": SCOPE,
            "state": self.state,
            "code_challenge": base64.urlsafe_b64encode(digest).rstrip(b"=").decode(),
            "code_challenge_method": "S256",
        }
        address = f"{self.client.provider}/oauth2/authorize"
        self.steps = [
            Step("Ask the user", _lines(f"GET {address}", asked), "The provider shows its pages to the user.")
        ]
        return f"{address}?{urlencode(asked)}"

    def back(self, answer: Mapping[str, str]) -> bool:
        """The user comes back with a code, or with an error (§4.1.2); false if this browser has not asked for it."""
        ours = secrets.compare_digest(answer.get("state", "").encode(), self.state.encode())
        if not ours or answer.get("iss", self.client.provider) != self.client.provider:
            return False
        self.code = answer.get("code")
        request = _lines(f"GET {self.client.redirect_uri}", shortened(answer))
        self.steps.append(Step(_outcome(answer), request, "", failed=not self.code))
        return True

    async def exchange(self, http: ClientSession) -> None:
        """The code becomes a token (§4.1.3); it works once."""
        form = {
            "grant_type": "authorization_code",
            "client_id": self.client.client_id,
            "code": self.code or "",
            "redirect_uri": self.client.redirect_uri,
            "code_verifier": self.verifier,
        }
        self.code = None
        await self._token(http, "Exchange the code for a token", form)

    async def refresh(self, http: ClientSession) -> None:
        """A new token for the refresh token, without the user (§6)."""
        form = {
            "grant_type": "refresh_token",
            "client_id": self.client.client_id,
            "refresh_token": self.tokens.get("refresh_token", ""),
        }
        await self._token(http, "Refresh the token", form)

    async def open(self, http: ClientSession) -> None:
        """The protected page, with the token (RFC 6750 §2.1)."""
        token = str(self.tokens.get("access_token", ""))
        address = f"{self.client.provider}{self.client.resource}"
        async with http.get(address, headers={"Authorization": f"Bearer {token}"}) as response:
            answer = _answer(response.status, response.headers, _indented(await response.text()))
        request = f"GET {address}\nAuthorization: Bearer {token[:SHOWN]}…"
        self.steps.append(Step("Open the protected page", request, answer, failed=not response.ok))

    async def _token(self, http: ClientSession, title: str, form: Mapping[str, str]) -> None:
        address = f"{self.client.provider}/oauth2/token"
        pair = f"{self.client.client_id}:{self.client.client_secret}"
        basic = {"Authorization": f"Basic {base64.b64encode(pair.encode()).decode()}"}
        async with http.post(address, data=form, headers=basic) as response:
            members = await response.json()
            shown = json.dumps(shortened(members), indent=2, ensure_ascii=False)
            answer = _answer(response.status, response.headers, shown)
        request = _lines(f"POST {address}\nAuthorization: Basic …", shortened(form))
        self.steps.append(Step(title, request, answer, failed=not response.ok))
        if "access_token" in members:
            self.tokens = members


def _indented(body: str) -> str:
    """JSON a member a line; whatever else it is, as it is."""
    try:
        return json.dumps(json.loads(body), indent=2, ensure_ascii=False)
    except ValueError:
        return body


def _outcome(answer: Mapping[str, str]) -> str:
    """What the provider's answer says: the user's decision, or that it did not come to one."""
    if answer.get("code"):
        return "The user has allowed it"
    denied = answer.get("error") == "access_denied"
    return "The user has not allowed it" if denied else "The provider has refused it, and the user could not decide"


def _lines(first: str, members: Mapping[str, Any]) -> str:
    return "\n".join([first, *(f"  {name} = {value}" for name, value in members.items())])


def _answer(status: int, headers: Mapping[str, str], body: str) -> str:
    challenge = headers.get("WWW-Authenticate")
    return "\n".join(filter(None, (str(status), challenge and f"WWW-Authenticate: {challenge}", body.strip())))


def client_of(demo: Mapping[str, Any], origin: str) -> Client:
    """The application as the demo's file has it.

    :param origin: scheme, host and port under which the application itself is reached.
    """
    registered = demo["applications"]["sample-client"]
    return Client(
        client_id=registered["client_id"],
        client_secret=registered["client_secret"],
        provider=demo["urls"]["provider"],
        redirect_uri=f"{origin}{urlsplit(registered['redirect_uris'][0]).path}",
        resource=f"/resource/{registered['services'][0]}",
    )
