"""What records may say, each by itself and beside all the others."""

from __future__ import annotations

import re
from collections.abc import Container

from .models import Application, Caller, Record, Service, Site
from .operation import HIGHEST, OperationError, Snapshot
from .rails import check_flow
from .redirects import is_registrable
from .store.records import APPLICATION_ID, SERVICE_ID, USER, key_of, second_names

LONGEST_NAME, LONGEST_TEXT = 255, 4096
MOST_CALLS = 1_000_000  # a second, of one caller
REDIRECT_URIS = 32
SECRETS = 2  # of an application at a time, so that one can be changed without an interruption
_TYPES = ("confidential", "public")
_FIELDS = {USER: "user", SERVICE_ID: "id", APPLICATION_ID: "id"}
_KEY = re.compile(r"[!-~]{1,255}").fullmatch
_SECRET = re.compile(r"[ -~]{1,1024}").fullmatch


def check_name(field: str, text: str) -> None:
    """:raises OperationError: it is empty, too long, or cannot be shown on a line."""
    if not text.strip() or len(text) > LONGEST_NAME or not text.isprintable():
        raise OperationError(field, f"must be 1 to {LONGEST_NAME} printable characters")


def check_key(field: str, text: str) -> None:
    """:raises OperationError: it is not what travels as a key."""
    if _KEY(text) is None:
        raise OperationError(field, "must be 1 to 255 visible ASCII characters")


def check_secret(field: str, text: str) -> None:
    """:raises OperationError: it is not what travels as a secret (RFC 6749 appendix A.2)."""
    if _SECRET(text) is None:
        raise OperationError(field, "must be 1 to 1024 printable ASCII characters")


def check_free(field: str, key: str, records: Container[str]) -> None:
    """:raises OperationError: a record has this key already."""
    if key in records:
        raise OperationError(field, f"{key} is taken")


def _check_text(field: str, text: str | None) -> None:
    if text is None:
        return
    whole = "".join(text.split())
    if len(text) > LONGEST_TEXT or (whole and not whole.isprintable()):
        raise OperationError(field, f"must be at most {LONGEST_TEXT} printable characters")


def _check_number(number: int) -> None:
    if not 1 <= number <= HIGHEST:
        raise OperationError("id", f"must be 1 to {HIGHEST}")


def _check_site_known(site_id: int, snapshot: Snapshot) -> None:
    if str(site_id) not in snapshot.sites:
        raise OperationError("site", f"there is no site {site_id}")


def check_record(record: Record, snapshot: Snapshot) -> None:
    """Whether a record is right and fits beside all others; its own former self is none of them.

    :raises OperationError: it is not; names the member.
    """
    check_name("name", record.name)
    for kind, name in second_names(record).items():
        if snapshot.second.get((kind, name), key_of(record)) != key_of(record):
            raise OperationError(_FIELDS[kind], f"{name.rpartition(':')[2]} is taken")
    match record:
        case Site():
            _check_number(record.id)
        case Caller():
            _check_caller(record, snapshot)
        case Service():
            _check_service(record, snapshot)
        case Application():
            _check_application(record, snapshot)


def _check_caller(caller: Caller, snapshot: Snapshot) -> None:
    _check_site_known(caller.site_id, snapshot)
    check_key("apikey", caller.apikey)
    if caller.calls_per_second is not None and not 1 <= caller.calls_per_second <= MOST_CALLS:
        raise OperationError("calls_per_second", f"must be from 1 to {MOST_CALLS}")
    if caller.user:
        check_name("user", caller.user)
    if ":" in caller.user:  # RFC 7617 §2: what is before the first colon is the user
        raise OperationError("user", "must not have a colon")


def _check_service(service: Service, snapshot: Snapshot) -> None:
    _check_site_known(service.site_id, snapshot)
    check_key("key", service.key)
    _check_number(service.id)
    for other in snapshot.services.values():
        if other.key != service.key and (other.site_id, other.name) == (service.site_id, service.name):
            raise OperationError("name", f"another service of site {service.site_id} is called {service.name!r}")


def _check_application(application: Application, snapshot: Snapshot) -> None:
    _check_site_known(application.site_id, snapshot)
    check_key("client_id", application.client_id)
    _check_number(application.id)
    if application.type not in _TYPES:
        raise OperationError("type", f"must be one of: {', '.join(_TYPES)}")
    _check_redirect_uris(application.redirect_uris)
    for flow in sorted(application.flows or ()):
        check_flow("flows", flow)
    if len(application.secrets) > SECRETS:
        raise OperationError("secret_hashes", f"must be at most {SECRETS}")
    if application.public and application.secrets:
        raise OperationError("client_secret", "a public application has none")
    _check_text("external_id", application.external_id)
    _check_text("attributes", application.attributes)
    for key in application.services:
        service = snapshot.services.get(key)
        if service is None or service.site_id != application.site_id:
            raise OperationError("services", f"site {application.site_id} has no service {key!r}")


def _check_redirect_uris(uris: tuple[str, ...]) -> None:
    if len(uris) > REDIRECT_URIS or len(set(uris)) < len(uris):
        raise OperationError("redirect_uris", f"must be at most {REDIRECT_URIS}, each once")
    for uri in uris:
        if not is_registrable(uri):
            raise OperationError("redirect_uris", f"{uri!r} cannot be registered")


def service_keys(words: tuple[str, ...], site_id: int, snapshot: Snapshot) -> tuple[str, ...]:
    """The keys of services of one site that are named by key or name, each once; what is neither stays as it is."""
    named = {service.name: service.key for service in snapshot.services.values() if service.site_id == site_id}
    keys = [word if word in snapshot.services else named.get(word, word) for word in words]
    return tuple(dict.fromkeys(keys))
