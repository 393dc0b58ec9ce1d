"""What a test has at its backend, each thing made in a line; and nothing of what another test had."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import textwrap
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import pytest

from mashery_oauth.client import Client, refusals
from mashery_oauth.testing import Backend, BackendProcess, Refused

from ..effort import tally, times
from .using import credentials, obtain, provider, redeem, refresh, refused

VERIFIER = "v" * 43
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()


@pytest.mark.parametrize(
    ("profile", "grant_type"),
    [
        ("draft10", "none"),
        ("draft16", "client_credentials"),
        ("mashery", "client_credentials"),
        ("rfc6749", "client_credentials"),
        ("oauth21", "client_credentials"),
    ],
)
def test_makes_a_service_of_each_profile_with_its_flows_on(backend: Backend, profile: str, grant_type: str) -> None:
    service = backend.service(profile)
    application = backend.application(service)

    made = obtain(provider(backend), service, application, grant_type=grant_type)

    assert backend.is_alive(made.access_token)


def test_makes_a_service_with_the_flows_and_the_policy_that_are_named(backend: Backend) -> None:
    service = backend.service(flows=["client_credentials"], access_ttl=77, scopes=["read"])
    application = backend.application(service)

    made = obtain(provider(backend), service, application, grant_type="client_credentials", scope="read")

    assert (made.expires_in, made.scope, made.refresh_token) == (77, "read", None)
    error = refused(lambda: obtain(provider(backend), service, application, grant_type="password"))
    assert isinstance(error, refusals.FlowOff)


@pytest.mark.parametrize(
    ("profile", "policy", "said"),
    [
        ("draft16", {"access_ttl": 0}, "access_ttl: must be 1 to 315360000 or off"),
        ("draft16", {"lifetime": 1}, "lifetime: there is no such member"),
        ("draft17", {}, "preset: must be one of"),
        ("oauth21", {"flows": ["implicit"]}, "the profile oauth21 does not know the flow implicit"),
    ],
)
def test_refuses_what_an_operator_may_not_either(
    backend: Backend, profile: str, policy: dict[str, object], said: str
) -> None:
    with pytest.raises(Refused, match=said):
        backend.service(profile, **policy)  # type: ignore[arg-type]


def test_changes_a_policy_at_once(backend: Backend) -> None:
    service = backend.service()
    application = backend.application(service)
    client = provider(backend)
    before = obtain(client, service, application, grant_type="client_credentials")

    backend.change(service, access_ttl=5)

    after = obtain(client, service, application, grant_type="client_credentials")
    assert (before.expires_in, after.expires_in) == (3600, 5)


def test_makes_applications_on_all_services_so_far_or_on_those_that_are_named(backend: Backend) -> None:
    first, second = backend.service(), backend.service("rfc6749")

    everywhere, public = backend.application(), backend.application(second, type="public", name="App", native=True)

    assert everywhere.services == (first, second)
    assert public.services == (second,)
    assert public.client_secret == ""
    shown = provider(backend).fetch_application(second.key, client=credentials(public), include=["type"])
    assert (shown.name, shown.type) == ("App", "public")
    error = refused(lambda: provider(backend).fetch_application(first.key, client=credentials(public)))
    assert isinstance(error, refusals.UnknownClient)


def test_makes_tokens_of_a_user_and_of_a_client(backend: Backend) -> None:
    service = backend.service(default_scopes=["read"])
    application = backend.application()

    users = backend.tokens(application, scope="write")
    own = backend.tokens(application, user_context=None)
    named = backend.tokens(application, flow="password")

    told = [provider(backend).fetch_access_token(service.key, each.access_token) for each in (users, own, named)]
    assert [each.grant_type for each in told] == ["authorization_code", "client_credentials", "password"]
    assert [each.scope for each in told] == ["write", "read", "read"]
    assert [each.user_context for each in told] == ["alice", None, "alice"]
    again = refresh(provider(backend), service, application, users.refresh_token)
    assert again.scope == "write"


def test_makes_tokens_as_the_policy_has_them(backend: Backend) -> None:
    backend.service("draft10", flows=["password"], access_ttl="off")
    without = backend.tokens(backend.application())

    mac = backend.tokens(backend.application(backend.service(token_type="mac")))

    assert (without.refresh_token, without.expires_in) == (None, None)
    assert mac.token_type == "mac"
    assert mac.extended is not None
    assert mac.extended["mac_key"]
    with pytest.raises(Refused, match="there is no nothing"):
        backend.tokens(backend.application(), flow="nothing")


def test_makes_a_code_that_is_bound_as_it_says(backend: Backend) -> None:
    service = backend.service("oauth21")
    application = backend.application(redirect_uris=["https://one.example/cb", "https://two.example/cb"])
    client = provider(backend)
    codes = [
        backend.code(application, code_challenge=CHALLENGE, code_challenge_method="S256", redirect_uri=uri)
        for uri in application.redirect_uris
    ]

    made = redeem(client, service, application, codes[0], VERIFIER)

    assert backend.is_alive(made.access_token)
    mismatch = refused(lambda: redeem(client, service, application, codes[1], VERIFIER))
    assert isinstance(mismatch, refusals.RedirectUriMismatch)
    used = refused(lambda: redeem(client, service, application, codes[0], VERIFIER))
    assert isinstance(used, refusals.InvalidCode)
    assert not backend.is_alive(made.access_token)


def test_makes_nothing_for_an_application_of_another_service(backend: Backend) -> None:
    backend.service()
    application, other = backend.application(), backend.service()

    with pytest.raises(Refused, match="is not on the service"):
        backend.tokens(application, service=other)


def test_makes_nothing_for_an_application_that_was_made_before_any_service(backend: Backend) -> None:
    """It was an IndexError of the plugin's."""
    application = backend.application()

    for make in (backend.code, backend.tokens):
        with pytest.raises(Refused, match="make one first"):
            make(application)


