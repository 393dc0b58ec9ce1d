"""What operators change in a service's policy: a member and its new value."""

from __future__ import annotations

from typing import Any

POLICY: tuple[tuple[str, Any], ...] = (
    ("allow_multiple_tokens", False),
    ("allow_multiple_tokens", True),
    ("token_cap", 2),
    ("token_cap", None),
    ("refresh_rotation", False),
    ("refresh_rotation", True),
    ("refresh_grace", 0),
    ("refresh_grace", 60),
    ("secure_tokens", True),
    ("secure_tokens", False),
    ("revocation", "token"),
    ("revocation", "grant"),
    ("access_ttl", 300),
    ("access_ttl", 9000),
    ("access_ttl", None),
    ("refresh_idle_ttl", 600),
    ("refresh_idle_ttl", None),
    ("refresh_absolute_ttl", 1500),
    ("refresh_absolute_ttl", None),
)
