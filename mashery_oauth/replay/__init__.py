"""Replays the flows of the drafts and of OAuth 2.0 against an authorization server, and judges each answer.

It speaks OAuth over HTTP and knows nothing of the service in this package: any server can be its target.
"""

from __future__ import annotations

from .answers import Answer
from .casting import NoSuchScenario, cast
from .exchange import Unreachable
from .login import Login, Visit
from .player import play
from .reading import Malformed
from .rules import rule_sets
from .scenario import scenarios
from .target import Client, Target
from .trying import WrongTarget, tried
from .verdict import Report

__all__ = [
    "Answer",
    "Client",
    "Login",
    "Malformed",
    "NoSuchScenario",
    "Report",
    "Target",
    "Unreachable",
    "Visit",
    "WrongTarget",
    "cast",
    "play",
    "rule_sets",
    "scenarios",
    "tried",
]
