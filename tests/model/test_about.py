"""The words for the fields of the key-account file: each field has them, and no two of an entity share one."""

from __future__ import annotations

import dataclasses

import pytest

from kamsync.model import ENTITIES, about
from kamsync.model.about import PRIVACIES, PURPOSES

every_entity = pytest.mark.parametrize("entity", ENTITIES)


@every_entity
def test_every_field_is_said_in_both_languages(entity: str) -> None:
    fields = {field.name for field in dataclasses.fields(ENTITIES[entity])}

    assert set(about(entity)) == fields


@every_entity
def test_every_field_has_a_privacy_class_and_a_purpose_that_exist(entity: str) -> None:
    for name, said in about(entity).items():
        assert said.privacy in PRIVACIES, name
        assert said.purpose in PURPOSES, name


@every_entity
def test_no_two_fields_of_an_entity_share_a_label(entity: str) -> None:
    for labels in ([said.zh for said in about(entity).values()], [said.en for said in about(entity).values()]):
        assert len(set(labels)) == len(labels)


def test_what_is_a_persons_own_and_what_is_price_is_sensitive() -> None:
    assert {about("contact")[name].privacy for name in ("name", "mobile", "email", "birthday")} == {"sensitive"}
    assert {about("order")[name].privacy for name in ("gross", "cost")} == {"sensitive"}
    assert about("contact")["birthday"].purpose == "care"
