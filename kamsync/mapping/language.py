"""The mapping language as data: kinds of value, keys of a stream and of a field, and what each key takes.

The reader, the published schema and the reference page are all made from this table.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

from kamsync.model.about import PRIVACIES, PURPOSES
from kamsync.plugin import Text

Takes = Literal["paths", "path", "text", "word", "words", "yes", "number", "table", "value", "stream", "formula"]
Norm = Literal["half", "spaces", "upper", "lower", "simplified"]
NORMS: tuple[str, ...] = get_args(Norm)

KINDS: dict[str, Text] = {
    "text": Text("文字", "text"),
    "texts": Text("若干文字,; 、 | 或换行分隔", "several texts, divided by ; 、 | or line ends"),
    "money": Text("金额", "an amount of money"),
    "number": Text("数字", "a number"),
    "integer": Text("整数", "a whole number"),
    "percent": Text("0–100 的百分数", "a percentage from 0 to 100"),
    "date": Text("日期", "a date"),
    "instant": Text("时刻", "a point in time"),
    "yesno": Text("是或否", "yes or no"),
    "choice": Text("取值表中的一个", "one of a table of values"),
    "ref": Text("对一条记录的引用", "a reference to a record"),
    "refs": Text("对若干记录的引用", "references to records"),
    "phone": Text("电话号码,存为 E.164", "a telephone number, kept as E.164"),
    "uscc": Text("统一社会信用代码,两位校验码都要对", "a registration code, both check digits right"),
    "region": Text(
        "行政区划代码(GB/T 2260),由省到区县写出各字段", "a GB/T 2260 code, of fields from the province down"
    ),
    "industry": Text("行业代码(GB/T 4754)", "a GB/T 4754 code"),
    "domain": Text("网址或邮箱的域名", "the domain of a web address or mailbox"),
    "birthday": Text("生日,公历或农历", "a birthday, solar or lunar"),
    "constant": Text("每条记录都一样的值", "the same in every record"),
}
CODES = ("region", "industry", "domain")  # None where what stands there is no such code
GATHERED = ("refs", "texts")
_PLAIN = frozenset(KINDS) - {"constant"}
_WORKED_OUT = _PLAIN - {"ref", "refs", "texts", "region"}

UNKNOWN = ("keep", "default", "ignore", "reject")


def policies(kind: str, *, free: bool) -> tuple[str, ...]:
    """What `unknown` may say for a kind, its usual answer first. `free`: the field takes any text."""
    if kind == "choice":
        return ("keep", "default", "ignore", "reject") if free else ("default", "ignore", "reject")
    if kind in ("uscc", "phone"):
        return UNKNOWN
    if kind in CODES:
        return ("ignore", "default", "reject")
    return () if kind in ("constant", *GATHERED) else ("reject", "default", "ignore")


@dataclass(frozen=True, slots=True)
class Key:
    """One key of a field. `kinds`: those it means something for. `words`: the only ones it takes."""

    takes: Takes
    kinds: frozenset[str]
    about: Text
    words: tuple[str, ...] = ()


def _for(*kinds: str) -> frozenset[str]:
    return frozenset(kinds)


KEYS: dict[str, Key] = {
    "from": Key("paths", _PLAIN, Text("CRM 的哪个字段,或依次尝试的几个", "the CRM field, or several to try in order")),
    "formula": Key("formula", _WORKED_OUT, Text("由记录的字段算出", "worked out of the record's fields")),
    "as": Key("word", frozenset(KINDS), Text("值的类型", "the kind of value"), tuple(KINDS)),
    "default": Key("value", _PLAIN, Text("没有值时用它", "what stands where there is no value")),
    "unknown": Key(
        "word", _PLAIN - _for(*GATHERED),
        Text("不认识的值:保留并上报、用默认值并上报、忽略、拒收",
             "a value that does not fit: keep and report, default and report, ignore, reject the record"), UNKNOWN,
    ),
    "scale": Key("number", _for("money", "number", "integer"),
                 Text("乘以多少;万元写 10000", "what it is multiplied by; 10000 for 万元")),
    "currency": Key("text", _for("money"), Text("币种,ISO 4217", "the currency, ISO 4217")),
    "currency_from": Key("paths", _for("money"), Text("币种在哪个字段", "the field with the currency")),
    "rate_from": Key("paths", _for("money"), Text("汇率在哪个字段", "the field with the rate")),
    "rate_divides": Key("yes", _for("money"), Text("金额除以汇率", "the amount is divided by the rate")),
    "to": Key("stream", _for("ref", "refs"), Text("指向哪个数据流", "the stream that it points to")),
    "type_from": Key("paths", _for("ref", "refs"), Text("对象名在哪个字段", "the field that names the object")),
    "type_in": Key("path", _for("ref", "refs"), Text("对象名在每一项的哪里", "where each item names the object")),
    "values": Key("table", _for("choice"), Text("CRM 的取值是什么意思", "what each value of the CRM means")),
    "norm": Key("words", _for("text"),
                Text("文字规整:半角、并空格、大写、小写、简体",
                     "how the text is evened: half width, single spaces, upper, lower, simplified"), NORMS),
    "country": Key("text", _for("phone"), Text("没有国家码的号码属于哪国", "whose numbers have no country code")),
    "lunar": Key("yes", _for("birthday"), Text("都是农历", "all are of the lunar calendar")),
    "lunar_from": Key("paths", _for("birthday"), Text("是不是农历在哪个字段", "the field that says lunar or solar")),
    "constant": Key("value", _for("constant"), Text("这个值", "the value")),
    "class": Key("word", frozenset(KINDS), Text("保密级别,只能更严", "the privacy class, stricter only"), PRIVACIES),
    "purpose": Key("word", frozenset(KINDS), Text("为何保存", "what it is held for"), PURPOSES),
}  # fmt: skip


def keys_of(kind: str) -> tuple[str, ...]:
    """The keys that a field of this kind may have, in order."""
    return tuple(name for name, key in KEYS.items() if kind in key.kinds)


STREAM_KEYS: dict[str, Text] = {
    "object": Text("CRM 里对象的名字", "the CRM's own name of the object"),
    "entity": Text("它的记录是哪种实体", "what its records become"),
    "fields": Text("模型字段取自哪里", "where each model field comes from"),
    "values": Text("各字段的取值表", "the tables of values, by field"),
    "gone_when": Text("记录自己说已作废", "the record says itself that it is void"),
    "skip_when": Text("不要的记录", "records that are not wanted"),
    "marker_from": Text("我们的标识写在哪个字段", "the field that carries our marker"),
}
