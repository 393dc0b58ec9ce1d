"""Texts that others took for code, and every argument that a text can be put into."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from marshmallow import fields

from mashery_oauth.methods import METHODS
from mashery_oauth.models import Application, Service
from mashery_oauth.shapes import StringOrList
from tests.world import HTTPS, SECRET

MARK = "h0stile"
PRODUCT = str(1337 * 7331)  # what a payload that is carried out leaves in an answer
LUA = "redis.call('SET','h0stile',1)"

PAYLOADS = {
    "expression": "${1337*7331}h0stile",
    "spring": "%{#1337*7331}h0stile",
    "spel": "#{T(java.lang.Runtime).getRuntime().exec('h0stile')}",
    "template": "{{1337*7331}}h0stile",
    "template-block": "{% for h0stile in [] %}{{1337*7331}}{% endfor %}",
    "f-string": "{1337*7331}h0stile",
    "format": "{0.__class__.__init__.__globals__}h0stile",
    "percent": "%s%s%n%(h0stile)s%x",
    "lua": f"'); {LUA}; ('",
    "lua-long": f"]] {LUA} --[[",
    "lua-json": '"}; ' + LUA + " --",
    "lua-pattern": "%f[%a]h0stile%1%b()",
    "resp": "h0stile\r\nSET h0stile 1\r\n",
    "resp-bulk": "*3\r\n$3\r\nSET\r\n$7\r\nh0stile\r\n$1\r\n1\r\n",
    "json": '","used":false,"h0stile":"',
    "record": "0.0.1.1.99999999999999....|{h0stile",
    "cluster": "{a}h0stile{b}:*",
    "glob": "*h0stile?[a-z]",
    "sql": "h0stile' OR '1'='1' --",
    "ldap": "*)(uid=h0stile))(|(uid=*",
    "shell": "$(touch h0stile)`id`;|&",
    "markup": "<script>alert('h0stile')</script>",
    "attribute": '" onload="h0stile',
    "header": "h0stile\r\nSet-Cookie: h0stile=1",
    "header-lf": "h0stile\nLocation: https://evil.example/",
    "json-line": 'h0stile\n{"event":"forged","level":"error"}',
    "terminal": "\x1b[31mh0stile\x1b[0m",
    "nul": "h0stile\x00.example",
    "bidi": "\u202eh0stile\u2066",
    "lines": "h0stile\u2028\u2029\u0085",
    "emoji": "h0stile\U0001f4a5" * 20,
    "pickle": "cos\nsystem\n(S'h0stile'\ntR.",
    "path": "../../../../etc/h0stile",
    "prototype": "__proto__h0stile",
    "long": "h0stile" * 600,
    "longest": "h0stile" * 20_000,
}


@dataclass(frozen=True, slots=True)
class Target:
    """One argument that takes a text, and how a call looks with it."""

    method: str
    path: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.method}-{'.'.join(self.path)}"

    def filled(self, base: dict[str, Any], text: str) -> dict[str, Any]:
        """The arguments of a call that would be right, with a text in this one's place."""
        outer, *inner = self.path
        if not inner:
            return base | {outer: text}
        return base | {outer: {**base.get(outer, {}), inner[0]: text}}


def targets() -> Iterator[Target]:
    """Every argument of every method that takes a text, as the schemas have them."""
    for name, method in METHODS.items():
        for argument, field in method.arguments.schema.fields.items():
            if isinstance(field, fields.Nested):
                yield from (Target(name, (argument, inner)) for inner in field.schema.fields)
            elif isinstance(field, fields.String | StringOrList | fields.Raw):
                yield Target(name, (argument,))


def right(method: str, service: Service, client: Application, grant: dict[str, Any]) -> dict[str, Any]:
    """Arguments that a method takes, so that a single hostile one is looked at."""
    identity = {"client_id": client.client_id, "client_secret": SECRET}
    asked = {"client": identity, "uri": {"redirect_uri": HTTPS}, "response_type": "code"}
    refresh = {"grant_type": "refresh_token", "refresh_token": grant["refresh_token"]}
    arguments: dict[str, dict[str, Any]] = {
        "oauth2.fetchApplication": asked,
        "oauth2.createAuthorizationCode": asked,
        "oauth2.createAccessToken": {"client": identity, "token_data": refresh, "uri": {"redirect_uri": HTTPS}},
        "oauth2.fetchAccessToken": {"access_token": grant["access_token"]},
        "oauth2.fetchUserApplications": {"user_context": "user"},
        "oauth2.revokeAccessToken": {"client": identity, "access_token": "x" * 44},
        "oauth2.revokeUserApplication": {"client": identity, "user_context": "nobody"},
        "oauth2.updateAccessToken": {"client": identity, "access_token": grant["access_token"]},
    }
    return {"service_key": service.key} | arguments[method] if method in arguments else {}
