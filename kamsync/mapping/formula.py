"""Work out a value from a record's own fields: a small expression language, read once, bounded in all it does.

Nothing of the host is within reach: no attribute, no import, no loop; each part is looked at once a record. Numbers are
exact decimals of at most fifty digits. What is unknown makes a figure unknown, and no condition true.
"""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Context, Decimal, DivisionByZero, InvalidOperation, Overflow
from typing import Any
from zoneinfo import ZoneInfo

from kamsync.mapping import convert
from kamsync.mapping.convert import Odd, Unfit
from kamsync.mapping.formula_functions import EXACT, FUNCTIONS, LONGEST, TAKES, number, same, words
from kamsync.plugin import Text
from kamsync.plugin.document import did_you_mean

Body = Mapping[str, Any]
Eval = Callable[[Body], Any]
Path = tuple[str, ...]

MOST_LETTERS, MOST_PARTS = 500, 100
_ARITHMETIC: dict[type[ast.operator], Callable[[Context, Decimal, Decimal], Decimal]] = {
    ast.Add: Context.add, ast.Sub: Context.subtract, ast.Mult: Context.multiply, ast.Div: Context.divide,
}  # fmt: skip
_ORDER: dict[type[ast.cmpop], Callable[[Any, Any], bool]] = {
    ast.Lt: operator.lt, ast.LtE: operator.le, ast.Gt: operator.gt, ast.GtE: operator.ge,
}  # fmt: skip


class FormulaError(Exception):
    """A formula that cannot be used. `text` says why, `hint` the way out."""

    def __init__(self, text: Text, hint: Text | None = None) -> None:
        super().__init__(text.en)
        self.text = text
        self.hint = hint


@dataclass(frozen=True, slots=True)
class Formula:
    """A formula that was read. `paths`: what of the record it looks at."""

    text: str
    paths: tuple[Path, ...]

    def evaluator(self, zone: ZoneInfo) -> Eval:
        """The function that works it out of a record's body; raises `Unfit` or `Odd`. `zone`: in which days begin."""
        run = _Reader(self.text, zone).whole()

        def evaluate(body: Body) -> Any:
            try:
                return run(body)
            except DivisionByZero:
                raise Odd(f"{self.text}: ÷ 0") from None
            except (InvalidOperation, Overflow):
                raise Unfit(convert.NUMBER, self.text) from None

        return evaluate


def read_formula(text: str) -> Formula:
    """The formula in `text`. Raises `FormulaError`."""
    reader = _Reader(text, ZoneInfo("UTC"))
    reader.whole()
    return Formula(text, tuple(dict.fromkeys(reader.paths)))


