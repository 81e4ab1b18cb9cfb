"""Reading side by side: how much may be on its way at once, and what is let go of when it has landed."""

from __future__ import annotations

import gc
import time
import weakref
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from itertools import chain

from kamsync.engine.reading import Errand, Event, Fetched, Readers
from kamsync.engine.sparing import sparing
from kamsync.net import SystemClock
from kamsync.plugin import Health, Page, Record, Stream, Window

CONTACTS = Stream("contacts", "Contacts", "contact")
WHOLE = Window(None, datetime(2026, 7, 1, tzinfo=UTC))


class Body(dict[str, object]):
    """A record's body that can be watched."""


class Press:
    """A CRM that prints pages as fast as they are asked for."""

    def __init__(self, pages: int, size: int) -> None:
        self.pages, self.size = pages, size
        self.printed = 0
        self.bodies: list[weakref.ref[Body]] = []

    def check(self) -> Health:
        return Health("press", "1")

    def streams(self) -> Sequence[Stream]:
        return [CONTACTS]

    def read(self, stream: Stream, window: Window, cursor: str | None) -> Iterator[Page]:
        for number in range(self.pages):
            bodies = [Body(Full_Name=f"李雷{row}") for row in range(self.size)]
            self.bodies += map(weakref.ref, bodies)
            self.printed += self.size
            cursor = str(number) if number + 1 < self.pages else None
            yield Page(
                tuple(Record(f"{id(self)}-{number}-{row}", None, body) for row, body in enumerate(bodies)),
                cursor=cursor,
            )


def _errands(presses: Sequence[Press]) -> list[Errand]:
    return [Errand("zoho", press, CONTACTS, f"records:{number}", WHOLE) for number, press in enumerate(presses)]


def _events(readers: Readers, presses: Sequence[Press]) -> Iterator[Event]:
    return chain.from_iterable(readers.fetch(_errands(presses)))


def _stands_still(presses: Sequence[Press]) -> int:
    """How many records were printed when no more are."""
    before = -1
    while (now := sum(press.printed for press in presses)) != before:
        before = now
        time.sleep(0.1)
    return now


def test_no_more_records_are_on_their_way_than_there_is_room_for() -> None:
    presses = [Press(pages=20, size=300) for _ in range(4)]
    readers, landed, most = Readers(SystemClock(), {"zoho": 4}, rows=1_000), 0, 0

    for event in _events(readers, presses):
        if isinstance(event, Fetched):
            most = max(most, _stands_still(presses) - landed) if landed < 1_200 else most
            landed += len(event.page.records)
    readers.close()

    assert landed == 4 * 20 * 300
    assert most <= 1_000 + 4 * 100  # the first pages brought a hundred more each than was thought


def test_a_page_that_is_larger_than_the_room_comes_all_the_same() -> None:
    presses = [Press(pages=3, size=50) for _ in range(2)]
    readers = Readers(SystemClock(), {"zoho": 2}, rows=10)

    came = [len(event.page.records) for event in _events(readers, presses) if isinstance(event, Fetched)]
    readers.close()

    assert came == [50] * 6


def test_a_landed_page_has_left_the_memory_when_the_next_is_there() -> None:
    press = Press(pages=4, size=10)
    readers, alive = Readers(SystemClock(), {"zoho": 1}, rows=10), []

    for event in _events(readers, [press]):
        alive.append(sum(body() is not None for body in press.bodies))
        del event
    readers.close()

    assert alive == [10, 10, 10, 10, 0]


def _groups(presses: Sequence[Press]) -> list[list[str]]:
    """The events of each group, once all of them wait, with the ends in their place."""
    readers = Readers(SystemClock(), {"zoho": len(presses)})
    groups = readers.fetch(_errands(presses))
    first = next(groups)
    _stands_still(presses)
    found = [[type(event).__name__ for event in group] for group in chain([first], groups)]
    readers.close()
    return found


def test_what_waits_beside_a_page_lands_with_it_and_a_second_page_by_itself() -> None:
    assert _groups([Press(pages=2, size=10)]) == [["Fetched"], ["Fetched", "Ended"]]


def test_pages_that_bring_nothing_land_together() -> None:
    [group] = _groups([Press(pages=1, size=0) for _ in range(3)])

    assert sorted(group) == ["Ended"] * 3 + ["Fetched"] * 3


@sparing()
def _spared(work: Callable[[], tuple[int, int, int]]) -> tuple[int, int, int]:
    return work()


def test_a_pull_leaves_the_settings_of_the_process_as_they_were() -> None:
    usual = gc.get_threshold()

    during = _spared(gc.get_threshold)

    assert (during != usual, gc.get_threshold()) == (True, usual)
