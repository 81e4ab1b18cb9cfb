"""Checks of what a connector says of itself and of its tenant: who we are there, what can be read, how it is mapped.

Nothing is judged beyond what the engine and `kamsync doctor` rely on.
"""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from pydantic import ValidationError

from kamsync.mapping import read_mapping
from kamsync.plugin import CONTRACT
from kamsync.testing.suite_bench import Bench

MINUTES = timedelta(minutes=5)


class Metadata:
    """The connector's own words."""

    def test_the_connector_is_of_this_contract_and_has_a_plain_name(self, bench: Bench) -> None:
        """The name is typed into config files and stands in every table."""
        connector = bench.connector

        assert connector.contract == CONTRACT
        assert re.fullmatch(r"[a-z][a-z0-9_-]{0,63}", connector.name)
        assert connector.title.zh
        assert connector.title.en

    def test_a_key_that_no_connection_has_is_refused(self, bench: Bench) -> None:
        """A misspelt key that is passed over in silence is a setting that never works."""
        with pytest.raises(ValidationError):
            bench.connector.options(**{**bench.tenant.options(), "no_such_key": 1})

    def test_the_default_mapping_is_sound_and_fits_the_tenant(self, bench: Bench) -> None:
        """Out of the box the streams of the mapping are those that the tenant offers."""
        mapping = read_mapping(bench.connector.mapping(), f"{bench.connector.name}.toml")
        offered = {stream.object for stream in bench.session.streams()}

        mapped = set(mapping.objects.values())

        assert "account" in mapping.entities.values()
        assert mapped <= offered

    def test_a_check_up_tells_who_we_are_and_what_time_it_is(self, bench: Bench) -> None:
        """The organisation's id is part of every marker; the clock decides where windows end."""
        health = bench.session.check()

        assert health.org
        assert health.user or bench.is_offline  # nobody signs in to a folder
        assert health.clock is None or abs(health.clock - bench.tenant.now()) < MINUTES
        assert [finding.check for finding in health.findings if finding.state == "bad"] == []
        assert all(finding.detail.zh and finding.detail.en for finding in health.findings)

    def test_the_organisation_has_the_same_id_after_a_restart(self, bench: Bench) -> None:
        """Another id would make every marker new, and every reminder again."""
        before = bench.session.check().org

        after = bench.open().check().org

        assert after == before

    def test_streams_are_told_once_each(self, bench: Bench) -> None:
        """Cursors are kept by the stream's name: two of one name would overwrite each other's place."""
        streams = bench.session.streams()

        assert len({stream.name for stream in streams}) == len(streams)
        assert "account" in {bench.entity_of(stream) for stream in streams}

    def test_every_stream_can_be_read_to_its_end(self, bench: Bench) -> None:
        """What is offered can be had, the empty and the custom ones too."""
        bench.accounts(2)

        endless = [stream.name for stream in bench.session.streams() if not bench.ends(bench.pages(stream), stream)]

        assert endless == []

    def test_every_stream_describes_its_fields_once_each(self, bench: Bench) -> None:
        """Mapping, drift and coverage are built on these names."""
        told = {stream.name: bench.describes().fields(stream) for stream in bench.session.streams()}

        twice = {name for name, fields in told.items() if len({field.name for field in fields}) < len(fields)}

        assert twice == set()
        assert all(field.name and field.label and field.type for fields in told.values() for field in fields)
        assert told[bench.stream().name]
