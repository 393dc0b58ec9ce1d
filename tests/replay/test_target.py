"""What a scenario may refer to of a target."""

from __future__ import annotations

from dataclasses import replace

from mashery_oauth.replay import Client, Login, Target

MAIN = Client("main-id", "main-secret", ("https://a.example/cb", "https://a.example/cb?x=1"))
TARGET = Target(
    "https://server.example/token",
    {"main": MAIN, "public": Client("public-id", "", ("https://b.example:8443/back",))},
    user="anna",
    password="password-of-anna",
    login=Login(cookie="session=cookie-of-anna"),
    scopes=("read", "write"),
)


def test_the_values_are_those_of_the_scenarios_client() -> None:
    main, public = TARGET.values("main"), TARGET.values("public")

    assert (main["client_id"], main["redirect_uri_with_query"]) == ("main-id", "https://a.example/cb?x=1")
    assert (public["client_id"], public["redirect_host"]) == ("public-id", "b.example:8443")
    assert public["main.client_id"] == "main-id"
    assert "client_secret" not in public
    assert (main["scope"], main["narrow_scope"], main["plus_scope"]) == ("read write", "read", "read+write")


def test_knows_its_secrets_and_shows_none() -> None:
    assert set(TARGET.secrets) == {
        *("main-secret", "main-id:main-secret", "password-of-anna"),
        *("session=cookie-of-anna", "cookie-of-anna"),
    }
    assert [secret for secret in TARGET.secrets if secret in repr(TARGET)] == []


def test_tells_the_schemes_of_addresses_that_are_not_on_this_machine() -> None:
    target = Target(
        "https://server.example/token",
        {},
        authorize_url="http://10.0.0.1/authorize",
        revoke_url="http://127.8.0.1:80/",
        introspect_url="https://[::1]/",
        resource_url="http://api.localhost/",
    )

    assert target.schemes == {"token": "https", "authorize": "http"}
    assert Target("http://localhost:8080/token", {}).schemes == {}
    assert Target("http://localhost.example/token", {}).schemes == {"token": "http"}


def test_the_single_one_is_whichever_has_a_secret_and_one_redirect_uri() -> None:
    second = Client("second-id", "second-secret", ("https://c.example/cb",))
    both = replace(TARGET, clients={**TARGET.clients, "second": second})

    assert TARGET.client("single") is None
    assert both.client("single") == second
    assert both.values("single")["redirect_uri"] == "https://c.example/cb"
