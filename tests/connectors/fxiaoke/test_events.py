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

    assert one.session.hint({}, one.tenant.event("AccountObj", id)) == ["AccountObj"]


@pytest.mark.parametrize("kind", ["insert", "invalid", "recover", "delete", "什么"])
def test_every_kind_of_event_means_fetch_again(desk, kind):
    one = receiver(desk)

    assert one.session.hint({}, one.tenant.event("SalesOrderObj", "6" * 24, kind)) == ["SalesOrderObj"]


def test_an_event_that_comes_twice_is_heard_once(desk):
    one = receiver(desk)
    first, again = (one.tenant.event("AccountObj", "6" * 24, retry=retry) for retry in (None, 1))
    told = json.loads(again)
    plain = json.loads(decrypt(base64.b64decode(KEY), json.loads(first)["encryptedContent"]))
    again = push.event(KEY, plain, at=told["timestamp"], ea=one.tenant.app.ea, retry=1)

    assert one.session.hint({}, first) == ["AccountObj"]
    assert one.session.hint({}, again) == []


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
def test_a_stale_event_is_refused_however_well_it_is_signed(desk, hours):
    one = receiver(desk)
    one.tenant.offset = timedelta(hours=hours)

    with pytest.raises(Refused, match="500 seconds"):
        one.session.hint({}, one.tenant.event("AccountObj", "6" * 24))


@pytest.mark.parametrize("body", [b"", b"[]", b"<html>", b"{}", b"\xff\xfe"])
def test_what_is_no_event_is_refused_quietly(desk, body):
    one = receiver(desk)

    with pytest.raises(Refused):
        one.session.hint({}, body)


def test_the_answer_is_one_that_the_crm_takes(desk):
    one = receiver(desk)

    assert push.accepted(KEY, one.session.acknowledge())


def test_a_missing_or_short_key_is_named(desk):
    with pytest.raises(ConfigError, match="aes_key"):
        desk().session.hint({}, desk().tenant.event("AccountObj", "6" * 24))
    with pytest.raises(ConfigError, match="32 bytes"):
        desk(aes_key="c2hvcnQ=").session.acknowledge()


def test_the_signature_is_the_plain_concatenation_with_the_key_last():
    """A vector of our own: printf '1790000000000mi3wAC111acme01QUJDkey' | sha1sum."""
    parts = ("1790000000000", "mi3w", "AC11", "1", "acme01", "QUJD", "key")

    assert sign(*parts) == "6bcb8edec5f910f0816173e6615bf7d145566722"


def test_the_cipher_is_aes_256_cbc_whose_start_is_the_key_s_own():
    """A vector of our own: openssl enc -aes-256-cbc with the key's first 16 bytes as IV."""
    assert decrypt(base64.b64decode(KEY), "vWUHsNHpNtwSyH/ZdOJbrbQrbsF4K8bZhisaGI0Eeys=") == b'{"apiName":"AccountObj"}'
