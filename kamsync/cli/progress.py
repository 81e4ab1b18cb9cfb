"""Show how far long work is: a live table on a terminal, plain lines elsewhere, always on stderr."""

from __future__ import annotations

from types import TracebackType
from typing import Any

from rich.live import Live
from rich.table import Table
from rich.text import Text as Styled

from kamsync.cli.screen import Screen, table
from kamsync.plugin.text import Text


class Progress:
    """Takes the engine's events: `progress("pull.page", connection=…, stream=…, records=…)`."""

    def __init__(self, screen: Screen) -> None:
        self.screen = screen
        self.streams: dict[tuple[str, str], tuple[int, str]] = {}  # -> records so far, mark
        self.words = Styled("")
        self.live = Live(console=screen.err, transient=True, refresh_per_second=8) if screen.err.is_terminal else None

    def __enter__(self) -> Progress:
        if self.live is not None:
            self.live.start()
            self.screen.end_progress = self.end
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        self.end()

    def end(self) -> None:
        """Take the live table off the terminal; work that goes on afterwards is told in lines."""
        if self.live is not None:
            self.live.stop()
            self.live = None

    def __call__(self, event: str, **facts: Any) -> None:
        kind, _, what = event.partition(".")
        if kind == "pull":
            self._pulled(what, facts)
        elif event == "tier.judged":
            self._said(f"评级 {facts['done']}/{facts['of']}", f"judged {facts['done']} of {facts['of']}")
        elif event.startswith("map."):
            self._mapped(what, facts)
        elif event == "plan.made":
            self._said(f"计划 {facts['changes']} 处变更", f"planned {facts['changes']} changes")
        elif event == "reconcile.lost":
            name = facts["connection"]
            self._said(f"{name}:数据库丢失过,正在认回", f"{name}: books were lost, taking back what is ours")
        elif event == "reconcile.waiting":
            name, seconds = facts["connection"], facts["seconds"]
            self._said(f"{name}:等 {seconds} 秒后再看一遍", f"{name}: another look in {seconds} s")
        elif event == "reconcile.done":
            name, found = facts["connection"], facts.get("listed", 0)
            self._said(f"{name}:核对了 {found} 条任务", f"{name}: {found} tasks compared")
        elif event == "push.batch":
            name, rows = facts["connection"], facts["rows"]
            self._said(f"写入 {name}:{rows} 处", f"wrote to {name}: {rows} rows")

    def _mapped(self, what: str, facts: dict[str, Any]) -> None:
        name = facts["connection"]
        if what == "published":
            number = facts["version"]
            self._said(f"{name}:映射版本 {number} 生效", f"{name}: mapping version {number} is in force")
        elif what == "rebuilt" and (facts["changed"] or facts["left"]):
            where, records, changed = f"{name}/{facts['stream']}", facts["records"], facts["changed"] + facts["left"]
            self._said(
                f"{where}:由原始记录重建 {records} 条,{changed} 条有变",
                f"{where}: {records} made anew from what is kept, {changed} differ",
            )
        elif what == "aside":
            self._said(f"{name}:改过的映射未生效", f"{name}: the edited mapping does not come into force")

    def _pulled(self, what: str, facts: dict[str, Any]) -> None:
        key = (facts["connection"], facts["stream"])
        before, mark = self.streams.get(key, (0, ""))
        records = facts.get("records", before)
        self.streams[key] = (records, {"page": "…", "done": "✓", "failed": "✗"}.get(what, ""))
        where = "/".join(key)
        if what == "done" and (mark == "✓" or not records):
            self._show()  # its list of deletions ended too, or nothing came
        elif what == "done":
            self._said(f"{where}:{records} 条", f"{where}: {records} records")
        elif what == "failed":
            why: Text = facts["why"]
            self._said(f"{where} 失败:{why.zh}", f"{where} failed: {why.en}")
        else:
            self._show()

    def _said(self, zh: str, en: str) -> None:
        if self.live is None:
            self.screen.note(zh, en)
            return
        self.words = Styled(zh if self.screen.is_zh else en)
        self._show()

    def _show(self) -> None:
        if self.live is not None:
            self.live.update(self._table())

    def _table(self) -> Table:
        words = ("连接", "数据流", "记录") if self.screen.is_zh else ("connection", "stream", "records")
        rows = [(name, stream, f"{records:,}", mark) for (name, stream), (records, mark) in self.streams.items()]
        made = table(words[0], words[1], (words[2], "right"), "", rows=rows)
        made.caption = self.words
        made.caption_justify = "left"
        return made
