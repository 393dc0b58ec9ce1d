import pytest

from mashery_oauth.replay import Target
from mashery_oauth.testing import Backend, Served, replay_tests


@pytest.fixture
def target(oauth_backend: Backend, provider: Served) -> Target:
    return oauth_backend.target(f"{provider.url}/token")


test_token_endpoint = replay_tests("draft16")
