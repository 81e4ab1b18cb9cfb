"""G8, F136: every secret is looked for in all that kamsync says and keeps, through bad days, at its most talkative."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from random import Random

from tests.reliability import canaries
from tests.reliability.part import Figure, Say, at_least, exactly, told

NAME = "secrets"
SIZES = {"megabytes": (10, 100)}


def run(sizes: Mapping[str, int], seed: int, say: Say) -> Sequence[Figure]:
    began, rng, cycles = time.monotonic(), Random(f"secrets {seed}"), 0
    with tempfile.TemporaryDirectory() as folder, canaries.cage(Path(folder)) as held:
        canaries.wrong_secrets(held)
        canaries.stores(held)
        while _logged(held) < sizes["megabytes"] * 1_000_000:
            canaries.noisy_cycle(held, rng, as_json=cycles % 2 == 0)
            cycles += 1
            say(f"{_logged(held) / 1e6:.1f} MB said in {cycles} cycles")
        canaries.commands(held)
        canaries.faults_of_ours(held)
        canaries.files(held)
        parts = ", ".join(f"{where} {size:,} bytes" for where, size in sorted(held.said.items()))
    how = f"{len(held.secrets)} secrets and tokens, each plain, quoted, in base64 and hex; {parts}"
    return [
        exactly(
            "secrets found", 0, len(held.hits), "places", "; ".join(held.hits[:3]) or how, time.monotonic() - began
        ),
        at_least("debug log searched", sizes["megabytes"], round(_logged(held) / 1e6, 1), "MB", f"{cycles} cycles"),
        told("secrets and tokens", len(held.secrets), "secrets"),
    ]


def _logged(held: canaries.Cage) -> int:
    return sum(size for where, size in held.said.items() if where.startswith("log"))
