"""The formulas behind lifetime value: BG/NBD for how often a customer buys, Gamma-Gamma for how much.

After Fader, Hardie and Lee (2005) and Fader and Hardie (2013); all in logs, so that no count of purchases overflows.
Arrays in, arrays out: what a customer is and what the figures mean is for `lifetime`, which imports this when needed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy import optimize, special

Array = NDArray[np.float64]

# Beyond e^±7 (0.001 .. 1100) a parameter says no more than its bound does, and the special functions lose digits.
BOUND = 7.0
STARTS = ((-1.0, 0.0, -0.5, 1.0), (0.0, 0.0, 0.0, 0.0), (0.5, 1.0, -2.0, 0.0))


# ---- BG/NBD: x repeat purchases, the last at t_x, observed until T


def fit_bgnbd(x: Array, t_x: Array, T: Array) -> tuple[float, float, float, float, float] | None:
    """r, α, a, b and the log-likelihood; None where no maximum was found."""
    rows, count = np.unique(np.column_stack((x, t_x, T)), axis=0, return_counts=True)
    scale = float(T.mean())
    x, t_x, T = rows[:, 0], rows[:, 1] / scale, rows[:, 2] / scale

    def cost(logs: Array) -> float:
        r, alpha, a, b = np.exp(logs)
        return -float(bgnbd_log_likelihood(r, alpha, a, b, x, t_x, T) @ count)

    logs = _lowest(cost, STARTS)
    if logs is None:
        return None
    r, alpha, a, b = (float(value) for value in np.exp(logs))
    return r, alpha * scale, a, b, -cost(logs) - float(np.log(scale) * (x @ count))


def bgnbd_log_likelihood(r: float, alpha: float, a: float, b: float, x: Array, t_x: Array, T: Array) -> Array:
    """Of each customer."""
    alive = -(r + x) * np.log(alpha + T)
    gone = np.log(a) - np.log(b + np.maximum(x, 1) - 1) - (r + x) * np.log(alpha + t_x)
    ways = np.logaddexp(alive, np.where(x > 0, gone, -np.inf))
    rate = special.gammaln(r + x) - special.gammaln(r) + r * np.log(alpha)
    return np.asarray(rate + special.betaln(a, b + x) - special.betaln(a, b) + ways)


def p_alive(r: float, alpha: float, a: float, b: float, x: Array, t_x: Array, T: Array) -> Array:
    """The chance that a customer still buys; 1 for one who never came back, as the model has it."""
    odds = np.log(a) - np.log(b + np.maximum(x, 1) - 1) + (r + x) * (np.log(alpha + T) - np.log(alpha + t_x))
    return np.asarray(np.where(x > 0, special.expit(-odds), 1.0))


def p_alive_at_first(r: float, alpha: float, a: float, b: float, T: Array) -> Array:
    """The same for one who never came back, had it been free to leave after its first purchase too (MBG/NBD)."""
    odds = np.log(a) - np.log(b) + r * (np.log(alpha + T) - np.log(alpha))
    return np.asarray(special.expit(-odds))


def purchases_if_alive(r: float, alpha: float, a: float, b: float, x: Array, T: Array, t: Array) -> Array:
    """Purchases expected in the next t of one who is alive at T."""
    a = a if abs(a - 1) > 1e-6 else 1 + 1e-6  # the formula is 0/0 at 1, and smooth around it
    x, T, t = np.broadcast_arrays(x, T, t)
    c = a + b + x - 1
    c = np.where(np.abs(c) > 1e-9, c, 1e-9)
    z = t / (alpha + T + t)
    with np.errstate(all="ignore"):
        left = np.exp((a - 1) * np.log1p(-z)) * special.hyp2f1(a + b - 1 - r, a - 1, c, z)
        if (lost := ~np.isfinite(left)).any():  # where this form overflows, Euler's other one does not
            x_, c_, z_ = x[lost], c[lost], z[lost]
            left[lost] = np.exp((r + x_) * np.log1p(-z_)) * special.hyp2f1(r + x_, b + x_, c_, z_)
    most = (r + x) / (alpha + T) * t
    return np.asarray(np.clip(c / (a - 1) * (1 - np.nan_to_num(left)), 0.0, most))


# ---- Gamma-Gamma: x purchases worth m each on average


def fit_gamma_gamma(x: Array, m: Array) -> tuple[float, float, float] | None:
    """p, q and v; q is kept above 1, below which there is no average customer. None where no maximum was found."""
    scale = float(m.mean())
    m = m / scale

    def cost(logs: Array) -> float:
        p, above, v = np.exp(logs)
        return -float(gamma_gamma_log_likelihood(p, 1 + above, v, x, m).sum())

    logs = _lowest(cost, ((1.0, 1.0, 0.0), (0.0, 0.0, 0.0), (2.0, 2.0, 1.0)))
    if logs is None:
        return None
    p, above, v = (float(value) for value in np.exp(logs))
    return p, 1 + above, v * scale


def gamma_gamma_log_likelihood(p: float, q: float, v: float, x: Array, m: Array) -> Array:
    """Of each customer, but for a term that no parameter changes."""
    shape = special.gammaln(p * x + q) - special.gammaln(p * x) - special.gammaln(q)
    return np.asarray(shape + q * np.log(v) + p * x * np.log(x * m) - (p * x + q) * np.log(x * m + v))


def mean_value(p: float, q: float, v: float, x: Array, m: Array) -> Array:
    """What a purchase is expected to be worth: the customer's own average, drawn towards everybody's."""
    return np.asarray(p * (v + x * m) / (p * x + q - 1))


# ---- money over time


def discounted(per_week: Array, discount: float) -> Array:
    """Σ of what comes in week 1, 2, … (last axis), at `discount` a year."""
    weeks = np.arange(1, per_week.shape[-1] + 1)
    return np.asarray(per_week @ (1 + discount) ** (-weeks / 52))


def _lowest(cost: Callable[[Array], float], starts: Sequence[Sequence[float]]) -> Array | None:
    """Where the cost is least, from the best of several starts."""
    best: tuple[float, Array] | None = None
    for start in starts:
        box = [(-BOUND, BOUND)] * len(start)
        options = {"ftol": 1e-13, "gtol": 1e-7, "maxiter": 1000}
        found = optimize.minimize(cost, np.array(start), method="L-BFGS-B", bounds=box, options=options)
        if np.isfinite(found.fun) and (best is None or found.fun < best[0]):
            best = (float(found.fun), found.x)
    return best[1] if best else None
