"""Forms as pages have them."""

from __future__ import annotations

import pytest

from mashery_oauth.replay import Login
from mashery_oauth.replay.exchange import Request
from mashery_oauth.replay.forms import decided, forms_of, sign_in_form, signed_in

URL = "https://server.example/authorize?client_id=1"
SIGN_IN = """
<form action="/search"><input name="q"><button>Search</button></form>
<form action="login?x=1" method="post">
  <input type="hidden" name="csrf" value="a&amp;b">
  <label>Name <input type="email" name="email"></label>
  <input type="password" name="pw"> <input type="checkbox" name="remember"> <input type="checkbox" name="terms" checked>
  <input type="reset" name="r" value="Reset"> <input name="off" disabled value="1">
  <select name="lang"><option value="en">English<option value="de" selected>Deutsch</select>
  <input type="submit" name="go" value="Sign in">
</form>
"""
CONSENT = """
<form method="post"><input type="hidden" name="csrf" value="1">
<button type="button" name="help">Allow me to explain</button>
<button name="decision" value="{deny}">{deny_text}</button>
<button name="decision" value="{allow}">{allow_text}</button>
</form>
"""


def body(request: Request | None) -> str:
    assert request is not None
    assert request.body is not None
    return request.body.decode()


def test_user_and_password_go_where_they_belong() -> None:
    form = sign_in_form(forms_of(SIGN_IN))

    assert form is not None
    request = signed_in(form, URL, Login(), "anna@x", "pass word")

    assert (request.method, request.url) == ("POST", "https://server.example/login?x=1")
    assert body(request) == "csrf=a%26b&terms=on&lang=de&email=anna%40x&pw=pass+word&go=Sign+in"
    assert dict(request.headers)["Origin"] == "https://server.example"


def test_fields_can_be_named() -> None:
    (form,) = forms_of('<form method="POST"><input name="a"><input name="b"><input type="password" name="c"></form>')

    request = signed_in(form, URL, Login(user_field="b"), "anna", "secret")

    assert (request.url, body(request)) == (URL, "a=&b=anna&c=secret")


@pytest.mark.parametrize(
    ("allow", "deny"),
    [
        ("Allow", "Deny"),
        ("Yes", "No"),
        ("Authorise", "Cancel"),
        ("Grant access", "Do not grant"),
        ("OK, I agree", "Decline"),
    ],
)
def test_the_button_is_found_by_what_it_says(allow: str, deny: str) -> None:
    page = CONSENT.format(allow="1", allow_text=allow, deny="2", deny_text=deny)

    assert body(decided(forms_of(page), URL, Login(), "approves")) == "csrf=1&decision=1"
    assert body(decided(forms_of(page), URL, Login(), "denies")) == "csrf=1&decision=2"


def test_the_button_is_found_by_its_value() -> None:
    page = CONSENT.format(allow="allow", allow_text="Weiter", deny="deny", deny_text="Ablehnen")

    assert body(decided(forms_of(page), URL, Login(), "approves")) == "csrf=1&decision=allow"
    assert body(decided(forms_of(page), URL, Login(), "denies")) == "csrf=1&decision=deny"


def test_the_button_can_be_named() -> None:
    page = CONSENT.format(allow="1", allow_text="Ja", deny="2", deny_text="Nein")
    login = Login(approve="ja", deny="NEIN")

    assert body(decided(forms_of(page), URL, login, "approves")) == "csrf=1&decision=1"
    assert body(decided(forms_of(page), URL, login, "denies")) == "csrf=1&decision=2"


def test_other_forms_are_left_alone() -> None:
    other = '<form action="/logout" method="post"><button>Sign out</button></form>'
    page = other + "<form><button disabled>Allow</button></form>"

    assert decided(forms_of(page), URL, Login(), "approves") is None
    assert sign_in_form(forms_of(page)) is None


def test_a_form_that_gets_replaces_the_query() -> None:
    page = '<form><input type="hidden" name="id" value="7"><button name="a" value="yes">Yes</button></form>'

    assert decided(forms_of(page), URL, Login(), "approves") == Request(
        "GET", "https://server.example/authorize?id=7&a=yes"
    )


@pytest.mark.parametrize(
    "page", ["", "<form", "<form><input", "</form></button>", "<select><option selected>", "\0" * 99]
)
def test_bears_pages_that_are_not_well_formed(page: str) -> None:
    assert decided(forms_of(page), URL, Login(), "approves") is None
