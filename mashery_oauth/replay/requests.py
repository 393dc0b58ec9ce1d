"""The request of a step: addresses, parameters, and the client's authentication as its text has it."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from urllib.parse import quote_plus, urlencode

from .exchange import Request
from .forms import FORM_TYPE
from .rules import FORM, RuleSet
from .scenario import OWN, Step
from .target import Client, Target
from .variables import Unset, Values, fill, fill_pairs

RESPONSE_CODE = "code"
JSON_TYPE = "application/json"
# Where in a request the client is told of: in the header, by identifier in the body, by secret in the body.
WAYS = {
    "basic": (True, False, False),
    "bare_basic": (True, False, False),
    "body": (False, True, True),
    "both": (True, True, True),
    "id": (False, True, False),
    "none": (False, False, False),
}


@dataclass(frozen=True, slots=True)
class Setting:
    """Who plays by which text against what."""

    target: Target
    rule_set: RuleSet

    @property
    def urls(self) -> dict[str, str]:
        """The address of each kind of step."""
        target = self.target
        return {
            "token": target.token_url,
            "revoke": target.revoke_url,
            "introspect": target.introspect_url,
            "resource": target.resource_url,
        }


def authorization_url(step: Step, setting: Setting, values: Values) -> str:
    """Where the owner's browser begins.

    :raises Unset: a value is not there.
    """
    pairs = fill_pairs(step.params, values)
    sent = dict(pairs)
    if _uses_pkce(step, setting) and sent.get("response_type") == RESPONSE_CODE:
        pairs += [("code_challenge", values["challenge"]), ("code_challenge_method", "S256")]
    return with_query(setting.target.authorize_url, pairs)


def request_of(step: Step, setting: Setting, values: Values) -> Request:
    """What is sent to another endpoint than that one.

    :raises Unset: a value is not there.
    """
    url = with_query(setting.urls[step.send], fill_pairs(step.query, values))
    pairs, headers = fill_pairs(step.params, values), fill_pairs(step.headers, values)
    if step.send != "resource":
        headers.append(("Accept", JSON_TYPE))
        _authenticate(step, setting, values, pairs, headers)
        if _uses_pkce(step, setting) and RESPONSE_CODE in dict(pairs):
            pairs.append(("code_verifier", values["verifier"]))
    method = step.method or ("GET" if step.send == "resource" and not pairs else "POST")
    if method == "GET":
        return Request(method, with_query(url, pairs), tuple(headers))
    headers.append(("Content-Type", JSON_TYPE if step.json else FORM_TYPE))
    body = json.dumps(dict(pairs)) if step.json else urlencode(pairs)
    return Request(method, url, tuple(headers), body.encode())


def with_query(url: str, pairs: list[tuple[str, str]]) -> str:
    """The URL with more in its query; what it has there stays (RFC 6749 §3.1)."""
    return f"{url}{'&' if '?' in url else '?'}{urlencode(pairs)}" if pairs else url


def basic(client_id: str, secret: str, encoding: str) -> str:
    """A Basic header: RFC 6749 §2.3.1 encodes both parts as a form does, the drafts do not."""
    parts = [quote_plus(part) if encoding == FORM else part for part in (client_id, secret)]
    return "Basic " + base64.b64encode(":".join(parts).encode()).decode()


def _uses_pkce(step: Step, setting: Setting) -> bool:
    client = setting.target.client(step.client)
    public = client is not None and not client.client_secret
    return step.pkce and (setting.rule_set.pkce or (public and setting.target.pkce))


def _authenticate(
    step: Step, setting: Setting, values: Values, pairs: list[tuple[str, str]], headers: list[tuple[str, str]]
) -> None:
    """Adds who the client is; parameters that the step has itself are not added again."""
    client = setting.target.client(step.client)
    if client is None:
        raise Unset(step.client)
    way = _way(step, setting, client)
    in_header, id_in_body, secret_in_body = WAYS[way]
    secret = client.client_secret if step.secret is None else fill(step.secret, values)
    if in_header:
        headers.append(("Authorization", basic(client.client_id, secret, setting.rule_set.basic_encoding)))
        id_in_body = id_in_body or (setting.rule_set.id_beside_basic and way == "basic" and step.send == "token")
    told = {name for name, _ in pairs}
    added = [("client_id", client.client_id)] if id_in_body else []
    added += [("client_secret", secret)] if secret_in_body else []
    pairs += [(name, value) for name, value in added if name not in told]


def _way(step: Step, setting: Setting, client: Client) -> str:
    if step.auth != OWN:
        return step.auth
    if not client.client_secret:
        return "id"
    return setting.target.auth or setting.rule_set.auth
