"""The packaged template as a connector that can be imported: small, whole, and the same on every day.

It lies in a folder of its own that goes with the process.
"""

from __future__ import annotations

import sys
import tempfile
from importlib import import_module
from pathlib import Path
from typing import Any

from kamsync.testing.new import rendered

_kept = tempfile.TemporaryDirectory(prefix="kamsync-acme-")
FOLDER = Path(_kept.name)

for path, text in rendered("acme", writes=True).items():
    place = FOLDER / path
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(text, "utf-8")
sys.path.insert(0, str(FOLDER))

_package: Any = import_module("kamsync_acme")
connector = _package.connector
AcmeTenant: Any = import_module("kamsync_acme.sim").AcmeTenant
AcmeOptions: Any = import_module("kamsync_acme.wire").AcmeOptions
AcmeWriter: Any = import_module("kamsync_acme.writing").AcmeWriter
writing: Any = import_module("kamsync_acme.writing")
