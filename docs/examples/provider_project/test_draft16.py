import pytest

from mashery_oauth.replay import Login, Target
from mashery_oauth.testing import Backend, Served, replay_tests


@pytest.fixture
def target(oauth_backend: Backend, provider: Served) -> Target:
    return oauth_backend.target(
        f"{provider.url}/token",
        authorize_url=f"{provider.url}/authorize",
        resource_url=f"{provider.url}/resource",
        login=Login(),
        user="alice",
        password="wonderland",
        scopes=("read", "write"),
        pkce=True,
    )


test_draft16 = replay_tests("draft16")
