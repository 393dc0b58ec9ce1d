"""``mashery-oauth tokens``."""

from __future__ import annotations

from ..conftest import Run


def test_says_of_an_unknown_token_that_there_is_none(run: Run) -> None:
    for arguments, stdin in ((("show", "nothing"), ""), (("revoke", "-"), "nothing\n")):
        refused = run("tokens", *arguments, stdin=stdin)

        assert (refused.code, refused.out, refused.err) == (1, "", "Error: token: no such token\n")
