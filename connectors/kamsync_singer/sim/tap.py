"""A small tap that speaks the whole protocol. A program of its own: it knows nothing of kamsync.

Config: `folder` holds a file of JSON lines for each stream, the last line of an id counts; `password` is its secret;
`breaks`: it fails, and says more than it should.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

MARK = "updated_at"
OFTEN = 100  # records from one STATE to the next
STREAMS = {
    "customers": ("name", "tax_id", "phone", "website", "city"),
    "orders": ("customer_id", "number", "ordered_at", "total", "currency", "refunded", "status"),
}
AMOUNTS = ("total", "refunded")


def say(**message: Any) -> None:
    sys.stdout.write(json.dumps(message, ensure_ascii=False) + "\n")


def schema(stream: str) -> dict[str, Any]:
    kinds = {name: "number" if name in AMOUNTS else "string" for name in STREAMS[stream]}
    properties: dict[str, Any] = {name: {"type": ["null", kind]} for name, kind in kinds.items()}
    properties |= {"id": {"type": "string"}, MARK: {"type": "string", "format": "date-time"}}
    return {"type": "object", "properties": properties}


def discover() -> None:
    root = {"table-key-properties": ["id"], "valid-replication-keys": [MARK],
            "forced-replication-method": "INCREMENTAL"}  # fmt: skip
    listed = []
    for name in STREAMS:
        metadata = [{"breadcrumb": [], "metadata": root}]
        listed.append({"tap_stream_id": name, "stream": name, "schema": schema(name), "metadata": metadata})
    sys.stdout.write(json.dumps({"streams": listed}))


def rows(path: Path) -> list[dict[str, Any]]:
    """The newest version of each row, oldest change first."""
    known = {row["id"]: row for row in map(json.loads, path.read_text("utf-8").splitlines())}
    return sorted(known.values(), key=lambda row: (row[MARK], row["id"]))


def chosen(catalog: Mapping[str, Any]) -> list[str]:
    return [one["stream"] for one in catalog["streams"] if one.get("selected")]


def sync(config: Mapping[str, Any], streams: list[str], state: dict[str, Any]) -> None:
    for stream in streams:
        say(type="SCHEMA", stream=stream, schema=schema(stream), key_properties=["id"], bookmark_properties=[MARK])
        reached = tuple(state.get("bookmarks", {}).get(stream, ("", "")))
        left = [row for row in rows(Path(config["folder"], f"{stream}.jsonl")) if (row[MARK], row["id"]) > reached]
        for number, row in enumerate(left, 1):
            say(type="RECORD", stream=stream, record=row)
            state.setdefault("bookmarks", {})[stream] = (row[MARK], row["id"])
            if number % OFTEN == 0:
                say(type="STATE", value=state)
    say(type="STATE", value=state)


def main() -> None:
    parser = argparse.ArgumentParser()
    for name in ("config", "catalog", "state"):
        parser.add_argument(f"--{name}", type=Path)
    parser.add_argument("--discover", action="store_true")
    given = parser.parse_args()
    config = json.loads(given.config.read_text("utf-8"))
    if given.discover:
        return discover()
    if config.get("breaks"):
        sys.exit(f"login failed with {json.dumps(config)}")
    state = json.loads(given.state.read_text("utf-8")) if given.state else {}
    streams = chosen(json.loads(given.catalog.read_text("utf-8"))) if given.catalog else list(STREAMS)
    return sync(config, streams, state)


if __name__ == "__main__":
    main()
