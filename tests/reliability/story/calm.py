"""After the storm: everything is well again, kamsync does its rounds, and the CRMs must hold what they should.

What should be there is worked out from the tenants' truth alone, by a few lines that share nothing with the rules.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import date, timedelta

from kamsync.engine import pausing
from kamsync.rules.marker import marker
from tests.reliability.story.eyes import SHANGHAI, Key, Row
from tests.reliability.story.virtual import Fxiaoke, Zoho
from tests.reliability.story.world import World

ROUNDS = 9  # cycles within which all must have come to rest: two in a row that write nothing
CADENCE = {1: 14, 2: 30}
TAG = {1: "KAM·一级", 2: "KAM·二级"}
ORGS = {"zoho": "700123456", "fxiaoke": "sim01"}
Member = tuple[str, str]  # tenant, record


def calm(world: World) -> None:
    """Heal everything, let kamsync come to rest, and check what can only be checked at rest."""
    heal(world)
    silent = 0
    for _ in range(ROUNDS):
        before = world.line.writes
        world.run(lambda: world.cycle(by_person=True))
        if world.book.ask("SELECT 1 FROM hold WHERE state = 'held' LIMIT 1"):
            world.run(world.approve_all)
        world.time.pass_by(400)
        silent = silent + 1 if world.line.writes == before and not _under_way(world) else 0
        if silent == 2:
            break
    else:
        quiet(world)
    complete(world)
    receipts(world)


def heal(world: World) -> None:
    """No more trouble, and a day has passed since any refusal."""
    world.time.pass_by(26 * 3600)
    ease(world)


def ease(world: World) -> None:
    """Nothing is broken, forbidden, spent, paused or locked any more."""
    world.coming = {True: [], False: []}
    world.fuse = None
    world.clock.wrong = timedelta()
    for tenant in world.tenants.values():
        tenant.delay(0)
        if isinstance(tenant, Zoho):
            tenant.knobs.unreadable, tenant.knobs.credits = (), 60_000
            tenant.crm.limits.ledger.clear()
            tenant.crm.limits.used = 0
            for id in tenant.ids("account"):
                tenant.lock_record(id, locked=False)
        elif isinstance(tenant, Fxiaoke):
            tenant.knobs.acting_user_admin, tenant.knobs.daily_quota = True, None
            for id in tenant.ids("account"):
                tenant.lock_row(id, on=False)
    for name in world.tenants:
        world.book.look(name, "people")
    for where in pausing.paused(world.workspace):
        pausing.resume(world.workspace, where)


def _under_way(world: World) -> bool:
    query = "SELECT 1 FROM intent WHERE state IN ('planned', 'sending', 'unknown') LIMIT 1"
    return bool(world.book.ask(query))


# ---- what is checked at rest


def quiet(world: World) -> None:
    """It has not come to rest: say what goes on."""
    world.book.fail(f"quiet: after {ROUNDS} rounds without any news something is still written or waits")
    going = "SELECT key, state, code, message FROM intent WHERE state IN ('planned', 'sending', 'unknown')"
    for key, state, code, said in world.book.ask(going):
        world.book.fail(f"quiet: {key} is {state} ({code} {said})")


def complete(world: World) -> None:
    """Every tag and every task that is due is there, and no tag of ours that is not."""
    today = world.time.now().astimezone(SHANGHAI).date()
    rows = world.book.known
    visits: dict[Member, list[date]] = defaultdict(list)
    for name, eye in world.book.eyes.items():
        for record, day in eye.visits(rows[name]):
            visits[name, record].append(day)
    for members in _customers(world):
        name, key, row = members[0]
        influence = world.book.eyes[name].influence(row)
        rank = 1 if influence >= 70 else 2
        for name, key, row in members:
            _tags(world, name, key, row, TAG[rank])
        touched = [day for name, key, _ in members for day in visits[name, key[1]] if day <= today]
        if touched:
            code = world.book.eyes[name].uscc(row)
            owed = _owed(world, list(world.book.ever[code]), max(touched), CADENCE[rank], today)
            if world.config.policy.close_ended:
                _over(world, {(name, key[1]) for name, key, _ in members}, owed)


def _customers(world: World) -> Iterator[list[tuple[str, Key, Row]]]:
    """The records of each customer, over all tenants, in the order in which they win."""
    found: dict[str, list[tuple[str, Key, Row]]] = defaultdict(list)
    for name, eye in world.book.eyes.items():
        for key, row in world.book.known[name].items():
            if key[0] == eye.account and eye.lives(row):
                found[eye.uscc(row)].append((name, key, row))
    yield from found.values()


def _tags(world: World, name: str, key: Key, row: Row, wish: str) -> None:
    book, has = world.book, world.book.eyes[name].tags(row)
    world.book.figures["tags due"] += 1
    if wish not in has and (name, key[1], wish) not in book.left:
        book.fail(f"lost: {name} {key[1]} lacks {wish}, it has {has}")
    for tag in has:
        by, when = book.laid.get((name, key[1], tag), ("people", 0))
        if by == "us" and tag != wish and when > book.forgot:
            book.fail(f"stale: {name} {key[1]} still has our {tag}, wanted is {wish}")


def _owed(world: World, members: list[Member], touched: date, cadence: int, today: date) -> set[str]:
    """A contact that is overdue: its task was made, on one of the customer's records. The markers that it may have."""
    days = (today - touched).days
    if days <= cadence:
        return set()
    book, suffix = world.book, f"{touched}-{days // cadence}"
    book.figures["duties due"] += 1
    markers = [marker("main", ORGS[name], "R01", record, suffix) for name, record in members]
    if not any(book.made[one] for one in markers):
        book.fail(f"lost: R01 {suffix} of {members} was never made")
    known = [one for one, place in zip(markers, members, strict=True) if place not in book.unseen]
    book.figures["records lost"] += len(markers) - len(known)
    alive = [key for name in book.eyes for one in known for key in book.lives(name, one)]
    if len(alive) > 1:
        book.fail(f"twice: R01 {suffix} of {members} lives as {alive}")
    for name, eye in book.eyes.items():
        for key in {key for one in markers for key in book.lives(name, one)}:
            if (name, key[1]) in book.shut and eye.done(book.known[name][key]):
                book.fail(f"closed: R01 {suffix} is owed, and we closed {name} {key}")
    return set(markers)


