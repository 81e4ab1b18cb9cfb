"""A small tap that speaks the whole protocol, and misbehaves as its config asks it to. Knows nothing of kamsync.

Config: `file` holds {stream: {keys, bookmark, rows}}; the other keys are its vices.
"""

import argparse
import json
import os
import signal
import sys
import time
from pathlib import Path


def say(**message):
    print(json.dumps(message), flush=True)


def discover(streams):
    listed = []
    for name, told in streams.items():
        root = {"inclusion": "available", "table-key-properties": told["keys"]}
        if told.get("bookmark"):
            root |= {"valid-replication-keys": [told["bookmark"]], "forced-replication-method": "INCREMENTAL"}
        else:
            root |= {"forced-replication-method": "FULL_TABLE"}
        properties = {key: {"type": ["null", "string"]} for row in told["rows"] for key in row}
        metadata = [{"breadcrumb": [], "metadata": root}]
        metadata += [{"breadcrumb": ["properties", key], "metadata": {"inclusion": "available"}} for key in properties]
        schema = {"type": "object", "properties": properties}
        listed.append({"tap_stream_id": name, "stream": name, "schema": schema, "metadata": metadata})
    print(json.dumps({"streams": listed}, indent=1))


def selected(catalog):
    """(stream, its chosen fields), by the metadata alone."""
    for one in catalog["streams"]:
        told = {tuple(item["breadcrumb"]): item["metadata"] for item in one["metadata"]}
        if told[()].get("selected"):
            yield one["stream"], {path[1] for path, item in told.items() if path and item.get("selected")}


def sync(streams, catalog, state, config):
    chosen = dict(selected(catalog)) if catalog else dict.fromkeys(streams)
    if config.get("ignores_selection"):
        chosen = dict.fromkeys(streams)
    said = 0
    for name, fields in chosen.items():
        told = streams[name]
        bookmark = told.get("bookmark")
        since = state.get("bookmarks", {}).get(name, "")
        say(type="SCHEMA", stream=name, schema={"type": "object"}, key_properties=told["keys"],
            bookmark_properties=[bookmark] if bookmark else [])  # fmt: skip
        rows = [row for row in told["rows"] if not bookmark or row[bookmark] >= since]
        for row in sorted(rows, key=lambda row: row[bookmark]) if bookmark else rows:
            if said == config.get("fails_after"):
                sys.exit(f"login failed for password {config['password']}")
            said += 1
            say(type="RECORD", stream=name, record={k: v for k, v in row.items() if fields is None or k in fields})
            if bookmark:
                state.setdefault("bookmarks", {})[name] = row[bookmark]
            if said % config.get("state_every", 1) == 0:
                say(type="STATE", value=state)
        for line in config.get("noise", []):
            print(line, flush=True)
        if config.get("hangs"):
            signal.signal(signal.SIGTERM, lambda *_: (Path(config["hangs"] + ".asked").touch(), sys.exit()))
            Path(config["hangs"]).write_text(str(os.getpid()))
            time.sleep(3600)
    say(type="STATE", value=state)


def main():
    parser = argparse.ArgumentParser()
    for name in ("config", "catalog", "properties", "state"):
        parser.add_argument(f"--{name}", type=Path)
    parser.add_argument("--discover", action="store_true")
    given = parser.parse_args()
    config = json.loads(given.config.read_text())
    streams = json.loads(Path(config["file"]).read_text())
    if given.discover:
        if config.get("cannot_discover"):
            sys.exit("unrecognized: --discover")
        return discover(streams)
    catalog = given.catalog or given.properties
    state = json.loads(given.state.read_text()) if given.state else {}
    if "runs" in config:
        with Path(config["runs"]).open("a") as log:
            log.write(json.dumps({"state": state, "environment": sorted(os.environ)}) + "\n")
    return sync(streams, json.loads(catalog.read_text()) if catalog else None, state, config)


if __name__ == "__main__":
    main()
