"""`kamsync value try`: fit lifetime value on a file of purchases and say what each customer is expected to bring."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from kamsync.cli.common import Asked, AsOf, both, command, file_lines, group
from kamsync.plugin.text import Text

if TYPE_CHECKING:
    from kamsync.rules.lifetime import Fallback, Fit, Value
    from kamsync.rules.lifetime_panel import Panel

DEGRADED = 7
DIGITS = 10  # significant ones of a figure that was fitted

Panels = Annotated[
    Path,
    typer.Argument(
        metavar="FILE",
        help=both(
            "CSV:customer,date,amount(每笔一行),或 customer,x,t_x,T,mean_value(每个客户一行,单位为周);- 为标准输入",
            "CSV: customer,date,amount (a line a purchase), or customer,x,t_x,T,mean_value (a line a customer, "
            "in weeks); - is stdin",
        ),
    ),
]
Weeks = Annotated[int, typer.Option("--weeks", min=0, max=5200, help=both("看多少周", "how many weeks to look ahead"))]
Rate = Annotated[
    float,
    typer.Option("--margin", min=-1, max=1, help=both("毛利率,0.3 = 30%", "margin on a sale, 0.3 = 30 %")),
]
Discount = Annotated[
    float, typer.Option("--discount", min=0, max=1, help=both("每年折现率", "discount a year"))
]  # fmt: skip


def register(app: typer.Typer) -> None:
    below = group(
        app,
        "value",
        Text("生命周期价值:在文件上试算。", "Lifetime value, tried on a file."),
        "kamsync value try purchases.csv",
    )(value)
    command(
        below,
        "try",
        Text(
            "用购买记录(CSV)拟合 BG/NBD 与 Gamma-Gamma,不需要 CRM 和数据库。第一行是参数,其后每个客户一行。",
            "Fit BG/NBD and Gamma-Gamma on purchases from a CSV: no CRM, no store, no config. "
            "The first line holds the parameters, then a line a customer.",
        ),
        "kamsync value try purchases.csv --weeks 39",
        "kamsync value try summary.csv --margin 0.3 --discount 0.1",
    )(try_file)


def value(asked: Asked) -> int:
    from kamsync.cli.screen import Screen

    Screen(asked).next("kamsync value try FILE")
    return 0


def try_file(
    asked: Asked,
    file: Panels,
    weeks: Weeks = 156,
    margin: Rate = 1.0,
    discount: Discount = 0.1,
    as_of: AsOf = None,
) -> int:
    from kamsync.cli.screen import Screen
    from kamsync.rules.lifetime import Fallback, fit, values

    screen = Screen(asked)
    panel = _panel(file, as_of)
    histories = list(panel.customers.values())
    model = fit(histories)
    rates = [Decimal(str(margin))] * len(histories)
    found = values(model, histories, rates, weeks, Decimal(str(discount)))
    screen.emit(_learned(model, panel, weeks, asked.language))
    for customer, each in zip(panel.customers, found, strict=True):
        screen.emit(_customer(customer, each, asked.language))
    for bad in panel.bad:
        said = Text(f"第 {bad.line} 行:{bad.text.zh}", f"line {bad.line}: {bad.text.en}").say(asked.language)
        screen.emit({"customer": bad.customer, "line": bad.line, "error": said})
    if isinstance(model, Fallback):
        screen.note(
            f"{model.why.zh}:按各客户自己的节奏推算",
            f"{model.why.en}: each is carried forward at its own pace",
            "yellow",
        )
    if panel.bad:
        many = len(panel.bad)
        screen.note(f"{many} 行读不懂,其余已算", f"{many} lines could not be read, the others count", "yellow")
    return DEGRADED if panel.bad else 0


def _panel(file: Path, until: date | None) -> Panel:
    from kamsync.plugin.errors import ConfigError
    from kamsync.rules.lifetime_panel import NoPanel, read_panel

    try:
        return read_panel(file_lines(file), until)
    except NoPanel as broken:
        where = Text(f"{file}:{broken.text.zh}", f"{file}: {broken.text.en}")
        raise ConfigError(where, next="kamsync value try --help") from broken


def _learned(model: Fit | Fallback, panel: Panel, weeks: int, language: str) -> dict[str, Any]:
    from kamsync.rules.lifetime import Fit

    known: dict[str, Any] = {"bgnbd": None, "gamma_gamma": None, "customers": model.customers}
    if isinstance(model, Fit):
        rate, worth = model.bgnbd, model.gamma_gamma
        names = ("r", "alpha", "a", "b", "log_likelihood")
        known["bgnbd"] = {name: _figure(getattr(rate, name)) for name in names}
        known["gamma_gamma"] = worth and {name: _figure(getattr(worth, name)) for name in ("p", "q", "v")}
    else:
        known["fallback"] = model.why.say(language)
    known |= {"repeats": model.repeats, "weeks": weeks, "until": panel.until.isoformat() if panel.until else None}
    return known


def _customer(customer: str, each: Value, language: str) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "customer": customer,
        "p_alive": _figure(each.p_alive),
        "expected_purchases": _figure(each.purchases),
        "expected_value": _figure(each.mean),
        "clv": None if each.clv is None else float(each.clv),
    }
    if each.note:
        shown["note"] = each.note.say(language)
    return shown


def _figure(number: float | None) -> float | None:
    return None if number is None else float(f"{number:.{DIGITS}g}")
