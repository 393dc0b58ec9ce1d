"""The forms of a page, and filling them in as a person does: user, password, and the button to consent or to deny."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from html import unescape
from urllib.parse import urlencode, urljoin

from .exchange import Request
from .login import DENIES, Login
from .tags import Tag, pieces

FORM_TYPE = "application/x-www-form-urlencoded"
_APPROVE = re.compile(r"\b(allow|approve|authori[sz]e|accept|agree|yes|grant|permit|consent)", re.IGNORECASE)
_DENY = re.compile(r"\b(deny|cancel|reject|refuse|decline|disallow|do not|don't|no)\b", re.IGNORECASE)
_ELEMENTS = ("form", "button", "select", "option", "input")
_LONGEST_TEXT = 200  # characters of a button's text
_TYPED = ("text", "email", "tel", "")  # kinds of fields that a user name is typed into
_IDLE = ("button", "reset", "image", "file")  # kinds that send nothing


@dataclass(frozen=True, slots=True)
class Field:
    """What sends a value with its form."""

    name: str
    value: str
    type: str = "hidden"
    checked: bool = True


@dataclass(slots=True)
class Button:
    """What sends a form. The text grows while the page is read."""

    name: str
    value: str
    text: str = ""

    @property
    def label(self) -> str:
        """All that tells what it does."""
        return f"{self.text} {self.value} {self.name}"


@dataclass(slots=True)
class Form:
    """A form, while the page is read and afterwards."""

    action: str
    method: str
    fields: list[Field] = field(default_factory=list)
    buttons: list[Button] = field(default_factory=list)

    @property
    def asks_for_password(self) -> bool:
        """Whether somebody is to sign in."""
        return any(each.type == "password" for each in self.fields)


class _Reader:
    """What is open while a page is read."""

    def __init__(self) -> None:
        self.forms: list[Form] = []
        self._form: Form | None = None
        self._button: Button | None = None
        self._select = ""

    def begin(self, tag: Tag) -> None:
        """An element begins."""
        given = tag.attributes if tag.name in _ELEMENTS else {}
        if tag.name == "form":
            self._form = Form(given.get("action", ""), given.get("method", "get").upper())
            self.forms.append(self._form)
        elif self._form is None or "disabled" in given:
            return
        elif tag.name == "button" and given.get("type", "submit").lower() == "submit":
            self._button = Button(given.get("name", ""), given.get("value", ""))
            self._form.buttons.append(self._button)
        elif tag.name == "select":
            self._select = given.get("name", "")
        elif tag.name == "option" and "selected" in given:
            self._form.fields.append(Field(self._select, given.get("value", "")))
        elif tag.name == "input":
            _read_input(self._form, given)

    def end(self, tag: Tag) -> None:
        """An element ends."""
        if tag.name == "form":
            self._form = None
        elif tag.name == "button":
            self._button = None

    def text(self, text: str) -> None:
        """Text between tags; of a button's only the beginning tells what it does."""
        if self._button is not None and len(self._button.text) < _LONGEST_TEXT:
            self._button.text += unescape(text[:_LONGEST_TEXT]).strip()


def _read_input(form: Form, given: dict[str, str]) -> None:
    kind, name, value = given.get("type", "").lower(), given.get("name", ""), given.get("value", "")
    if kind == "submit":
        form.buttons.append(Button(name, value))
    elif kind not in _IDLE:
        chosen = kind not in ("checkbox", "radio") or "checked" in given
        form.fields.append(Field(name, value or ("on" if kind == "checkbox" else ""), kind, chosen))


def forms_of(page: str) -> list[Form]:
    """The forms of a page, in its order.

    :raises ValueError: it cannot be read.
    """
    reader = _Reader()
    for piece in pieces(page):
        if isinstance(piece, str):
            reader.text(piece)
        elif piece.ends:
            reader.end(piece)
        else:
            reader.begin(piece)
    return reader.forms


def sign_in_form(forms: Iterable[Form]) -> Form | None:
    """The one that wants a password."""
    return next((form for form in forms if form.asks_for_password), None)


def signed_in(form: Form, url: str, login: Login, user: str, password: str) -> Request:
    """The form with user and password."""
    user_field = login.user_field or next((each.name for each in form.fields if each.type in _TYPED), "")
    password_field = login.password_field or next(each.name for each in form.fields if each.type == "password")
    pairs = [*_kept(form, user_field, password_field), (user_field, user), (password_field, password)]
    return _submitted(form, url, pairs, form.buttons[0] if form.buttons else None)


def decided(forms: Iterable[Form], url: str, login: Login, owner: str) -> Request | None:
    """The form whose button says what the owner wants; ``None`` where no form has such a button."""
    for form in forms:
        for button in form.buttons:
            if _says(button, login, owner):
                return _submitted(form, url, _kept(form), button)
    return None


def _says(button: Button, login: Login, owner: str) -> bool:
    named = login.deny if owner == DENIES else login.approve
    if named:
        return named.casefold() in (button.text.casefold(), button.value.casefold(), button.name.casefold())
    if owner == DENIES:
        return bool(_DENY.search(button.label))
    return bool(_APPROVE.search(button.label)) and not _DENY.search(button.label)


def _kept(form: Form, *filled: str) -> list[tuple[str, str]]:
    """What the form sends by itself."""
    return [(each.name, each.value) for each in form.fields if each.checked and each.name not in (*filled, "")]


def _submitted(form: Form, url: str, pairs: list[tuple[str, str]], button: Button | None) -> Request:
    sent = urlencode([*pairs, *_of_button(button)])
    action = urljoin(url, form.action) if form.action else url
    if form.method == "POST":
        return Request("POST", action, (("Content-Type", FORM_TYPE), *_origin(url)), sent.encode())
    return Request("GET", f"{action.partition('?')[0]}?{sent}")


def _of_button(button: Button | None) -> Iterator[tuple[str, str]]:
    if button is not None and button.name:
        yield button.name, button.value


def _origin(url: str) -> Iterator[tuple[str, str]]:
    """As a browser says it; servers compare it against forged forms."""
    scheme, _, rest = url.partition("://")
    yield "Origin", f"{scheme}://{rest.partition('/')[0]}"
