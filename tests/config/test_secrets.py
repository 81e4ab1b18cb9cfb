"""Where secrets come from, and what is said when they are not there."""

from collections.abc import Callable
from pathlib import Path

import pytest

from kamsync.config import Config, SecretMissing, unseal
from kamsync.plugin import Secret
from tests.config.conftest import GOOD

Read = Callable[[str], Config]


def test_secrets_come_from_the_environment_and_from_files(config: Read, workspace: Path):
    (workspace / "webhook.key").write_text("钥匙-9\n", "utf-8")
    zoho = config(GOOD.replace("[policy]", 'webhook_secret = "file:webhook.key"\n[policy]')).connections[0]

    options = unseal(zoho, {"ZOHO_CLIENT_SECRET": "s3cret"}, workspace)

    assert (options.client_secret, options.webhook_secret) == (Secret("s3cret"), Secret("钥匙-9"))
    assert "s3cret" not in repr(options) + str(options.model_dump())
    assert zoho.options.client_secret == Secret("env:ZOHO_CLIENT_SECRET")


def test_all_missing_secrets_are_named_with_their_source(config: Read, workspace: Path):
    (workspace / "empty.key").write_text("\n")
    zoho = config(GOOD.replace("[policy]", 'webhook_secret = "file:empty.key"\n[policy]')).connections[0]

    with pytest.raises(SecretMissing) as caught:
        unseal(zoho, {"ZOHO_CLIENT_SECRET": ""}, workspace)

    assert caught.value.exit_code == 6
    assert str(caught.value).splitlines() == [
        "connections.zoho.client_secret: the environment variable ZOHO_CLIENT_SECRET is not set. "
        "Run first: export ZOHO_CLIENT_SECRET=…",
        f"connections.zoho.webhook_secret: the secret file {workspace}/empty.key is empty. Put the secret into it",
    ]


def test_a_secret_file_that_is_not_there_is_named(config: Read, workspace: Path):
    zoho = config(GOOD.replace("env:ZOHO_CLIENT_SECRET", "file:密钥.txt")).connections[0]

    with pytest.raises(SecretMissing) as caught:
        unseal(zoho, {}, workspace)

    assert caught.value.text.zh == (
        f"connections.zoho.client_secret:读不了密钥文件 {workspace}/密钥.txt(No such file or directory)。"
        "请把密钥写进去，权限设为 0600"
    )


def test_plain_text_that_the_config_allowed_is_the_secret_itself(config: Read, workspace: Path):
    text = "allow_plain_secrets = true\n" + GOOD.replace("env:ZOHO_CLIENT_SECRET", "1a2b3c")

    options = unseal(config(text).connections[0], {}, workspace)

    assert options.client_secret == Secret("1a2b3c")
