"""Directives that write reference pages from the code, so that no table is kept by hand."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, ClassVar

from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from . import (
    client,
    commands,
    dialects,
    errors,
    flows,
    methods,
    mutants,
    policy,
    profiles,
    promises,
    real_clients,
    renderings,
    replay,
    settings,
    store,
    testing,
)
from .tables import Gap

Write = Callable[..., Iterable[str]]
DIRECTIVES: dict[str, Write] = {
    "client-errors": client.errors_table,
    "client-methods": client.methods_table,
    "client-values": client.values_table,
    "command-line": commands.reference,
    "dialects": dialects.table,
    "dialect-routes": dialects.routes,
    "token-members": dialects.token_members,
    "error-rows": errors.table,
    "flow-page": flows.page,
    "flow-summaries": flows.summaries,
    "method-page": methods.page,
    "method-summaries": methods.summaries,
    "mutants": mutants.survivors,
    "policy-members": policy.table,
    "presets": profiles.presets,
    "profiles": profiles.table,
    "promises": promises.table,
    "real-clients": real_clients.flows,
    "real-clients-deaf": real_clients.deaf,
    "real-clients-missing": real_clients.missing,
    "real-clients-refusals": real_clients.refusals,
    "renderings": renderings.table,
    "replay-checks": replay.checks,
    "replay-requirements": replay.requirements,
    "replay-scenarios": replay.scenario_tables,
    "replay-sets": replay.sets,
    "replay-statements": replay.statements,
    "settings": settings.table,
    "store-keys": store.keys_table,
    "store-scripts": store.scripts_table,
    "testing-names": testing.names,
}


class Generated(SphinxDirective):
    """Text that a function writes, read as if it stood in the page."""

    write: ClassVar[Write]
    optional_arguments = 1
    has_content = True
    option_spec: ClassVar[Any] = {"positional": int}

    def run(self) -> list[Any]:
        """The nodes of what was written; the page is read anew in each build, as the code may have changed."""
        self.env.note_reread()
        content = {"content": list(self.content)} if self.content else {}
        try:
            lines = list(type(self).write(*self.arguments, **self.options, **content))
        except Gap as gap:
            raise self.error(str(gap)) from None
        return self.parse_text_to_nodes("\n".join(lines), allow_section_headings=True)


def setup(app: Sphinx) -> dict[str, bool]:
    """Adds the directives, and writes the pages of the flows before Sphinx looks for pages."""
    for name, write in DIRECTIVES.items():
        app.add_directive(name, type(name, (Generated,), {"write": staticmethod(write)}))
    flows.write_pages(Path(app.srcdir, "flows"))
    return {"parallel_read_safe": True}