class _Reader:
    """One walk over a formula: each part becomes a function of the record."""

    def __init__(self, text: str, zone: ZoneInfo) -> None:
        self.text = text
        self.zone = zone
        self.paths: list[Path] = []

    def whole(self) -> Eval:
        if len(self.text) > MOST_LETTERS:
            raise FormulaError(
                Text(f"超过 {MOST_LETTERS} 个字符", f"is longer than {MOST_LETTERS} characters"),
                Text("拆成几个字段,或在 CRM 里计算", "split it over several fields, or work it out in the CRM"),
            )
        try:
            tree = ast.parse(self.text.strip(), mode="eval")
        except (SyntaxError, ValueError, MemoryError, RecursionError) as wrong:
            said = wrong.msg if isinstance(wrong, SyntaxError) else str(wrong)
            raise FormulaError(Text(f"写法不对:{said}", f"cannot be read: {said}"), EXAMPLE) from None
        if sum(1 for _ in ast.walk(tree)) > MOST_PARTS * 2:
            raise FormulaError(Text("部分太多", f"has more than {MOST_PARTS} parts"), None)
        return self.part(tree.body)

    def part(self, node: ast.expr) -> Eval:
        read = _PARTS.get(type(node))
        if read is None:
            raise FormulaError(
                Text(f"用了不允许的写法 {ast.unparse(node)}", f"uses {ast.unparse(node)}, which is not allowed"),
                ALLOWED,
            )
        return read(self, node)

    # ---- values

    def constant(self, node: Any) -> Eval:
        value = node.value
        if isinstance(value, bool | str | None):
            return lambda body: value
        if isinstance(value, int | float):
            segment = ast.get_source_segment(self.text.strip(), node) or str(value)
            try:
                exact = number(Decimal(segment.replace("_", "")) if not isinstance(value, int) else Decimal(value))
            except (InvalidOperation, Unfit):
                raise FormulaError(Text(f"{segment} 太大", f"{segment} is too large"), None) from None
            return lambda body: exact
        raise FormulaError(Text("只能用数字和文字", "takes numbers and texts only"), ALLOWED)

    def name(self, node: Any) -> Eval:
        return self._field((node.id,))

    def _field(self, path: Path) -> Eval:
        self.paths.append(path)

        def value(body: Body) -> Any:
            found: Any = body
            for key in path:
                found = found.get(key) if isinstance(found, Mapping) else None
            return None if found in ("", []) else found

        return value

    def call(self, node: Any) -> Eval:
        name = node.func.id if isinstance(node.func, ast.Name) else None
        if name is None or node.keywords or any(isinstance(one, ast.Starred) for one in node.args):
            raise FormulaError(Text("函数只能写成 名字(值, …)", "calls functions as name(value, …) only"), ALLOWED)
        if name == "field":
            return self._named(node)
        if name not in FUNCTIONS:
            listed = ", ".join(("field", *FUNCTIONS))
            hint = did_you_mean(name, FUNCTIONS) or Text(f"可用:{listed}", f"functions: {listed}")
            raise FormulaError(Text(f"没有函数 {name}", f"has no function {name}"), hint)
        least, most = TAKES[name]
        if not least <= len(node.args) <= most:
            wants = str(least) if least == most else f"{least}–{most}"
            raise FormulaError(Text(f"{name} 要 {wants} 个值", f"{name} takes {wants} values"), None)
        function, zone, parts = FUNCTIONS[name], self.zone, [self.part(one) for one in node.args]
        return lambda body: function(zone, *(part(body) for part in parts))

    def _named(self, node: Any) -> Eval:
        word = node.args[0].value if len(node.args) == 1 and isinstance(node.args[0], ast.Constant) else None
        if not isinstance(word, str) or not all(word.split(".")):
            raise FormulaError(Text('写成 field("字段名")', 'is written field("Name")'), None)
        return self._field(tuple(word.split(".")))

    # ---- operators

    def arithmetic(self, node: Any) -> Eval:
        work = _ARITHMETIC.get(type(node.op))
        if work is None:
            raise FormulaError(Text("只能用 + - * /", "takes + - * / only"), ALLOWED)
        left, right = self.part(node.left), self.part(node.right)

        def value(body: Body) -> Decimal | None:
            a, b = number(left(body)), number(right(body))
            return None if a is None or b is None else number(work(EXACT, a, b))

        return value

    def sign(self, node: Any) -> Eval:
        of = self.part(node.operand)
        if isinstance(node.op, ast.Not):
            return lambda body: not of(body)
        if not isinstance(node.op, ast.USub):
            raise FormulaError(Text("只能用 + - * /", "takes + - * / only"), ALLOWED)

        def value(body: Body) -> Decimal | None:
            got = number(of(body))
            return None if got is None else -got

        return value

    def both(self, node: Any) -> Eval:
        parts = [self.part(one) for one in node.values]
        if isinstance(node.op, ast.And):
            return lambda body: all(part(body) for part in parts)
        return lambda body: any(part(body) for part in parts)

    def compare(self, node: Any) -> Eval:
        if len(node.ops) != 1:
            raise FormulaError(Text("一次只比较两个值", "compares two values at a time"), Text("用 and", "use and"))
        op, left = type(node.ops[0]), self.part(node.left)
        if op in (ast.In, ast.NotIn):
            return self._among(left, node.comparators[0], wanted=op is ast.In)
        right = self.part(node.comparators[0])
        if op in (ast.Eq, ast.NotEq):
            return lambda body: same(left(body), right(body)) == (op is ast.Eq)
        order = _ORDER.get(op)
        if order is None:
            raise FormulaError(Text("只能用 == != < <= > >= in", "takes == != < <= > >= in only"), ALLOWED)

        def value(body: Body) -> bool:
            a, b = left(body), right(body)
            if not (isinstance(a, date) and isinstance(b, date)):
                a, b = number(a), number(b)
            return a is not None and b is not None and order(a, b)

        return value

    def _among(self, left: Eval, node: Any, *, wanted: bool) -> Eval:
        if not isinstance(node, ast.Tuple | ast.List):
            raise FormulaError(Text('in 后面写成 ("甲", "乙")', 'after in comes ("A", "B")'), None)
        choices = [self.part(one) for one in node.elts]
        return lambda body: any(same(left(body), choice(body)) for choice in choices) == wanted

    def either(self, node: Any) -> Eval:
        test, yes, no = self.part(node.test), self.part(node.body), self.part(node.orelse)
        return lambda body: yes(body) if test(body) else no(body)


_PARTS: dict[type[ast.expr], Callable[[_Reader, Any], Eval]] = {
    ast.Constant: _Reader.constant, ast.Name: _Reader.name, ast.Call: _Reader.call, ast.BinOp: _Reader.arithmetic,
    ast.UnaryOp: _Reader.sign, ast.BoolOp: _Reader.both, ast.Compare: _Reader.compare, ast.IfExp: _Reader.either,
}  # fmt: skip
EXAMPLE = Text('例如 formula = "Amount * 0.3"', 'write it like formula = "Amount * 0.3"')
ALLOWED = Text(
    "可用:字段名、数字、文字、+ - * /、比较、and or not、甲 if 条件 else 乙、函数",
    "allowed: field names, numbers, texts, + - * /, comparisons, and or not, a if b else c, functions",
)
__all__ = ["LONGEST", "Formula", "FormulaError", "read_formula", "words"]
