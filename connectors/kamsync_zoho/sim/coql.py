"""The grammar of COQL: text to a query, or the syntax error that Zoho would name.

Knows no fields and no rows; criteria must be nested in pairs.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal, NoReturn

from kamsync_zoho.sim.refusals import Refusal

Value = str | Decimal | bool

TOKEN = re.compile(
    r"""\s*(?:
      (?P<text>'(?:[^'\\]|\\.)*')
    | (?P<number>-?\d+(?:\.\d+)?)
    | (?P<word>[A-Za-z_$][\w$.]*)
    | (?P<mark>!=|>=|<=|=|<|>|\(|\)|,)
    | (?P<bad>\S)
    )""",
    re.VERBOSE,
)
WORDS = frozenset({"select", "from", "where", "order", "by", "limit", "offset", "and", "or", "not", "in", "like", "is",
                   "null", "between", "asc", "desc", "as"})  # fmt: skip
COMPARE = frozenset({"=", "!=", ">", "<", ">=", "<="})


@dataclass(frozen=True, slots=True)
class Token:
    kind: str
    text: str
    at: int


@dataclass(frozen=True, slots=True)
class Criterion:
    """One comparison. `op`: a sign, or in, not in, like, not like, between, is null, is not null."""

    column: str
    op: str
    values: tuple[Value, ...] = ()


@dataclass(frozen=True, slots=True)
class Pair:
    op: Literal["and", "or"]
    left: Criteria
    right: Criteria


Criteria = Criterion | Pair


@dataclass(frozen=True, slots=True)
class Query:
    """`columns`: (path, name in the answer). `order`: (path, descending)."""

    columns: tuple[tuple[str, str], ...]
    module: str
    where: Criteria
    order: tuple[tuple[str, bool], ...]
    limit: int
    offset: int
    count: str | None = None  # COUNT of this column, and nothing else, is asked for


def parse(text: str) -> Query:
    """The query of one select statement."""
    return _Parser(text).query()


def criteria(where: Criteria) -> list[Criterion]:
    """Every comparison in it."""
    if isinstance(where, Criterion):
        return [where]
    return [*criteria(where.left), *criteria(where.right)]


class _Parser:
    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens = [_token(match) for match in TOKEN.finditer(text.rstrip().rstrip(";"))]
        self.place = 0

    # ---- the token stream

    @property
    def word(self) -> str:
        """The coming token in lower case if it is a bare word or a mark, else empty; a text is never a word."""
        if self.place == len(self.tokens) or self.tokens[self.place].kind == "text":
            return ""
        return self.tokens[self.place].text.lower()

    def take(self, *words: str) -> bool:
        """Step over these words if they are what comes."""
        coming = [token.text.lower() for token in self.tokens[self.place : self.place + len(words)]]
        if coming != list(words):
            return False
        self.place += len(words)
        return True

    def need(self, *words: str) -> None:
        if not self.take(*words):
            self.fail(words[0] if words[0] in WORDS else None)

    def next(self, kind: str) -> str:
        if self.place == len(self.tokens) or self.tokens[self.place].kind != kind:
            self.fail()
        self.place += 1
        return self.tokens[self.place - 1].text

    def fail(self, clause: str | None = None) -> NoReturn:
        if self.place == len(self.tokens):
            raise Refusal("SYNTAX_ERROR", {"clause": clause} if clause else {})
        token = self.tokens[self.place]
        line = self.text.count("\n", 0, token.at) + 1
        raise Refusal("SYNTAX_ERROR", {"line": line, "column": token.at + 1, "near": token.text})

    # ---- the clauses

    def query(self) -> Query:
        self.need("select")
        count = self.count()
        columns = [] if count else [self.column()]
        while not count and self.take(","):
            columns.append(self.column())
        self.need("from")
        module = self.next("word")
        self.need("where")
        where = self.pair()
        order: list[tuple[str, bool]] = []
        if self.take("order", "by"):
            order = [self.sort_key()]
            while self.take(","):
                order.append(self.sort_key())
        limit, offset = self.page()
        if self.place < len(self.tokens):
            self.fail()
        return Query(tuple(columns), module, where, tuple(order), limit, offset, count)

    def count(self) -> str | None:
        """The column of `count(…)`, where that is what is selected."""
        if not self.take("count", "("):
            return None
        path = self.path()
        self.need(")")
        return path

    def path(self) -> str:
        """A column: a bare path, or a quoted one for the names that begin with $."""
        if self.place < len(self.tokens) and self.tokens[self.place].kind == "text":
            return _unquote(self.next("text"))
        if self.word in WORDS:
            self.fail()
        name = self.next("word")
        if name.startswith("$"):
            self.place -= 1
            self.fail()
        return name

    def column(self) -> tuple[str, str]:
        path = self.path()
        return path, self.next("word") if self.take("as") else path

    def sort_key(self) -> tuple[str, bool]:
        path = self.path()
        if self.take("desc"):
            return path, True
        self.take("asc")
        return path, False

    def page(self) -> tuple[int, int]:
        """`limit n`, `limit n offset m`, or the older `limit m, n`."""
        if not self.take("limit"):
            return 200, 0
        first = self.whole()
        if self.take(","):
            return self.whole(), first
        return first, self.whole() if self.take("offset") else 0

    def whole(self) -> int:
        text = self.next("number")
        if not text.isdigit():
            self.place -= 1
            self.fail()
        return int(text)

    # ---- the criteria: at most two side by side

    def pair(self) -> Criteria:
        left = self.operand()
        if self.word not in ("and", "or"):
            return left
        op: Literal["and", "or"] = "and" if self.word == "and" else "or"
        self.place += 1
        right = self.operand()
        if self.word in ("and", "or"):  # a third one must be nested
            self.fail()
        return Pair(op, left, right)

    def operand(self) -> Criteria:
        if not self.take("("):
            return self.criterion()
        inner = self.pair()
        self.need(")")
        return inner

    def criterion(self) -> Criterion:
        column = self.path()
        if self.take("is", "not", "null"):
            return Criterion(column, "is not null")
        if self.take("is", "null"):
            return Criterion(column, "is null")
        if self.take("between"):
            low = self.value()
            self.need("and")
            return Criterion(column, "between", (low, self.value()))
        negated = "not " if self.take("not") else ""
        if self.take("in"):
            return Criterion(column, negated + "in", self.values())
        if self.take("like"):
            return Criterion(column, negated + "like", (self.value(),))
        if negated or self.word not in COMPARE:
            self.fail()
        op = self.next("mark")
        return Criterion(column, op, (self.value(),))

    def values(self) -> tuple[Value, ...]:
        self.need("(")
        found = [self.value()]
        while self.take(","):
            found.append(self.value())
        self.need(")")
        return tuple(found)

    def value(self) -> Value:
        if self.place < len(self.tokens) and self.tokens[self.place].kind == "text":
            return _unquote(self.next("text"))
        if self.word in ("true", "false"):
            return self.next("word").lower() == "true"
        return Decimal(self.next("number"))


def _token(match: re.Match[str]) -> Token:
    kind = str(match.lastgroup)
    return Token(kind, match[kind], match.start(kind))


def _unquote(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text[1:-1])
