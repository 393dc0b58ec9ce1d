import json
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import Request, urlopen

from mashery_oauth.testing import Application, Backend, Served


def exchange(provider: Served, client: Application, **form: str) -> tuple[int, dict[str, object]]:
    """Asks the token endpoint, with the client's credentials in the body."""
    members = {"client_id": client.client_id, "client_secret": client.client_secret, **form}
    try:
        with urlopen(f"{provider.url}/token", urlencode(members).encode()) as answer:
            return answer.status, json.load(answer)
    except HTTPError as error:
        return error.code, json.load(error)


def redeem(provider: Served, client: Application, code: str) -> tuple[int, dict[str, object]]:
    return exchange(provider, client, grant_type="authorization_code", code=code, redirect_uri=client.redirect_uri)


def status_of_resource(provider: Served, token: str) -> int:
    try:
        with urlopen(Request(f"{provider.url}/resource", headers={"Authorization": f"Bearer {token}"})) as answer:
            return answer.status
    except HTTPError as error:
        return error.code


def test_passes_on_the_redirect_uri(oauth_backend: Backend, provider: Served) -> None:
    client = oauth_backend.application()
    code = oauth_backend.code(client)

    status, answer = redeem(provider, client, code)

    call = oauth_backend.calls.of("createAccessToken").last
    assert (status, answer["token_type"]) == (200, "bearer")
    assert call.get("uri.redirect_uri") == client.redirect_uri
    assert call.get("token_data.code") == code


def test_refuses_a_code_that_has_expired(oauth_backend: Backend, provider: Served) -> None:
    client = oauth_backend.application()
    code = oauth_backend.code(client)
    oauth_backend.expire(code)

    status, answer = redeem(provider, client, code)

    assert (status, answer["error"]) == (400, "invalid_grant")


def test_gives_the_same_answer_to_a_repeated_refresh_until_its_grace_is_over(
    oauth_backend: Backend, provider: Served
) -> None:
    client = oauth_backend.application()
    old = oauth_backend.tokens(client).refresh_token
    first = exchange(provider, client, grant_type="refresh_token", refresh_token=old)

    second = exchange(provider, client, grant_type="refresh_token", refresh_token=old)
    oauth_backend.expire_grace(old)
    third = exchange(provider, client, grant_type="refresh_token", refresh_token=old)

    assert first == second
    assert (third[0], third[1]["error"]) == (400, "invalid_grant")


def test_lets_nobody_in_whose_token_was_revoked(oauth_backend: Backend, provider: Served) -> None:
    tokens = oauth_backend.tokens(oauth_backend.application(), user_context="alice")
    before = status_of_resource(provider, tokens.access_token)

    oauth_backend.revoke_user("alice")

    assert before == 200
    assert status_of_resource(provider, tokens.access_token) == 401


def test_says_that_it_cannot_answer_now(oauth_backend: Backend, provider: Served) -> None:
    client = oauth_backend.application()

    with oauth_backend.outage():
        status, answer = exchange(provider, client, grant_type="client_credentials")

    assert (status, answer["error"]) == (503, "503")
    assert exchange(provider, client, grant_type="client_credentials")[0] == 200
