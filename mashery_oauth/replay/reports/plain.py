"""A run as members for programs."""

from __future__ import annotations

from ..verdict import Address, Judged, LeftOut, Played, Report, RuleVerdict

Plain = dict[str, object]


def plain(report: Report, *, strict: bool = False) -> Plain:
    """Everything that a run found, as JSON has it."""
    return {
        "target": report.target,
        "started": report.started,
        "seconds": round(report.seconds, 3),
        "version": report.version,
        "addresses": [_address(each) for each in report.addresses],
        "outcome": report.outcome(strict=strict),
        "failed": report.failed(strict=strict),
        **({"error": report.problem} if report.problem else {}),
        "counts": {
            "scenarios": {"played": len(report.played), "left out": len(report.left_out)},
            "checks": report.counts,
            "statements": report.counts_of_statements,
        },
        "statements": {found.name: [_rule(each) for each in report.rules(found)] for found in report.rule_sets},
        "scenarios": [_played(each) for each in report.played],
        "left_out": [_left_out(each) for each in report.left_out],
    }


def _address(found: Address) -> Plain:
    return {"name": found.name, "token_url": found.token_url, "authorize_url": found.authorize_url}


def _rule(found: RuleVerdict) -> Plain:
    rule = found.rule
    return {
        "name": rule.name,
        "section": rule.section,
        "level": rule.level,
        "text": rule.text,
        "outcome": found.outcome,
    }


def _played(played: Played) -> Plain:
    return {
        "set": played.rule_set.name,
        "name": played.name,
        "title": played.title,
        "outcome": played.outcome,
        "seconds": round(played.seconds, 3),
        "checks": [_judged(each) for each in played.judged],
    }


def _judged(judged: Judged) -> Plain:
    verdict = judged.verdict
    told = {"expected": verdict.expected, "received": verdict.received, "why": verdict.why}
    return {
        "step": judged.step,
        "statements": [rule.name for rule in judged.rules],
        "level": judged.level,
        "outcome": verdict.outcome,
        **{name: text for name, text in told.items() if text},
    }


def _left_out(left_out: LeftOut) -> Plain:
    return {"set": left_out.rule_set.name, "name": left_out.name, "lacking": list(left_out.lacking)}