def _over(world: World, members: set[Member], owed: set[str]) -> None:
    """A reminder of ours that nobody touched and that is not owed any more was closed."""
    book = world.book
    for (name, id), turn in book.born.items():
        eye = book.eyes[name]
        row = book.known[name].get((eye.task, id))
        if row is None or not eye.lives(row) or eye.done(row) or (name, eye.about(row)) not in members:
            continue
        mark = eye.marker(row) or ""
        left_alone = (name, id) in book.touched | book.misdated or turn <= book.forgot
        if mark.startswith("kam:R01:") and mark not in owed and not left_alone:
            book.fail(f"stale: {mark} is not owed any more, and {name} {id} is open")


def receipts(world: World) -> None:
    """What the outbox says is done is there, or went by other hands; what it tried twice had a reason."""
    book = world.book
    alive = {
        name: {key[1] for key, row in rows.items() if book.eyes[name].lives(row)} for name, rows in book.known.items()
    }
    done = "SELECT connection, written_id, key, payload FROM intent WHERE kind = 'task' AND state = 'done'"
    for name, id, key, payload in book.ask(done):
        if id not in alive[name] and not any(one in payload for one in book.ended):
            book.fail(f"receipt: {key} is done as {id}, which is nowhere")
    again = """SELECT i.key, r.attempt, r.outcome, r.evidence FROM receipt r JOIN intent i ON i.id = r.intent
               WHERE r.id IN (SELECT max(id) FROM receipt GROUP BY intent, attempt) AND r.attempt < i.attempt"""
    for key, attempt, outcome, evidence in book.ask(again):
        if outcome in ("unknown", "looked", "applied") or (outcome.startswith("settled") and not evidence):
            book.fail(f"evidence: {key} was tried again after attempt {attempt} ended as {outcome} ({evidence})")
