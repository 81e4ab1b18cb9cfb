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
QUANTILES = 128  # nodes of the mean that stands in where hyp2f1 fails
TINY = 1e-12
STARTS = ((-1.0, 0.0, -0.5, 1.0), (0.0, 0.0, 0.0, 0.0), (0.5, 1.0, -2.0, 0.0))


# ---- BG/NBD: x repeat purchases, the last at t_x, observed until T


def fit_bgnbd(x: Array, t_x: Array, T: Array) -> tuple[float, float, float, float, float] | None:
    """r, α, a, b and the log-likelihood; None where no maximum was found."""
    rows, count = np.unique(np.column_stack((x, t_x, T)), axis=0, return_counts=True)
    scale = float(T.mean()) or 1.0
    x, t_x, T = rows[:, 0], rows[:, 1] / scale, rows[:, 2] / scale

    def cost(logs: Array) -> tuple[float, Array]:
        r, alpha, a, b = parameters = np.exp(logs)
        likelihood, slopes = _bgnbd(r, alpha, a, b, x, t_x, T)
        return -float(likelihood @ count), -(slopes @ count) * parameters

    logs = _lowest(cost, STARTS)
    if logs is None:
        return None
    r, alpha, a, b = (float(value) for value in np.exp(logs))
    return r, alpha * scale, a, b, -cost(logs)[0] - float(np.log(scale) * (x @ count))


def _bgnbd(r: float, alpha: float, a: float, b: float, x: Array, t_x: Array, T: Array) -> tuple[Array, Array]:
    """Each customer's log-likelihood, and its slopes along r, α, a and b."""
    watched, last, stays = np.log(alpha + T), np.log(alpha + t_x), b + np.maximum(x, 1) - 1
    alive = -(r + x) * watched
    gone = np.where(x > 0, np.log(a) - np.log(stays) - (r + x) * last, -np.inf)
    ways = np.logaddexp(alive, gone)
    lives, left = np.exp(alive - ways), np.exp(gone - ways)
    counts, place = np.unique(x, return_inverse=True)  # the special functions see each count once
    rate = special.gammaln(r + counts) - special.gammaln(r) + r * np.log(alpha)
    likelihood = (rate + special.betaln(a, b + counts) - special.betaln(a, b))[place] + ways
    psi = special.psi
    all_ways = psi(a + b) - psi(a + b + counts)
    slopes = (
        (psi(r + counts) - psi(r) + np.log(alpha))[place] - lives * watched - left * last,
        r / alpha - (r + x) * (lives / (alpha + T) + left / (alpha + t_x)),
        all_ways[place] + left / a,
        (all_ways + psi(b + counts) - psi(b))[place] - left / stays,
    )
    return np.asarray(likelihood), np.stack(slopes)


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
        found = c / (a - 1) * (1 - left)
    lost = ~((found >= 0) & (found <= most))  # hundreds of purchases in no time: hyp2f1 has no digits left
    if lost.any():
        found[lost] = _over_quantiles(r, a, b, x[lost], (t / (alpha + T))[lost])
    return np.asarray(np.clip(found, 0.0, most))


def _over_quantiles(r: float, a: float, b: float, x: Array, ahead: Array) -> Array:
    """The same, as a mean of (1 − (1 + p·ahead)^−(r + x)) / p over how readily they leave, p ~ Beta(a, b + x)."""
    nodes, weights = np.polynomial.legendre.leggauss(QUANTILES)
    leaves = np.maximum(special.betaincinv(a, b + x[:, None], (nodes + 1) / 2), TINY)
    bought = -np.expm1(-(r + x[:, None]) * np.log1p(leaves * ahead[:, None])) / leaves
    return np.asarray(bought @ weights / 2)


# ---- Gamma-Gamma: x purchases worth m each on average


def fit_gamma_gamma(x: Array, m: Array) -> tuple[float, float, float] | None:
    """p, q and v; q is kept above 1, below which there is no average customer. None where no maximum was found."""
    scale = float(m.mean())
    m = m / scale

    def cost(logs: Array) -> tuple[float, Array]:
        p, above, v = parameters = np.exp(logs)
        likelihood, slopes = _gamma_gamma(p, 1 + above, v, x, m)
        return -float(likelihood.sum()), -slopes.sum(axis=1) * parameters

    logs = _lowest(cost, ((1.0, 1.0, 0.0), (0.0, 0.0, 0.0), (2.0, 2.0, 1.0)))
    if logs is None:
        return None
    p, above, v = (float(value) for value in np.exp(logs))
    return p, 1 + above, v * scale


def _gamma_gamma(p: float, q: float, v: float, x: Array, m: Array) -> tuple[Array, Array]:
    """Each customer's log-likelihood, but for a term that no parameter changes, and its slopes along p, q and v."""
    paid, whole = np.log(x * m), np.log(x * m + v)
    counts, place = np.unique(x, return_inverse=True)
    shape = special.gammaln(p * counts + q) - special.gammaln(p * counts) - special.gammaln(q)
    likelihood = shape[place] + q * np.log(v) + p * x * paid - (p * x + q) * whole
    psi = special.psi
    slopes = (
        x * ((psi(p * counts + q) - psi(p * counts))[place] + paid - whole),
        (psi(p * counts + q) - psi(q))[place] + np.log(v) - whole,
        q / v - (p * x + q) / (x * m + v),
    )
    return np.asarray(likelihood), np.stack(slopes)


def mean_value(p: float, q: float, v: float, x: Array, m: Array) -> Array:
    """What a purchase is expected to be worth: the customer's own average, drawn towards everybody's."""
    return np.asarray(p * (v + x * m) / (p * x + q - 1))


# ---- money over time


def discounted(per_week: Array, discount: float) -> Array:
    """Σ of what comes in week 1, 2, … (last axis), at `discount` a year."""
    weeks = np.arange(1, per_week.shape[-1] + 1)
    return np.asarray(per_week @ (1 + discount) ** (-weeks / 52))


def _lowest(cost: Callable[[Array], tuple[float, Array]], starts: Sequence[Sequence[float]]) -> Array | None:
    """Where the cost is least, from the best of several starts; `cost` gives its slopes too."""
    best: tuple[float, Array] | None = None
    for start in starts:
        box = [(-BOUND, BOUND)] * len(start)
        options = {"ftol": 1e-13, "gtol": 1e-7, "maxiter": 1000}
        found = optimize.minimize(cost, np.array(start), jac=True, method="L-BFGS-B", bounds=box, options=options)
        if np.isfinite(found.fun) and (best is None or found.fun < best[0]):
            best = (float(found.fun), found.x)
    return best[1] if best else None
