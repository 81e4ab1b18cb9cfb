"""A mapping file on a desk, to be edited as an admin would."""

from __future__ import annotations

import re

from tests.engine.around import part_of
from tests.engine.desk import ROOT, Desk


class Paper:
    """A connection's mapping, with some of its streams and the users, as a file of the desk's own."""

    def __init__(self, desk: Desk, *streams: str, connection: str = "zoho") -> None:
        whole = (ROOT / f"mappings/{connection}.toml").read_text("utf-8")
        self.path = desk.folder / f"{connection}.toml"
        self.path.write_text(part_of(whole, {*streams, "users"}), "utf-8")
        desk.mappings[connection] = self.path
        desk.streams = None
        desk.configure()

    @property
    def text(self) -> str:
        return self.path.read_text("utf-8")

    def edit(self, old: str, new: str) -> None:
        assert old in self.text
        self.path.write_text(self.text.replace(old, new), "utf-8")

    def leave_out(self, stream: str) -> None:
        """No stream of that name any more."""
        blocks = re.split(r"(?m)^(?=\[)", self.text)
        kept = [block for block in blocks if re.split(r"[.\]]", block[1:])[0] != stream]
        self.path.write_text("".join(kept), "utf-8")

    def line(self, name: str) -> str:
        """The line of a field."""
        found = re.search(rf"(?m)^{name} = .*\n", self.text)
        assert found
        return found[0]
