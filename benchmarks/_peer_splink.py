"""Splink beside it, where it is installed: unsupervised, on normalized fields, at the threshold that is best for it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from kamsync.rules.codes import domain_key, phone_key, uscc_key
from kamsync.rules.identity import Known
from kamsync.rules.names import normalize_name
from kamsync.rules.regions import place


def tries(rows: Sequence[Known]) -> Iterator[tuple[float, list[tuple[str, str]]]]:
    """(threshold, pairs at or above it). Raises ImportError where Splink is not installed."""
    import splink.comparison_library as compared
    from splink import DuckDBAPI, Linker, SettingsCreator, block_on

    settings = SettingsCreator(
        link_type="dedupe_only",
        unique_id_column_name="id",
        comparisons=[
            compared.JaroWinklerAtThresholds("name", [0.95, 0.88]),
            compared.ExactMatch("core").configure(term_frequency_adjustments=True),
            compared.ExactMatch("uscc"),
            compared.ExactMatch("phone").configure(term_frequency_adjustments=True),
            compared.ExactMatch("site").configure(term_frequency_adjustments=True),
            compared.ExactMatch("city"),
        ],
        blocking_rules_to_generate_predictions=[
            block_on(column) for column in ("core", "uscc", "phone", "site", "substr(core, 1, 3)")
        ],
    )
    api = DuckDBAPI()
    linker = Linker(api.register(_table(rows)), settings)
    linker.training.estimate_probability_two_random_records_match([block_on("uscc"), block_on("name")], recall=0.5)
    linker.training.estimate_u_using_random_sampling(max_pairs=1_000_000, seed=1)
    for column in ("phone", "name"):
        linker.training.estimate_parameters_using_expectation_maximisation(block_on(column))
    found = linker.inference.predict(threshold_match_probability=0.01).as_record_list()
    for threshold in (0.01, 0.5, 0.9, 0.95, 0.99, 0.999, 0.9999):
        yield threshold, [(one["id_l"], one["id_r"]) for one in found if one["match_probability"] >= threshold]


def _table(rows: Sequence[Known]) -> Any:
    import pyarrow

    names = [normalize_name(one.name) for one in rows]
    return pyarrow.table({
        "id": [one.id for one in rows],
        "name": [name.full for name in names],
        "core": [name.core or None for name in names],
        "uscc": [uscc_key(one.uscc) for one in rows],
        "phone": [phone_key(one.phone) for one in rows],
        "site": [domain_key(one.website) for one in rows],
        "city": [place(one.city) or None for one in rows],
    })  # fmt: skip
