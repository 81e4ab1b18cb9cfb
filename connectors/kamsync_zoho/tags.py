"""Add and remove single tags; the record's other tags stay as people left them.

Never replaces a list of tags, never touches one without our prefix. Old tags go before new ones come, so that a record
at its limit can change tier.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from kamsync.plugin import ConnectorError, Http, Intent, Outcome, Refused, Request, TagChange, batches
from kamsync_zoho.editions import edition_of
from kamsync_zoho.metadata import Metadata
from kamsync_zoho.metadata import Tags as ModuleTags
from kamsync_zoho.outcomes import (
    Said,
    blames_a_row,
    by_id,
    code_of,
    ends_batch,
    judge,
    message_of,
    of_call,
    refusal,
    report,
    send,
)
from kamsync_zoho.shapes import Row
from kamsync_zoho.wire import API

LONGEST_NAME = 25
BATCH = 100
_CALLS = {"remove": "remove_tags", "add": "add_tags"}


class Tags:
    """One batch of tag changes on its way."""

    def __init__(
        self,
        http: Http,
        metadata: Metadata,
        prefix: str,
        intents: Sequence[Intent],
        seen: Mapping[tuple[str, str], frozenset[str]] | None = None,
    ) -> None:
        self._http = http
        self._metadata = metadata
        self._prefix = prefix  # of the tags that are ours
        self._seen = seen or {}  # what records carried when they were last looked at
        self._intents = intents
        self._changes = {item.id: item.body for item in intents if isinstance(item.body, TagChange)}
        self._outcomes: dict[str, Outcome] = {}
        self._half: set[str] = set()  # rows whose first call was applied
        self._error: ConnectorError | None = None

    def write(self) -> Sequence[Outcome]:
        """One outcome an intent: applied only when all it asks for was."""
        self._refuse_names()
        self._refuse_overfull()
        self._create_missing()
        for kind in _CALLS:
            for (module, names), ids in self._groups(kind).items():
                for batch in batches(ids, BATCH):
                    self._step(kind, module, names, [id for id in batch if id not in self._outcomes])
        for id in self._changes:
            self._outcomes.setdefault(id, Outcome(id, "applied", self._changes[id].target.remote_id, "SUCCESS"))
        return report(self._intents, self._outcomes, self._error)

    # ---- the calls

    def _groups(self, kind: str) -> dict[tuple[str, tuple[str, ...]], list[str]]:
        """Intents that ask for the same tags on the same module, to travel together."""
        groups: dict[tuple[str, tuple[str, ...]], list[str]] = {}
        for id, change in self._changes.items():
            names = change.remove if kind == "remove" else change.add
            if names and id not in self._outcomes:
                groups.setdefault((change.target.object, tuple(sorted(set(names)))), []).append(id)
        return groups

    def _step(self, kind: str, module: str, names: tuple[str, ...], intents: list[str]) -> None:
        if not intents:
            return
        if self._error is not None:
            self._note(intents, Said(state="not_sent", message=str(self._error), error=self._error))
            return
        remote = list(dict.fromkeys(self._changes[id].target.remote_id for id in intents))
        payload: dict[str, object] = {"tags": [{"name": name} for name in names], "ids": remote}
        if kind == "add":
            payload["over_write"] = False
        request = Request("POST", f"{API}/{module}/actions/{_CALLS[kind]}", json=payload, write=True)
        said = send(self._http, request)
        if blames_a_row(said) and len(intents) > 1:
            middle = len(intents) // 2
            self._step(kind, module, names, intents[:middle])
            self._step(kind, module, names, intents[middle:])
            return
        if ends_batch(said):
            self._error = said.error
        if said.state is not None:
            self._note(intents, said)
            return
        answers = by_id(said.rows, remote)
        for id in intents:
            self._take(judge(id, answers.get(self._changes[id].target.remote_id)))

    def _note(self, intents: Sequence[str], said: Said) -> None:
        for id in intents:
            self._take(of_call(id, said))

    def _take(self, outcome: Outcome) -> None:
        """Keep a failure; remember a success. A failure after a success leaves the record half changed."""
        id = outcome.intent
        if outcome.state == "applied":
            self._half.add(id)
        elif id in self._half:
            words = f"the old tags are gone, the new ones did not follow: {outcome.code} {outcome.message}".strip()
            self._outcomes[id] = replace(outcome, state="unknown", message=words)
        else:
            self._outcomes[id] = outcome

    # ---- before the calls

    def _refuse_names(self) -> None:
        """What Zoho cannot hold, and what is not ours to touch."""
        for id, change in self._changes.items():
            names = (*change.add, *change.remove)
            foreign = [name for name in names if not name.startswith(self._prefix)]
            long = [name for name in names if len(name) > LONGEST_NAME]
            if foreign:
                words = f"tag {foreign[0]!r} is not ours: ours begin with {self._prefix!r}"
                self._outcomes[id] = refusal(id, "FOREIGN_TAG", words)
            elif long:
                words = f"tag {long[0]!r} is longer than {LONGEST_NAME} characters"
                self._outcomes[id] = refusal(id, "TAG_TOO_LONG", words)

    def _refuse_overfull(self) -> None:
        """Known to be one tag too many: then its old one must not go either."""
        edition = edition_of(self._metadata.organisation()) if self._seen else None
        for id, change in self._changes.items() if edition is not None else ():
            before = self._seen.get((change.target.object, change.target.remote_id))
            if before is None or edition is None:
                continue
            after = (before - {*change.remove}) | {*change.add}
            if len(after) > max(edition.tags, len(before)):
                words = f"the record carries {len(before)} tags; edition {edition.word} takes {edition.tags}"
                self._outcomes.setdefault(id, refusal(id, "LIMIT_EXCEEDED", words))

    def _create_missing(self) -> None:
        """Create the tags a module lacks; what may not be created refuses the rows that need it."""
        for module, names in self._wanted().items():
            try:
                known = self._metadata.tags(module)
            except Refused:
                continue  # no right to look: adding creates the tag itself, or says why not
            except ConnectorError as early:
                self._error = early  # no record was touched: every row goes back unsent
                return
            missing = [name for name in names if name.casefold() not in known.names]
            for name in missing[known.room :] if known.room is not None else ():
                self._refuse_for(module, name, _full(known))
            for batch in batches(missing[: known.room], BATCH):
                self._create(module, batch)

    def _wanted(self) -> Mapping[str, list[str]]:
        wanted: dict[str, dict[str, None]] = {}
        for id, change in self._changes.items():
            if id not in self._outcomes:
                wanted.setdefault(change.target.object, {}).update(dict.fromkeys(change.add))
        return {module: list(names) for module, names in wanted.items() if names}

    def _create(self, module: str, names: Sequence[str]) -> None:
        payload = {"tags": [{"name": name} for name in names]}
        request = Request("POST", f"{API}/settings/tags", {"module": module}, json=payload, write=True)
        said = send(self._http, request, "tags")
        if said.error is not None and ends_batch(said):
            self._error = said.error
        for name, row in zip(names, said.rows, strict=False):
            if isinstance(row, Mapping) and judge("", row).state == "refused" and code_of(row) != "DUPLICATE_DATA":
                self._refuse_for(module, name, row)

    def _refuse_for(self, module: str, name: str, row: Row) -> None:
        for id, change in self._changes.items():
            if change.target.object == module and name in change.add:
                words = f"tag {name!r} could not be created: {message_of(row)}"
                self._outcomes.setdefault(id, refusal(id, code_of(row), words))


def _full(known: ModuleTags) -> Row:
    return {"code": "LIMIT_EXCEEDED", "message": f"the module holds {known.allowed} tags, the most its edition allows"}