def test_the_provider_is_known_at_each_door(backend: Backend) -> None:
    service = backend.service()
    application = backend.application()

    for caller in (backend.cloud, backend.local):
        obtain(Client(backend.url, caller, retries=0), service, application, grant_type="client_credentials")

    assert [call.dialect for call in backend.calls] == ["cloud", "local_v3"]


def test_a_provider_is_configured_from_the_environment(backend: Backend) -> None:
    variables = backend.environment(BACKEND="{local_v2_url}", AUTH="{user}:{password}", WHERE="{host}:{port}/{site_id}")

    token = base64.b64encode(variables["AUTH"].encode()).decode()
    body = json.dumps({"jsonrpc": "2.0", "method": "test.hello", "id": 1}).encode()
    with urlopen(Request(variables["BACKEND"], body, {"Authorization": f"Basic {token}"})) as answer:
        assert json.load(answer)["result"]
    assert variables["WHERE"] == f"{backend.url.removeprefix('http://')}/{backend.caller.site_id}"
    with pytest.raises(KeyError, match="passwort"):
        backend.environment(BACKEND="{passwort}")


def test_secrets_are_not_in_what_is_printed(backend: Backend) -> None:
    backend.service()
    application = backend.application()
    tokens = backend.tokens(application)

    printed = repr((backend.caller, application, tokens))

    hidden = [backend.caller.secret, backend.caller.password, application.client_secret, tokens.access_token]
    assert [secret for secret in (*hidden, str(tokens.refresh_token)) if secret in printed] == []


def test_nothing_of_another_test_is_there(process: BackendProcess) -> None:
    with process.site() as earlier:
        service = earlier.service()
        token = earlier.tokens(earlier.application()).access_token
        old = provider(earlier)

    for _ in range(times(10)):
        with process.site() as later:
            mine = later.service()
            application = later.application()

            listed = provider(later).fetch_user_applications(mine.key, "alice")
            unknown = refused(lambda: provider(later).fetch_access_token(service.key, token))

            assert listed == []
            assert isinstance(unknown, refusals.UnknownService)
            assert later.calls.of("createAccessToken") == ()
            later.tokens(application)
    tally("sites that were made and removed", times(10))
    assert refused(lambda: old.fetch_access_token(service.key, token)).status == 401


def test_what_the_documentation_shows_is_true(backend: Backend) -> None:
    page = (Path(__file__).parents[2] / "docs" / "testing.rst").read_text()
    blocks = re.findall(r"^\.\. code-block:: python\n\n((?:   .*\n|\n)+)", page, re.MULTILINE)
    names: dict[str, Any] = {"oauth_backend": backend, "environment": {}}

    for block in blocks:
        exec(textwrap.dedent(block), names)

    assert names["environment"]["BACKEND_USER"] == backend.caller.user
    told = re.search(r"those of ``oauth_backend.settings\(\)``: (.*)\.$", page, re.MULTILINE)
    assert told is not None
    assert re.findall(r"``(\w+)``", told[1]) == list(backend.settings())


def test_nothing_of_a_site_is_left_when_it_is_over(process: BackendProcess) -> None:
    with process.site() as earlier:
        service = earlier.service()
        application = earlier.application()

    with process.site() as later:
        site, listen = {"id": later.caller.site_id, "name": "Later"}, later.caller.apikey
        at_site = {"site": later.caller.site_id, "name": "The same name"}
        entry = {"key": service.key, "preset": "draft16", "policy": {}, **at_site}
        process.ask("service", entry=entry, flows=None)
        process.ask("application", entry={"client_id": application.client_id, "redirect_uris": [], **at_site})
        process.ask("site", site=site, callers=[{"apikey": earlier.caller.apikey, **at_site}], listen=listen)

        with pytest.raises(Refused, match="site"):  # what is there belongs to one site for good
            process.ask("service", entry={**entry, "site": 1}, flows=None)
