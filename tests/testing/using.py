"""What a provider does with its backend, in a line each."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from mashery_oauth.client import AccessToken, BackendError, Client, ClientCredentials, Redirect, TokenData
from mashery_oauth.testing import Application, Backend, Service


def credentials(application: Application) -> ClientCredentials:
    """The client's, as it sends them."""
    return ClientCredentials(application.client_id, application.client_secret or None)


def provider(backend: Backend) -> Client:
    """The provider's own client."""
    return Client(backend.url, backend.local, retries=0)


def obtain(client: Client, service: Service, application: Application, **token_data: str) -> AccessToken:
    """createAccessToken."""
    return client.create_access_token(service.key, client=credentials(application), token_data=TokenData(**token_data))


def redeem(
    client: Client, service: Service, application: Application, code: str, code_verifier: str | None = None
) -> AccessToken:
    """The exchange of a code."""
    token_data = TokenData("authorization_code", code=code, code_verifier=code_verifier)
    uri = Redirect(application.redirect_uri)
    return client.create_access_token(service.key, client=credentials(application), token_data=token_data, uri=uri)


def refresh(client: Client, service: Service, application: Application, token: str | None) -> AccessToken:
    """The use of a refresh token."""
    assert token is not None
    return obtain(client, service, application, grant_type="refresh_token", refresh_token=token)


def refused(call: Callable[[], object]) -> BackendError:
    """What a call fails with."""
    with pytest.raises(BackendError) as caught:
        call()
    return caught.value
