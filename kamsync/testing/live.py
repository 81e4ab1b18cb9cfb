"""The checks that a real tenant allows: everything here reads, a little, and changes nothing.

What the checks of the suite do by people's hands is left out; which connection, the environment says.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from datetime import timedelta
from itertools import islice
from pathlib import Path

import pytest

from kamsync.engine.connections import Connection, connected
from kamsync.engine.workspace import opened
from kamsync.net import SystemClock
from kamsync.plugin import CursorLost, Describes, Gets, Page, Stream, Window

MOST = 3  # pages of a stream
LATE = timedelta(minutes=5)


class TestLive:
    """A real tenant, read."""

    @pytest.fixture(scope="class")
    def connection(self) -> Iterator[Connection]:
        name = os.environ["KAMSYNC_LIVE_CONNECTION"]
        config = Path(os.environ["KAMSYNC_LIVE_CONFIG"])
        with opened(config, SystemClock()) as workspace, connected(workspace, [name]) as (ready, trouble):
            if name in trouble:
                raise trouble[name]
            if name not in ready:
                pytest.fail(f"the config has no connection {name}")
            yield ready[name]

    def test_a_check_up_tells_who_we_are_and_what_time_it_is(self, connection: Connection) -> None:
        """The organisation's id is part of every marker."""
        health = connection.session.check()

        assert health.org
        assert health.user
        assert [finding.detail.en for finding in health.findings if finding.state == "bad"] == []

    def test_what_is_mapped_is_offered(self, connection: Connection) -> None:
        """A stream that the tenant does not offer is a kind of record that nobody reads."""
        assert connection.missing == []
        assert connection.streams

    def test_streams_are_told_once_each(self, connection: Connection) -> None:
        """Cursors are kept by their names."""
        names = [stream.name for stream in connection.session.streams()]

        assert len(set(names)) == len(names)

    def test_the_first_pages_hold_each_record_once(self, connection: Connection) -> None:
        """Where ids come twice, a page boundary is not where it is thought to be."""
        for stream in connection.streams:
            ids = [record.id for page in _some(connection, stream) for record in page.records]
            assert len(set(ids)) == len(ids), stream.name

    def test_records_bear_stamps_that_know_their_offset(self, connection: Connection) -> None:
        """The place in time is made of them; none is far ahead of the CRM's clock."""
        for stream in connection.streams:
            stamps = [one.modified for page in _some(connection, stream) for one in page.records if one.modified]
            assert all(stamp.utcoffset() is not None for stamp in stamps), stream.name
            assert not stream.incremental or all(stamp < connection.door.now() + LATE for stamp in stamps), stream.name

    def test_reading_resumes_after_the_first_page(self, connection: Connection) -> None:
        """The second page from the stored cursor is the second page."""
        for stream in connection.streams:
            pages = _some(connection, stream, 2)
            if len(pages) < 2 or pages[0].cursor is None:
                continue
            again = next(iter(connection.session.read(stream, _window(connection, stream), pages[0].cursor)))
            assert {one.id for one in again.records} == {one.id for one in pages[1].records}, stream.name

    def test_a_cursor_that_nobody_wrote_is_lost_and_says_so(self, connection: Connection) -> None:
        """After a change of version the window starts again."""
        stream = connection.streams[0]

        with pytest.raises(CursorLost):
            list(connection.session.read(stream, _window(connection, stream), "not a place"))

    def test_a_record_looked_up_by_its_id_is_found(self, connection: Connection) -> None:
        """Before many deletions are believed, a sample is looked up."""
        if not isinstance(connection.session, Gets):
            pytest.skip("get: not claimed by this session")
        stream = connection.streams[0]
        ids = [record.id for page in _some(connection, stream, 1) for record in page.records][:3]

        assert [each.state for each in connection.session.get(stream, ids)] == ["found"] * len(ids)

    def test_mapped_fields_are_described(self, connection: Connection) -> None:
        """Drift is told by comparing; a field that the mapping reads and the tenant lacks is unknown for ever."""
        if not isinstance(connection.session, Describes):
            pytest.skip("fields: not claimed by this session")
        for stream in connection.streams:
            names = [field.name for field in connection.session.fields(stream)]
            assert len(set(names)) == len(names), stream.name
            assert names, stream.name


def _window(connection: Connection, stream: Stream) -> Window:
    return Window(None, connection.door.now() + LATE, connection.mapping.wanted_fields(stream.name))


def _some(connection: Connection, stream: Stream, most: int = MOST) -> Sequence[Page]:
    return list(islice(connection.session.read(stream, _window(connection, stream), None), most))
