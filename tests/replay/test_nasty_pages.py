"""Pages that were made to be slow to read."""

from __future__ import annotations

import time
from contextlib import suppress

import pytest

from mashery_oauth.replay import Answer, Login, Visit
from mashery_oauth.replay.browser import _filled
from mashery_oauth.replay.login import LoginFailed

from ..effort import tally
from .manners import PASSWORD, USER

LENGTH = 1 << 20  # characters of a page, as many as are read of an answer
BEGINNINGS = ("", "<form>", "<form><input ", "<form><button>", '<form><input type="password" value="', "<form action='")
REPEATED = (
    *(
        "<",
        "<!",
        "<!--",
        "<?",
        "<![",
        "</",
        "<a",
        "<a ",
        "<a b=",
        "<a b='",
        '<a b="',
        "<a =\"'",
        "<a b=\"<a b='",
        "<a>",
    ),
    *("&", "&#", "&#x", "&#9", "&amp;", "&aaaaaaaa", "=", "a a ", "a=", "\0", "\n", "/", "'\"", "]]>", "<a/>", "x"),
    *("<form>", "</form>", "<input>", "<input name=a>", "<input a='", '<input type="password" name="p">'),
    *("<button>", "<button>a<b>", "<button name=allow>", "<select><option selected>", "<script>", "<title></title>"),
)


@pytest.mark.parametrize("repeated", REPEATED)
def test_no_page_takes_long(repeated: str) -> None:
    """Found by an attack: 60 kB of ``<`` took half a minute, and a page may have a megabyte."""
    for beginning in BEGINNINGS:
        page = beginning + repeated * (LENGTH // len(repeated))
        answer = Answer(200, {}, page.encode())
        began = time.process_time()

        with suppress(LoginFailed):
            _filled("http://server.example/", answer, Login(), Visit("", USER, PASSWORD), signed=False)

        assert time.process_time() - began < 1
        tally("nasty pages read")
