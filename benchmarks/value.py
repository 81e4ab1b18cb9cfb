"""How long the lifetime fit of 100,000 customers takes, and what each is worth over 156 weeks.

Run: python benchmarks/value.py
"""

from __future__ import annotations

import time
from decimal import Decimal

import numpy as np

from kamsync.rules.lifetime import Fit, Purchases, fit, values

COUNT = 100_000
TRUTH = {"r": 0.5, "alpha": 5.0, "a": 0.8, "b": 2.4}


def customers(count: int) -> list[Purchases]:
    """Customers who buy and leave as the model has it: what it was made from should be found again."""
    rng = np.random.default_rng(1)
    watched = rng.integers(7, 3 * 365, count) / 7
    rates, leaves = rng.gamma(TRUTH["r"], 1 / TRUTH["alpha"], count), rng.beta(TRUTH["a"], TRUTH["b"], count)
    made = []
    for until, rate, leave in zip(watched, rates, leaves, strict=True):
        x, last, at = 0, 0.0, rng.exponential(1 / rate)
        while at <= until:
            x, last = x + 1, at
            if rng.random() < leave:
                break
            at += rng.exponential(1 / rate)
        mean = float(rng.gamma(6 * x, 1 / x / rng.gamma(3.7, 1 / 15.4))) if x else None
        made.append(Purchases(x, min(round(last * 7) / 7, until), until, mean))
    return made


def main() -> None:
    panel = customers(COUNT)
    began = time.process_time()
    found = fit(panel)
    fitted = time.process_time()
    assert isinstance(found, Fit)
    values(found, panel, [Decimal(1)] * COUNT)
    print(f"fit of {COUNT:,}: {fitted - began:.1f} s CPU; their values: {time.process_time() - fitted:.1f} s CPU")
    told = {name: f"{getattr(found.bgnbd, name):.3f}" for name in TRUTH}
    print(f"made from {TRUTH}, found {told}")


if __name__ == "__main__":
    main()
