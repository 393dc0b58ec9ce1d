"""A target in a file."""

from __future__ import annotations

import re
import textwrap
from pathlib import Path

import pytest

from mashery_oauth.replay import Client, Login, Malformed, Target
from mashery_oauth.replay.target_file import read_targets

WHOLE = """
name = "Bank"
profiles = ["draft16"]
scopes = ["read", "write"]
flows = ["implicit"]
pkce = true
client_authentication = "body"
code_lifetime = 2.5
ca_file = "ca.pem"
timeout = 5

[urls]
token = "https://server.example/token"
authorize = "https://server.example/authorize"
revoke = "https://server.example/revoke"
introspect = "https://server.example/introspect"
resource = "https://server.example/resource"
pages = ["https://login.example"]

[clients.main]
client_id = "id"
client_secret = { env = "SECRET_OF_A_TEST" }
redirect_uris = ["https://client.example/cb"]

[clients.public]
client_id = "public"

[user]
name = "anna"
password = "password"

[login]
approve = "Ja"
command = ["./login"]
"""
SHORT = '[urls]\ntoken = "https://server.example/token"\n[clients.main]\nclient_id = "id"\n'


def read(text: str, tmp_path: Path) -> Target:
    file = tmp_path / "bank.toml"
    file.write_text(text)
    (target,) = read_targets(file)
    return target


def test_reads_all_of_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_OF_A_TEST", "secret")

    target = read(WHOLE, tmp_path)

    assert target == Target(
        "https://server.example/token",
        {"main": Client("id", "secret", ("https://client.example/cb",)), "public": Client("public")},
        name="Bank",
        profiles=("draft16",),
        authorize_url="https://server.example/authorize",
        revoke_url="https://server.example/revoke",
        introspect_url="https://server.example/introspect",
        resource_url="https://server.example/resource",
        own_origins=("https://login.example",),
        login=Login(approve="Ja", command=("./login",)),
        user="anna",
        password="password",
        scopes=("read", "write"),
        flows=("implicit",),
        pkce=True,
        auth="body",
        code_lifetime=2.5,
        ca_file="ca.pem",
        timeout=5,
    )


def test_a_little_is_enough(tmp_path: Path) -> None:
    assert read(SHORT, tmp_path) == Target("https://server.example/token", {"main": Client("id")}, name="bank")


def test_who_is_named_signs_in_by_the_forms(tmp_path: Path) -> None:
    assert read(SHORT + '[user]\nname = "anna"\npassword = "password"\n', tmp_path).login == Login()


SEVERAL = """
name = "Bank"
scopes = ["read"]

[urls]
token = "https://server.example/token"

[[targets]]
profiles = ["draft10"]
urls.resource = "https://server.example/old"
clients.main.client_id = "old"

[[targets]]
profiles = ["draft16"]
scopes = ["read", "write"]
clients.main.client_id = "new"
"""


