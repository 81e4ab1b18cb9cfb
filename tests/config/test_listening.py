"""Where calls come in: addresses that can be listened at, and those that a CRM could reach."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from kamsync.config import Config, listening_at
from kamsync.config.listening import Address, is_reachable
from kamsync.plugin import ConfigError
from kamsync.plugin.document import Problems
from tests.config.conftest import GOOD

Read = Callable[[str], Config]


def test_nothing_is_listened_to_unless_the_config_says_so(config: Read) -> None:
    got = config(GOOD)

    assert (got.daemon.listen, got.daemon.public_url) == (None, None)


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("127.0.0.1:8091", Address("127.0.0.1", 8091)),
        ("[::1]:8091", Address("::1", 8091)),
        ("sync:0", Address("sync", 0)),
    ],
)
def test_an_address_is_a_host_and_a_port(config: Read, text: str, address: Address) -> None:
    got = config(f'{GOOD}\n[daemon]\nlisten = "{text}"\npublic_url = "https://sync.example.cn/kam/"')

    assert (got.daemon.listen, str(address)) == (address, text)
    assert got.daemon.public_url == "https://sync.example.cn/kam"


@pytest.mark.parametrize("text", ["8091", ":8091", "127.0.0.1", "::1:8091", "127.0.0.1:65536", "127.0.0.1:٣", "a b:1"])
def test_what_is_no_address_is_named(config: Read, text: str) -> None:
    with pytest.raises(Problems, match="address to listen at"):
        config(f'{GOOD}\n[daemon]\nlisten = "{text}"')
    with pytest.raises(ConfigError, match="address to listen at"):
        listening_at(config(GOOD), text)


@pytest.mark.parametrize(
    "text",
    ["sync.example.cn", "ftp://sync.example.cn", "https://", "https://a:b@c.cn", "https://a.cn?t=1", "https://[x"],
)
def test_what_is_no_public_address_is_named(config: Read, text: str) -> None:
    with pytest.raises(Problems, match="public web address"):
        config(f'{GOOD}\n[daemon]\npublic_url = "{text}"')


@pytest.mark.parametrize(
    ("url", "reachable"),
    [
        ("https://sync.example.cn", True),
        ("https://sync.example.cn:8443/kam", True),
        ("https://1.1.1.1", True),
        ("http://sync.example.cn", False),
        ("https://localhost", False),
        ("https://sync", False),
        ("https://crm.local", False),
        ("https://crm.internal.", False),
        ("https://127.0.0.1", False),
        ("https://10.0.0.8", False),
        ("https://169.254.169.254", False),
        ("https://[::1]", False),
        ("https://[::]", False),
        ("https://0.0.0.0", False),
    ],
)
def test_a_crm_reaches_public_names_by_https_only(url: str, reachable: bool) -> None:
    assert is_reachable(url) is reachable
