"""A disk that cannot keep what it took: the system's own error at the n-th fsync. Needs strace; skipped without it."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import select

from kamsync.store import open_store
from kamsync.store.tables import TenantRow, table

WRITER = """
import sys
from kamsync.store import StoreDamaged, open_store, runs, writing
store, kept = open_store(sys.argv[1]), 0
try:
    with writing(store):
        for number in range(40):
            with store.write() as tx:
                runs.put_tenant(tx, f"crm-{number}", "1", "2", {})
            kept += 1
except StoreDamaged as broken:
    print(kept)
    sys.exit(broken.exit_code)
"""


def _traced(*command: str, nth: int) -> subprocess.CompletedProcess[str]:
    fault = f"inject=fsync,fdatasync:error=EIO:when={nth}"
    trace = ["strace", "-f", "-qq", "-o", "/dev/null", "-e", "trace=fsync,fdatasync", "-e", fault]
    return subprocess.run([*trace, *command], capture_output=True, text=True, timeout=120, check=False)


@pytest.fixture(scope="module")
def strace() -> None:
    if shutil.which("strace") is None or _traced("true", nth=1).returncode:
        pytest.skip("strace is not there, or may not trace")


@pytest.mark.usefixtures("strace")
@pytest.mark.parametrize("nth", [6, 12])
def test_what_the_disk_did_not_keep_was_not_called_done_and_is_not_tried_again(tmp_path: Path, nth: int) -> None:
    """After a failed fsync the next one may succeed though the pages are gone: only a new start may look."""
    url = f"sqlite:///{tmp_path / 'kamsync.db'}"
    open_store(url).close()

    done = _traced(sys.executable, "-c", WRITER, url, nth=nth)

    store = open_store(url)
    store.look_over(always=True)
    with store.read() as tx:
        there = tx.execute(select(table(TenantRow).c.connection)).all()
    store.close()
    assert (done.returncode, done.stderr) == (4, "")
    assert 0 < len(there) == int(done.stdout) < 40
