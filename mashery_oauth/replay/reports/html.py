"""A run as one page for people, by section; it needs no other file and no script."""

from __future__ import annotations

import re
from functools import cache
from importlib import resources

import jinja2
from markupsafe import Markup, escape

from ..rules import RuleSet
from ..verdict import LeftOut, Report
from .sections import sections

_LITERAL = re.compile(r"``(.+?)``")


def html(report: Report, *, strict: bool = False) -> str:
    """The page."""
    parts = [(found, tuple(sections(report, found)), _left_out(report, found)) for found in report.rule_sets]
    return _template().render(report=report, parts=parts, failed=report.failed(strict=strict), strict=strict) + "\n"


def _left_out(report: Report, rule_set: RuleSet) -> tuple[LeftOut, ...]:
    return tuple(each for each in report.left_out if each.rule_set is rule_set)


@cache
def _template() -> jinja2.Template:
    environment = jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True)
    environment.filters["literals"] = _literals
    environment.filters["word"] = lambda outcome: outcome.replace(" ", "-")
    return environment.from_string((resources.files(__package__) / "report.html").read_text(encoding="utf-8"))


def _literals(text: str) -> Markup:
    """What stands between double backquotes, as code."""
    return Markup(_LITERAL.sub(r"<code>\1</code>", str(escape(text))))  # noqa: S704  escaped just here
