"""Where a run of replay is told: in its files and on stdout, also where nothing came to be played."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import click

from ..replay import Report, Target
from ..replay.reports.html import html
from ..replay.reports.junit import junit
from ..replay.reports.plain import plain
from ..replay.reports.table import write_tables
from ..replay.verdict import address
from .files import check_writable, write_private
from .printing import console, write

NARROW = 100  # columns where nobody looks at a terminal


@dataclass(frozen=True, slots=True)
class Telling:
    """The forms in which somebody wants a run to be told."""

    junit_file: Path | None
    html_file: Path | None
    as_json: bool
    strict: bool
    verbose: bool

    def check(self) -> None:
        """Finds out before anything is played whether the files can be written.

        :raises click.ClickException: one of them cannot.
        """
        for file in (self.junit_file, self.html_file):
            if file is not None:
                check_writable(file)

    def tell(self, report: Report) -> None:
        """Tells a run in every form.

        :raises click.ClickException: a file cannot be written.
        """
        try:
            self._write_junit(report)
            self._write_html(report)
        finally:  # what was played is told even if the disk has become full meanwhile
            if self.as_json:
                write(plain(report, strict=self.strict), as_json=True)
            else:
                write_tables(report, console(NARROW), strict=self.strict, verbose=self.verbose)

    def tell_problem(self, report: Report) -> None:
        """The same of a run that was not begun: otherwise a file would still tell how the last one went.

        People are told on stderr, as of every problem; a file that cannot be written, either, is not worth another.
        """
        for write_file in (self._write_junit, self._write_html):
            with suppress(click.ClickException):
                write_file(report)
        if self.as_json:
            write(plain(report, strict=self.strict), as_json=True)

    def _write_junit(self, report: Report) -> None:
        if self.junit_file is not None:
            write_private(self.junit_file, junit(report, strict=self.strict))

    def _write_html(self, report: Report) -> None:
        if self.html_file is not None:
            write_private(self.html_file, html(report, strict=self.strict))


def problem_of(targets: Sequence[Target], file: Path | None, problem: str) -> Report:
    """The report of a run that was not begun; it has a name even where the file of the target could not be read."""
    names = dict.fromkeys(target.name for target in targets) or ([file.stem] if file else ["authorization server"])
    started = datetime.now(UTC).isoformat(timespec="seconds")
    addresses = tuple(dict.fromkeys(address(target) for target in targets))
    return Report(", ".join(names), started, 0.0, (), (), addresses, problem=problem)
