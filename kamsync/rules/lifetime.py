"""What a customer is expected to be worth to us from now on (CLV).

Fitted over the whole book: BG/NBD for how often, Gamma-Gamma for how much. With too few customers who came back it
fits nothing and says so. It never calls a customer surely alive who has bought only once.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from math import inf
from typing import TYPE_CHECKING

from kamsync.plugin import Text

if TYPE_CHECKING:
    from kamsync.rules.lifetime_maths import Array

MIN_REPEATS = 30  # customers with a repeat purchase, below which nothing is fitted
HORIZON = 156  # weeks: 36 months
DISCOUNT = Decimal("0.10")  # a year
CHUNK = 2_000  # customers at a time: their weeks are held in memory

ONCE = Text(
    "只有首单：存活概率按首单后也可能流失估算，不显示 100%",
    "one purchase only: the chance of being alive allows for having left after it, and is never 100 %",
)
OWN_PACE = Text("按客户自己的购买节奏推算", "carried forward at the customer's own pace")


@dataclass(frozen=True, slots=True)
class Purchases:
    """A customer's history: `x` days of repeat purchase, the last `t_x` weeks after the first, watched for `T` weeks.

    `mean`: what a repeat day was worth on average, in the unit the value is wanted in. None: unknown, or no repeat.
    """

    x: int
    t_x: float
    T: float
    mean: float | None = None

    def __post_init__(self) -> None:
        if not (self.x >= 0 and 0 <= self.t_x < inf and 0 <= self.T < inf):
            raise ValueError(f"no history: x={self.x}, t_x={self.t_x}, T={self.T}")


@dataclass(frozen=True, slots=True)
class BgNbd:
    """How often customers buy (r, α) and how they leave (a, b)."""

    r: float
    alpha: float
    a: float
    b: float
    log_likelihood: float

    @property
    def parameters(self) -> tuple[float, float, float, float]:
        """In the order of the formulas."""
        return self.r, self.alpha, self.a, self.b


@dataclass(frozen=True, slots=True)
class GammaGamma:
    """What purchases are worth."""

    p: float
    q: float
    v: float


@dataclass(frozen=True, slots=True)
class Fit:
    """What was learned from `customers`, of whom `repeats` came back. `gamma_gamma` None: too few values are known."""

    bgnbd: BgNbd
    gamma_gamma: GammaGamma | None
    customers: int
    repeats: int


@dataclass(frozen=True, slots=True)
class Fallback:
    """Nothing could be learned, and why. What came before is carried forward instead."""

    why: Text
    customers: int
    repeats: int


@dataclass(frozen=True, slots=True)
class Value:
    """What is expected of one customer within the horizon; None is unknown. `note`: what to say beside it."""

    p_alive: float | None
    purchases: float
    mean: float | None
    clv: Decimal | None
    note: Text | None = None


def fit(panel: Sequence[Purchases]) -> Fit | Fallback:
    """What the customers teach about one another."""
    repeats = sum(each.x > 0 for each in panel)
    if repeats < MIN_REPEATS:
        return Fallback(_too_few(repeats), len(panel), repeats)
    from kamsync.rules import lifetime_maths as maths

    found = maths.fit_bgnbd(*_columns(panel))
    if found is None:
        why = Text("模型没有收敛", "the fit found no maximum")
        return Fallback(why, len(panel), repeats)
    return Fit(BgNbd(*found), _fit_values(panel), len(panel), repeats)


def value(
    model: Fit | Fallback,
    purchases: Purchases,
    margin: Decimal = Decimal(1),
    weeks: int = HORIZON,
    discount: Decimal = DISCOUNT,
) -> Value:
    """What one customer is expected to bring: `margin` of its revenue over `weeks`, at `discount` a year."""
    return values(model, [purchases], [margin], weeks, discount)[0]


def values(
    model: Fit | Fallback,
    panel: Sequence[Purchases],
    margins: Sequence[Decimal],
    weeks: int = HORIZON,
    discount: Decimal = DISCOUNT,
) -> list[Value]:
    """The same for many, in their order."""
    if isinstance(model, Fallback):
        return [_own_pace(each, margin, weeks, discount) for each, margin in zip(panel, margins, strict=True)]
    out: list[Value] = []
    for start in range(0, len(panel), CHUNK):
        part = slice(start, start + CHUNK)
        out += _fitted(model, panel[part], margins[part], weeks, discount)
    return out


def carried_forward(yearly: Decimal, weeks: int = HORIZON, discount: Decimal = DISCOUNT) -> Decimal:
    """The fall-back: a year's margin, going on as it was for `weeks`, at `discount` a year."""
    return _cents(yearly / 52 * _weeks_worth(weeks, discount))


