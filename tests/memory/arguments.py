"""The calls that make tokens and end them, for one client at one service."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from mashery_oauth.models import Application, Service
from tests.world import HTTPS, SECRET

from .batches import Call


@dataclass(frozen=True, slots=True)
class Asking:
    """One client at one service, and what it may ask there."""

    service: Service
    client: Application

    def _about(self, secret: str = SECRET, **more: Any) -> dict[str, Any]:
        identity = {"client_id": self.client.client_id, "client_secret": secret}
        return {"service_key": self.service.key, "client": identity, **more}

    def token(self, grant_type: str, user: str | None = None, secret: str = SECRET, **data: Any) -> Call:
        """createAccessToken."""
        token_data = {"grant_type": grant_type, **data}
        about = self._about(secret, uri={"redirect_uri": HTTPS}, token_data=token_data, user_context=user)
        return Call("oauth2.createAccessToken", about)

    def code(self, user: str | None, **more: Any) -> Call:
        """createAuthorizationCode."""
        about = self._about(uri={"redirect_uri": HTTPS}, response_type="code", user_context=user, **more)
        return Call("oauth2.createAuthorizationCode", about)

    def redeem(self, code: str, **data: Any) -> Call:
        """createAccessToken for a code."""
        return self.token("authorization_code", code=code, **data)

    def refresh(self, refresh_token: str, **data: Any) -> Call:
        """createAccessToken for a refresh token."""
        return self.token("refresh_token", refresh_token=refresh_token, **data)

    def update(self, access_token: str, **changes: Any) -> Call:
        """updateAccessToken."""
        return Call("oauth2.updateAccessToken", self._about(access_token=access_token, **changes))

    def revoke(self, token: str) -> Call:
        """revokeAccessToken."""
        return Call("oauth2.revokeAccessToken", self._about(access_token=token))

    def revoke_user(self, user: str) -> Call:
        """revokeUserApplication."""
        return Call("oauth2.revokeUserApplication", self._about(user_context=user))

    def tokens_of(self, user: str) -> Call:
        """fetchUserApplications."""
        return Call("oauth2.fetchUserApplications", {"service_key": self.service.key, "user_context": user})

    def fetch(self, access_tokens: list[str]) -> Call:
        """fetchAccessToken."""
        return Call("oauth2.fetchAccessToken", {"service_key": self.service.key, "access_token": access_tokens})