def test_several_targets_say_what_differs(tmp_path: Path) -> None:
    file = tmp_path / "bank.toml"
    file.write_text(SEVERAL)

    old, new = read_targets(file)

    assert (old.name, old.profiles, old.scopes, old.clients) == (
        "Bank",
        ("draft10",),
        ("read",),
        {"main": Client("old")},
    )
    assert (old.token_url, old.resource_url) == ("https://server.example/token", "https://server.example/old")
    assert (new.name, new.profiles, new.scopes) == ("Bank", ("draft16",), ("read", "write"))
    assert (new.clients, new.token_url, new.resource_url) == ({"main": Client("new")}, old.token_url, "")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("more = 1\n" + SHORT, "toml: more is not known here; there are targets, urls, "),
        ("target = 1\n" + SHORT, "toml: target is not known here; there are targets, urls, "),
        ("scope = []\n" + SEVERAL, "toml: scope is not known here; there are "),
        (SEVERAL.replace("token =", "tokens ="), "toml: targets 1: urls: token is missing"),
        (SEVERAL.replace("[urls]", "[urls]\nrevoked = 1"), "toml: urls: revoked is not known here; there are token, "),
        (SEVERAL.replace("https://server.example/token", "ftp://x"), "toml: urls: token is no URL of https or http"),
        (SEVERAL.replace("https://server.example/old", "ftp://x"), "toml: targets 1: urls: resource is no URL of "),
        (SEVERAL.replace('["read"]', "1"), "toml: scopes is not a list of strings"),
        (SEVERAL.replace('["read", "write"]', "1"), "toml: targets 2: scopes is not a list of strings"),
        (SEVERAL + "urls.tokn = 1\n", "toml: targets 2: urls: tokn is not known here"),
        (SEVERAL.replace("urls.resource", "urls.resources"), "targets 1: urls: resources is not known here"),
        (SEVERAL.replace('client_id = "new"', 'id = "new"'), "targets 2: clients: main: client_id is missing"),
        (SEVERAL + "targets = 1\n", "targets 2: targets is not known here"),
        ("targets = 1\n" + SHORT, "targets is not a list of tables"),
        (SHORT.replace("main", "chief"), "clients: chief is not known here; there are main, second, public"),
        (SHORT.replace("[clients.main]", "[clients.public]"), "clients: main is missing"),
        (SHORT.replace("client_id", "id"), "clients: main: client_id is missing"),
        (SHORT.replace("token =", "tokens ="), "urls: token is missing"),
        (SHORT.replace("https://", "ftp://"), "urls: token is no URL of https or http"),
        ('profiles = ["draft17"]\n' + SHORT, "profiles has draft17"),
        ('client_authentication = "both"\n' + SHORT, "client_authentication is none of"),
        ("timeout = inf\n" + SHORT, "timeout is not a number from 0 to"),
        ("timeout = nan\n" + SHORT, "timeout is not a number from 0 to"),
        ("timeout = 1e400\n" + SHORT, "timeout is not a number from 0 to"),
        ("timeout = 0\n" + SHORT, "timeout is not a number above 0"),
        ("code_lifetime = -1\n" + SHORT, "code_lifetime is not a number from 0 to"),
        (f"code_lifetime = {'9' * 400}\n" + SHORT, "code_lifetime is not a number from 0 to"),
        (f"code_lifetime = {'9' * 5000}\n" + SHORT, "4300 digits"),
        (SHORT.replace("https://server.example/token", "http://["), "urls: token is no URL that can be read"),
        (SHORT.replace("server.example", "server.example:99999"), "urls: token is no URL that can be read"),
        (SHORT.replace("[clients", 'pages = ["server.example"]\n[clients'), "urls: pages is no URL of https or http"),
        (SHORT + 'redirect_uris = ["/cb"]\n', "clients: main: redirect_uris has what is no absolute URI"),
        (SHORT + 'redirect_uris = ["http://["]\n', "clients: main: redirect_uris has what is no absolute URI"),
        (SHORT.replace('"id"', r'"i\u0000d"'), "clients: main: client_id has a control character"),
        (r'name = "Bank\u001b[2J"' + "\n" + SHORT, "name has a control character"),
        (r'"\u001b[2J" = 1' + "\n" + SHORT, r"\x1b[2J is not known here"),
        ("a = " + "[" * 100_000 + "\n" + SHORT, "in one another too deep"),
        (f"a{'.a' * 3000} = 1\n" + SHORT + f"[[targets]]\na{'.a' * 3000} = 1\n", "in one another too deep"),
        (SHORT + "client_secret = 1\n", "clients: main: client_secret is neither"),
        (SHORT + 'client_secret = { env = "NOT_SET_AT_ALL" }\n', "client_secret is to be in the environment variable"),
    ],
)
def test_names_the_key_that_is_wrong(text: str, told: str, tmp_path: Path) -> None:
    with pytest.raises(Malformed) as caught:
        read(text, tmp_path)

    assert str(caught.value).startswith("bank.toml: ")
    assert told in str(caught.value)


def test_a_secret_that_is_no_utf8_in_the_environment_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_OF_A_TEST", "\udcff")

    with pytest.raises(Malformed, match="clients: main: client_secret is not in UTF-8"):
        read(SHORT + 'client_secret = { env = "SECRET_OF_A_TEST" }\n', tmp_path)


@pytest.mark.parametrize("path", ["/", "."])
def test_a_folder_is_no_file(path: str) -> None:
    with pytest.raises(Malformed, match=rf"^{re.escape(path)}: Is a directory$"):
        read_targets(Path(path))


def test_the_example_of_the_documentation_can_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page = (Path(__file__).parents[2] / "docs" / "replay.rst").read_text()
    block = page.partition(".. code-block:: toml\n\n")[2].partition("\nOnly ``urls.token``")[0]
    for name in re.findall(r'env = "(\w+)"', block):
        monkeypatch.setenv(name, f"value of {name}")

    target = read(textwrap.dedent(block), tmp_path)

    assert set(target.clients) == {"main", "second"}
    assert (target.user, target.password) == ("johndoe", "value of JOHNDOE_PASSWORD")


def test_the_example_of_several_targets_can_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page = (Path(__file__).parents[2] / "docs" / "replay.rst").read_text()
    block = page.partition("for all.\n")[2].partition(".. code-block:: toml\n\n")[2].partition("\nNothing is ever")[0]
    for name in re.findall(r'env = "(\w+)"', block):
        monkeypatch.setenv(name, f"value of {name}")
    file = tmp_path / "bank.toml"
    file.write_text(textwrap.dedent(block))

    old, new = read_targets(file)

    assert (old.profiles, new.profiles) == (("draft10",), ("draft16", "rfc6749"))
    assert new.secrets[0] == "value of PORTAL_SECRET"
