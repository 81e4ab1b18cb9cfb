"""Pushed events are a hint to poll sooner, and only the CRM's own are heard."""

from __future__ import annotations

import base64
import json
from datetime import timedelta
from typing import Any

import pytest

from kamsync.plugin import ConfigError, Refused
from kamsync_fxiaoke.events import decrypt, sign
from kamsync_fxiaoke.sim import App, push

KEY = App().aes_key


def receiver(desk: Any) -> Any:
    one = desk(aes_key=KEY)
    one.session.check()
    return one


def test_an_event_names_the_object_to_poll_sooner(desk):
    one = receiver(desk)
    (id,) = one.many(1)

    assert one.session.hint({}, one.tenant.event("AccountObj", id)).objects == ("AccountObj",)


@pytest.mark.parametrize("kind", ["insert", "invalid", "recover", "delete", "什么"])
def test_every_kind_of_event_means_fetch_again(desk, kind):
    one = receiver(desk)

    assert one.session.hint({}, one.tenant.event("SalesOrderObj", "6" * 24, kind)).objects == ("SalesOrderObj",)


def test_an_event_that_is_sent_again_has_the_name_it_had(desk):
    one = receiver(desk)
    first, other = (one.tenant.event("AccountObj", "6" * 24) for _ in range(2))
    plain = json.loads(decrypt(base64.b64decode(KEY), json.loads(first)["encryptedContent"]))
    again = push.event(KEY, plain, at=json.loads(first)["timestamp"] + 9000, ea=one.tenant.app.ea, retry=1)

    names = [one.session.hint({}, body).id for body in (first, again, other)]

    assert names[0] == names[1] != names[2]


def test_a_call_that_only_tries_whether_we_are_here_is_answered_and_moves_nothing(desk):
    one = receiver(desk)
    body = push.event(KEY, {"messageId": "AC1"}, at=int(one.tenant.now().timestamp() * 1000), ea=one.tenant.app.ea)

    said = one.session.hint({}, body)

    assert said.objects == ()
    assert push.accepted(KEY, said.answer)


@pytest.mark.parametrize(
    "name", ["timestamp", "nonce", "messageId", "retryTimes", "enterpriseAccount", "encryptedContent"]
)
def test_an_event_that_was_touched_on_its_way_is_refused(desk, name):
    one = receiver(desk)
    told = json.loads(one.tenant.event("AccountObj", "6" * 24, retry=1))
    told[name] = told[name] + 1 if isinstance(told[name], int) else told[name][:-2] + "AA"

    with pytest.raises(Refused, match="signature"):
        one.session.hint({}, json.dumps(told).encode())


@pytest.mark.parametrize("hours", [-1, 1])
def test_an_event_tells_when_it_was_sent(desk, hours):
    one = receiver(desk)
    one.tenant.offset = timedelta(hours=hours)

    said = one.session.hint({}, one.tenant.event("AccountObj", "6" * 24))

    assert abs(said.at - one.tenant.now()) < timedelta(minutes=2)


@pytest.mark.parametrize("body", [b"", b"[]", b"<html>", b"{}", b"\xff\xfe"])
def test_what_is_no_event_is_refused_quietly(desk, body):
    one = receiver(desk)

    with pytest.raises(Refused):
        one.session.hint({}, body)


def test_the_answer_is_one_that_the_crm_takes(desk):
    one = receiver(desk)

    said = one.session.hint({}, one.tenant.event("AccountObj", "6" * 24))

    assert push.accepted(KEY, said.answer)


def test_half_a_surrogate_in_a_signature_is_refused_like_any_other(desk):
    one = receiver(desk)
    told = json.loads(one.tenant.event("AccountObj", "6" * 24)) | {"signature": "\ud800", "nonce": "\ud800"}

    with pytest.raises(Refused, match="signature"):
        one.session.hint({}, json.dumps(told).encode())


def test_a_missing_or_short_key_is_named(desk):
    event = receiver(desk).tenant.event("AccountObj", "6" * 24)

    with pytest.raises(ConfigError, match="aes_key"):
        desk().session.hint({}, event)
    with pytest.raises(ConfigError, match="32 bytes"):
        desk(aes_key="c2hvcnQ=").session.hint({}, event)


def test_the_signature_is_the_plain_concatenation_with_the_key_last():
    """A vector of our own: printf '1790000000000mi3wAC111acme01QUJDkey' | sha1sum."""
    parts = ("1790000000000", "mi3w", "AC11", "1", "acme01", "QUJD", "key")

    assert sign(*parts) == "6bcb8edec5f910f0816173e6615bf7d145566722"


def test_the_cipher_is_aes_256_cbc_whose_start_is_the_key_s_own():
    """A vector of our own: openssl enc -aes-256-cbc with the key's first 16 bytes as IV."""
    assert decrypt(base64.b64decode(KEY), "vWUHsNHpNtwSyH/ZdOJbrbQrbsF4K8bZhisaGI0Eeys=") == b'{"apiName":"AccountObj"}'