@lru_cache
def _weeks_worth(weeks: int, discount: Decimal) -> Decimal:
    """What one unit a week is worth today."""
    return sum(((1 + discount) ** (-Decimal(week) / 52) for week in range(1, weeks + 1)), Decimal(0))


def _fitted(
    model: Fit, panel: Sequence[Purchases], margins: Sequence[Decimal], weeks: int, discount: Decimal
) -> list[Value]:
    import numpy as np

    from kamsync.rules import lifetime_maths as maths

    x, t_x, T = _columns(panel)
    parameters = model.bgnbd.parameters
    alive = maths.p_alive(*parameters, x, t_x, T)
    ahead = np.arange(weeks + 1, dtype=np.float64)
    expected = maths.purchases_if_alive(*parameters, x[:, None], T[:, None], ahead) * alive[:, None]
    worth = maths.discounted(np.diff(expected, axis=1), float(discount))
    shown = np.where(x > 0, alive, maths.p_alive_at_first(*parameters, T))
    means = _means(model, panel)
    return [
        Value(
            p_alive=float(shown[row]),
            purchases=float(expected[row, -1]),
            mean=means[row],
            clv=None if (mean := means[row]) is None else _cents(margins[row] * Decimal(mean * float(worth[row]))),
            note=None if each.x else ONCE,
        )
        for row, each in enumerate(panel)
    ]


def _means(model: Fit, panel: Sequence[Purchases]) -> list[float | None]:
    """What a purchase of each is expected to be worth; one whose values are unknown is like everybody."""
    if model.gamma_gamma is None:
        return [None] * len(panel)
    from kamsync.rules import lifetime_maths as maths

    known = model.gamma_gamma
    counts = _array(each.x if each.mean is not None else 0 for each in panel)
    own = _array(max(each.mean or 0.0, 0.0) for each in panel)
    return [float(mean) for mean in maths.mean_value(known.p, known.q, known.v, counts, own)]


def _fit_values(panel: Sequence[Purchases]) -> GammaGamma | None:
    from kamsync.rules import lifetime_maths as maths

    known = [(each.x, each.mean) for each in panel if each.x > 0 and each.mean is not None and each.mean > 0]
    if len(known) < MIN_REPEATS:
        return None
    found = maths.fit_gamma_gamma(_array(x for x, _ in known), _array(mean for _, mean in known))
    return GammaGamma(*found) if found else None


def _own_pace(each: Purchases, margin: Decimal, weeks: int, discount: Decimal) -> Value:
    """Without a fit: so many repeat purchases a week as so far, worth what they were."""
    pace = each.x / each.T if each.T else 0.0
    mean = each.mean if each.x else None
    yearly = None if mean is None else margin * Decimal(pace * 52) * Decimal(mean)
    clv = None if yearly is None else carried_forward(yearly, weeks, discount)
    return Value(p_alive=None, purchases=pace * weeks, mean=mean, clv=clv, note=OWN_PACE)


def _too_few(repeats: int) -> Text:
    return Text(
        f"有复购的客户只有 {repeats} 个（至少 {MIN_REPEATS} 个才能拟合）",
        f"customers who came back: {repeats} (a fit needs {MIN_REPEATS})",
    )


def _columns(panel: Sequence[Purchases]) -> tuple[Array, Array, Array]:
    """x, t_x and T; weeks that were rounded apart do not end before the last purchase."""
    watched = _array(max(each.T, each.t_x) for each in panel)
    return _array(each.x for each in panel), _array(each.t_x for each in panel), watched


def _array(numbers: Iterable[float]) -> Array:
    import numpy as np

    return np.array(list(numbers), dtype=np.float64)


def _cents(amount: Decimal) -> Decimal:
    return amount.quantize(Decimal("0.01"), ROUND_HALF_UP)
