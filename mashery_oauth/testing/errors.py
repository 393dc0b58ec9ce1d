"""What goes wrong between a test and its backend."""

from __future__ import annotations


class Refused(Exception):
    """The backend cannot do what a test asks of it; the text says why."""
