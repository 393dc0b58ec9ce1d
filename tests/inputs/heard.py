"""What a connection may say, whatever was sent to it: whole answers of HTTP, one after the other."""

from __future__ import annotations

from collections.abc import Iterator

import orjson

from tests.world import Answer

from .judged import CODES, check_document
from .line import parsed_head

MESSAGES = {
    400: "Bad Request",
    401: "Not Authorized",
    403: "Not Authorized",
    404: "Not Found",
    405: "Method Not Allowed",
    408: "Request Timeout",
    413: "Request too large",
    417: "Expectation Failed",
    429: "Too Many Requests",
}
OTHERS = (b'{"status":"ok"}', b'{"status":"ready"', b"# HELP ")  # what the paths that are no doors say


def answers(heard: bytes) -> Iterator[Answer]:
    """The answers in what a connection said. An answer to HEAD has a length and no body.

    :raises AssertionError: it is not made of whole answers.
    """
    while heard:
        head, end, rest = heard.partition(b"\r\n\r\n")
        assert head.startswith((b"HTTP/1.1 ", b"HTTP/1.0 ")), heard
        assert end, heard
        status, headers = parsed_head(head)
        length = int(headers.get("Content-Length", "0"))
        if rest == b"" or rest.startswith(b"HTTP/1."):
            length = 0
        assert len(rest) >= length, heard
        heard = rest[length:]
        if status != 100:
            yield Answer(status, headers, rest[:length])


def check_heard(heard: bytes) -> None:
    """:raises AssertionError: an answer is none that the service gives, or nothing closed the connection."""
    for answer in answers(heard):
        assert answer.status in MESSAGES or answer.status in (200, 204), answer
        if answer.body and not answer.body.startswith(OTHERS):
            _check_json(answer)


def _check_json(answer: Answer) -> None:
    document = orjson.loads(answer.body)
    assert answer.headers["Content-Type"].startswith("application/json"), answer
    assert answer.headers["Cache-Control"] == "no-store", answer
    error = document.get("error") if isinstance(document, dict) else None
    if error and error["code"] == answer.status:
        assert document == {"jsonrpc": "2.0", "error": error, "id": None}, answer
        assert error == {"message": MESSAGES[answer.status], "code": answer.status}, answer
        return
    for each in document if isinstance(document, list) else [document]:
        check_document(each)
    assert error is None or error["code"] in CODES, answer
