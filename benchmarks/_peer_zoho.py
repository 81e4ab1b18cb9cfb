"""Zoho's own SDK over the records of `pull_zoho.py`: each page decoded into its objects, and nothing else.

Runs in a virtual environment of its own (`python -m venv FOLDER; FOLDER/bin/pip install zohocrmsdk8-0`) and imports
nothing of kamsync. Its environment object takes an address, so that it can be led to a simulated organisation. Reads
what it needs as JSON from its input, and prints what it used. One module after the other, as its own examples do.
"""

from __future__ import annotations

import json
import resource
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from zohocrmsdk.src.com.zoho.api.authenticator.oauth_token import OAuthToken
from zohocrmsdk.src.com.zoho.api.authenticator.store.file_store import FileStore
from zohocrmsdk.src.com.zoho.crm.api import HeaderMap, Initializer, ParameterMap
from zohocrmsdk.src.com.zoho.crm.api.dc.data_center import DataCenter
from zohocrmsdk.src.com.zoho.crm.api.record import GetRecordsParam, RecordOperations, ResponseWrapper


def begin(given: dict[str, Any], here: str) -> None:
    address = given["accounts_url"]
    Initializer.initialize(
        DataCenter.Environment(address, f"{address}/oauth/v2/token", address),
        OAuthToken(
            client_id=given["client_id"],
            client_secret=given["client_secret"],
            refresh_token=given["refresh_token"],
            find_user=False,
        ),
        store=FileStore(str(Path(here) / "tokens.csv")),
        resource_path=here,
    )


def walk(module: str, fields: str) -> int:
    """Every page of a module. How many records."""
    count, token = 0, None
    while True:
        asked = ParameterMap()
        asked.add(GetRecordsParam.fields, fields)
        asked.add(GetRecordsParam.per_page, 200)
        asked.add(GetRecordsParam.sort_by, "Modified_Time")
        asked.add(GetRecordsParam.sort_order, "asc")
        if token:
            asked.add(GetRecordsParam.page_token, token)
        said = RecordOperations(module).get_records(asked, HeaderMap()).get_object()
        if not isinstance(said, ResponseWrapper):
            raise SystemExit(f"{module}: {said}")
        count += len(said.get_data())
        token = said.get_info().get_next_page_token()
        if not token:
            return count


def main() -> None:
    given = json.load(sys.stdin)
    with tempfile.TemporaryDirectory(prefix="kamsync-peer-") as here:
        begin(given, here)
        wall, cpu = time.perf_counter(), time.process_time()
        records = sum(walk(module, fields) for module, fields in given["asked"].items())
        used = {"wall": time.perf_counter() - wall, "cpu": time.process_time() - cpu}
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024) / 1e6
    print(json.dumps(used | {"peak": peak, "records": records}))


if __name__ == "__main__":
    main()
