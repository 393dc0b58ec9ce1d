"""Logs: JSON, one line per event whatever the input, on standard error."""

from __future__ import annotations

import json
import logging
import os
import sys
import traceback
from collections.abc import Callable, MutableMapping
from contextlib import suppress
from dataclasses import dataclass
from io import TextIOBase
from pathlib import Path
from typing import Any, TextIO, cast

import orjson
import structlog

FIRST = ("timestamp", "level", "server", "event")  # members of a line that people look for


class _StandardError(TextIOBase):
    """Standard error as far as it can be written: a full disk or a closed pipe is no reason for a call to fail.

    Nothing is kept back: Python would try again at the end, and end with code 120.
    """

    def write(self, text: str) -> int:
        if sys.__stderr__ is not None:
            with suppress(OSError, ValueError):
                os.write(sys.__stderr__.fileno(), text.encode(errors="backslashreplace"))
        return len(text)


def _line(_: Any, __: str, given: MutableMapping[str, Any]) -> str:
    event = {name: given.pop(name) for name in FIRST if name in given} | dict(given)
    try:
        return orjson.dumps(event, default=repr).decode()
    except TypeError:  # numbers past 64 bits, lone surrogates, keys that are no text: no reason for a call to fail
        return json.dumps(event, default=repr, skipkeys=True)


def _where(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """An exception by its kind and where it was raised. Its text may hold what it was raised for: a secret."""
    given = event.pop("exc_info", None)
    error = sys.exc_info()[1] if given is True else given[1] if isinstance(given, tuple) else given
    if isinstance(error, BaseException):
        frames = traceback.extract_tb(error.__traceback__)
        event["exception"] = type(error).__name__
        event["at"] = [f"{Path(frame.filename).name}:{frame.lineno} {frame.name}" for frame in frames]
    return event


@dataclass
class Verbosity:
    """How much is said."""

    calls: bool = False  # a line for each call, whatever came of it


verbosity = Verbosity()


def _of(server: str) -> Callable[[Any, str, MutableMapping[str, Any]], MutableMapping[str, Any]]:
    """Names the server in each line, where there is a name."""

    def named(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        if server:
            event["server"] = server
        return event

    return named


def configure(level: str, *, server: str = "") -> None:
    """Sets up structlog, and sends what libraries log the same way, from warnings on.

    :param server: which server this process is: logs of several may meet in one place.
    """
    number = logging.getLevelNamesMapping()[level.upper()]
    verbosity.calls = number <= logging.DEBUG
    shared: list[Any] = [
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _of(server),
        _where,
    ]
    stream = _StandardError()
    structlog.configure(
        processors=[structlog.contextvars.merge_contextvars, *shared, _line],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.WriteLoggerFactory(cast(TextIO, stream)),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[structlog.stdlib.add_logger_name, *shared],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, _line],
        )
    )
    logging.basicConfig(level=max(number, logging.WARNING), handlers=[handler], force=True)
