"""How well and how fast records are linked, on made-up books whose truth is known; beside it what others would do.

Run:  python benchmarks/identity.py --companies 5000 --peers     precision, recall, questions; others beside it
      python benchmarks/identity.py --companies 133000           some 250,000 records
      python benchmarks/identity.py --companies 133000 --follow  the same through engine and store, then 1,000 changed
"""

from __future__ import annotations

import argparse
import resource
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from random import Random

import _peer_splink
from _identity_world import make
from rapidfuzz import fuzz

from kamsync.engine.link import link_members
from kamsync.plugin import batches
from kamsync.rules import identity
from kamsync.rules.identity import Known, blocks
from kamsync.rules.names import normalize_name
from kamsync.store import open_store
from kamsync.store.entities import TABLES
from kamsync.store.sql import upsert

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
CHANGED = 1_000
Truth = Mapping[str, int]
Groups = Iterable[Iterable[str]]


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--companies", type=int, default=5_000)
    asked.add_argument("--seed", type=int, default=1)
    asked.add_argument("--peers", action="store_true", help="other methods beside it")
    asked.add_argument("--follow", action="store_true", help="through engine and store, then a thousand changes")
    given = asked.parse_args()
    rows, truth = make(given.companies, given.seed)
    print(f"{len(rows)} records of {len(set(truth.values()))} companies, seed {given.seed}")
    if given.follow:
        follow(rows, given.seed)
        return
    ours(rows, truth)
    if given.peers:
        print(f"  exact name      {_figures(exact(rows), truth)}")
        threshold, groups = fuzzy(rows, truth)
        print(f"  rapidfuzz ≥ {threshold:3}  {_figures(groups, truth)}")
        print(f"  splink{splink(rows, truth)}")


# ---- ours


def ours(rows: Sequence[Known], truth: Truth) -> None:
    began, clusters, asked = time.process_time(), [], 0
    for found, decisions in identity.decide(rows):
        clusters += found
        asked += sum(one.verdict == "review" for one in decisions)
    seconds = time.process_time() - began
    print(f"  kamsync         {_figures(clusters, truth)}  asked {asked / len(rows):.1%} of rows")
    print(f"  {seconds:.1f} s CPU, {_megabytes()} MB at most")


def follow(rows: Sequence[Known], seed: int) -> None:
    """Everything at once, then changes of every kind, as a pull would leave them."""
    with tempfile.TemporaryDirectory(prefix="kamsync-identity-") as folder:
        store = open_store(f"sqlite:///{Path(folder) / 'kamsync.db'}")
        with store.write() as tx:
            for some in batches(rows, 5_000):
                upsert(tx, TABLES["account"], [_member(one) for one in some])
        for what, changed in (("all", []), (f"{CHANGED} changed", _changed(rows, seed))):
            with store.write() as tx:
                upsert(tx, TABLES["account"], [_member(one) for one in changed], keep=("account_id",))
            wall, cpu = time.perf_counter(), time.process_time()
            with store.write() as tx:
                link_members(tx, NOON)
            spent = f"{time.process_time() - cpu:.1f} s CPU, {time.perf_counter() - wall:.1f} s"
            print(f"  {what:14} {spent}, {_megabytes()} MB at most")
        size = (Path(folder) / "kamsync.db").stat().st_size / 2**20
        print(f"  the store: {size:.0f} MB")
        store.close()


def _changed(rows: Sequence[Known], seed: int) -> list[Known]:
    """Other names, telephones and towns: those of other records."""
    chance = Random(seed)
    picked = chance.sample(rows, CHANGED * 2)
    found = []
    for one, other in zip(picked[:CHANGED], picked[CHANGED:], strict=True):
        name, phone = (other.name, one.phone) if chance.random() < 0.3 else (one.name, other.phone)
        found.append(Known(id=one.id, name=name, phone=phone, website=one.website, uscc=one.uscc, city=one.city))
    return found


def _member(one: Known) -> dict[str, object]:
    return {
        "connection": "zoho", "stream": "accounts", "remote_id": one.id, "account_id": None, "dirty": True,
        "name": one.name, "other_names": list(one.other_names), "uscc": one.uscc, "phone": one.phone,
        "website": one.website, "province": one.province, "city": one.city,
    }  # fmt: skip


# ---- what others would do


def exact(rows: Sequence[Known]) -> Groups:
    found: dict[str, list[str]] = defaultdict(list)
    for one in rows:
        found[normalize_name(one.name).full].append(one.id)
    return found.values()


def fuzzy(rows: Sequence[Known], truth: Truth) -> tuple[int, Groups]:
    """Names alike by rapidfuzz's ratio, among pairs that share a key; at the threshold that is best for it."""
    companies = [identity.company_of(one) for one in rows]
    names = [normalize_name(one.name).full for one in rows]
    pairs, _ = blocks.pairs(companies)
    scored = [(fuzz.ratio(names[a], names[b]), rows[a].id, rows[b].id) for a, b in pairs.tolist()]
    tries = [(threshold, list(_closed(rows, scored, threshold))) for threshold in range(70, 101, 5)]
    return max(tries, key=lambda one: _f1(one[1], truth))


def splink(rows: Sequence[Known], truth: Truth) -> str:
    """Not among the dependencies of kamsync: pip install splink pyarrow, in an environment of its own."""
    try:
        found = [(threshold, list(_closed(rows, ((100.0, *pair) for pair in pairs), 0)))
                 for threshold, pairs in _peer_splink.tries(rows)]  # fmt: skip
    except ImportError:
        return "          not installed"
    threshold, groups = max(found, key=lambda one: _f1(one[1], truth))
    return f" ≥ {threshold:6} {_figures(groups, truth)}"


def _closed(rows: Sequence[Known], scored: Iterable[tuple[float, str, str]], threshold: int) -> Iterator[list[str]]:
    into = {one.id: one.id for one in rows}

    def top(id: str) -> str:
        while into[id] != id:
            into[id] = id = into[into[id]]
        return id

    for score, a, b in scored:
        if score >= threshold:
            into[top(a)] = top(b)
    found: dict[str, list[str]] = defaultdict(list)
    for id in into:
        found[top(id)].append(id)
    yield from found.values()


# ---- figures


def _counts(groups: Groups, truth: Truth) -> tuple[int, int, int]:
    """(pairs joined rightly, joined, that there are)."""
    right = joined = 0
    for ids in groups:
        many = Counter(truth[id] for id in ids)
        right += sum(_pairs(count) for count in many.values())
        joined += _pairs(sum(many.values()))
    return right, joined, sum(_pairs(count) for count in Counter(truth.values()).values())


def _pairs(count: int) -> int:
    return count * (count - 1) // 2


def _f1(groups: Groups, truth: Truth) -> float:
    right, joined, there = _counts(groups, truth)
    return 2 * right / (joined + there)


def _figures(groups: Groups, truth: Truth) -> str:
    right, joined, there = _counts(groups, truth)
    return f"P {right / max(1, joined):.4f}  R {right / there:.4f}  ({joined - right} wrong pairs)"


def _megabytes() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


if __name__ == "__main__":
    main()
