"""How an intent stands: its state in words, what is the matter, and what helps. Every state has an answer.

Pure: decides nothing and reads no store.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, get_args

from kamsync.plugin import Cause, Text
from kamsync.store.tables import Row
from kamsync.store.tables_outbox import IntentState

UNSURE = "the CRM could not tell"  # of a look that will never tell: the evidence of a receipt
LASTING: frozenset[str] = frozenset({"foreign", "unsupported"})  # asking again tomorrow changes nothing
CAUSES: tuple[str, ...] = get_args(Cause)
REPLAYED = "replayed"

STATES: dict[IntentState, Text] = {
    "planned": Text("已批准,尚未发出", "accepted, not sent yet"),
    "sending": Text("正在发出", "being sent"),
    "done": Text("已写入", "written"),
    "refused": Text("CRM 已拒绝", "refused by the CRM"),
    "unknown": Text("结果不明,等待证据", "fate unknown, waiting for evidence"),
    "stale": Text("记录已变动,没有写入", "the record had moved, not written"),
    "superseded": Text("已不再需要,没有写入", "no longer wanted, not written"),
    "dropped": Text("有人放弃了它,不再写入", "given up by a person, not written"),
    "undone": Text("已撤销", "undone"),
}


@dataclass(frozen=True, slots=True)
class Standing:
    """`kind`: a refusal's class, else the state (or `replayed`, `held`, `unsure`). `command`: what to type."""

    kind: str
    said: Text
    cause: Text
    next: Text
    command: str

    def facts(self, language: str) -> dict[str, Any]:
        """As programs get it."""
        cause, next = self.cause.say(language), self.next.say(language)
        return {"class": self.kind, "cause": cause, "next": {"text": next, "command": self.command}}


def stand(intent: Row, receipts: Sequence[Row]) -> Standing:
    """How this intent stands, by its state and by what became of its attempts."""
    kind, command = _kind(intent, receipts), "kamsync cycle"
    told = _REFUSED.get(kind) or _OTHERWISE[kind]
    if len(told) == 3:
        command = told[2].format(id=intent["id"][:8])
    said, helps = REASKED if kind == REPLAYED else STATES[intent["state"]], told[1]
    if intent["state"] == "refused" and (intent.get("payload") or {}).get("undoes"):
        helps, command = _once(helps), "kamsync undo"
    return Standing(kind, said, told[0], helps, command)


def held(hold: int | None) -> Standing:
    """A row of a plan that a guard has stopped: there is no intent of it yet."""
    number = "" if hold is None else f" {hold}"
    return Standing(
        "held",
        Text("被保护机制扣住", "held by a guard"),
        Text("计划要写的超过无人值守的上限", "the plan would write more than is allowed unattended"),
        Text("有人看过后批准,或重新计划", "a person looks at it and approves, or plans anew"),
        f"kamsync hold approve{number}" if number else "kamsync hold list",
    )


def is_certain(intent: Row, receipts: Sequence[Row]) -> bool:
    """Did its last attempt surely not happen? Only then may it be sent again without evidence."""
    ends = {row["outcome"] for row in receipts if row["attempt"] == intent["attempt"]}
    return intent["attempt"] == 0 or not ends.isdisjoint(("refused", "stale", "not_sent", "settled planned"))


def can_never_tell(intent: Row, receipts: Sequence[Row]) -> bool:
    """Did the CRM, asked about this attempt, say that it cannot tell?"""
    looks = [row for row in receipts if row["attempt"] == intent["attempt"] and row["outcome"] == "looked"]
    return bool(looks) and looks[-1]["evidence"] == UNSURE


def _kind(intent: Row, receipts: Sequence[Row]) -> str:
    state: str = intent["state"]
    if state == "refused":
        return intent["cause"] if intent["cause"] in CAUSES else "other"
    if state == "unknown":
        return "unsure" if can_never_tell(intent, receipts) else state
    if state == "stale" and receipts and receipts[-1]["outcome"] == REPLAYED:
        return REPLAYED
    return "left" if state == "stale" and intent["kind"] == "task_change" else state


REASKED = Text("有人要求再试", "asked for again by a person")
_AGAIN = "kamsync dead replay {id}"
_DROP = "kamsync dead drop {id}"
_DAILY = Text(";每天自动再试一次", "; tried again once a day")

_Told = tuple[Text, Text] | tuple[Text, Text, str]  # what is the matter, what helps, and what to type


def _daily(text: Text) -> Text:
    return Text(text.zh + _DAILY.zh, text.en + _DAILY.en)


def _once(text: Text) -> Text:
    """What takes a write back belongs to no wish: no plan asks for it again."""
    zh, en = text.zh.removesuffix(_DAILY.zh), text.en.removesuffix(_DAILY.en)
    return Text(f"{zh};撤销不会自动再试,请再撤销一次", f"{en}; an undo is not tried again by itself: undo again")


_REFUSED: dict[str, _Told] = {
    "locked": (
        Text("记录被锁定,或在审批、流程之中", "the record is locked, or in an approval or a process"),
        _daily(Text("在 CRM 里解锁或等审批结束", "unlock it in the CRM, or wait for the approval")),
        _AGAIN,
    ),
    "gone": (
        Text("记录或任务已不在 CRM 中", "the record or the task is no longer in the CRM"),
        _daily(Text("误删的从回收站恢复;否则放弃", "take it back from the bin if it was a slip, else drop it")),
        _DROP,
    ),
    "foreign": (
        Text("不是 kamsync 的任务或标签,不予改动", "it is no task or tag of kamsync's, and left alone"),
        Text("不会自动再试;放弃,或改正 tag_prefix", "not tried again by itself: drop it, or mend tag_prefix"),
        _DROP,
    ),
    "owner": (
        Text("负责人在该 CRM 中不存在或已离职", "its owner is unknown to the CRM or has left"),
        _daily(
            Text(
                "在 CRM 里换客户负责人,或在配置中设 fallback_owner",
                "give the account another owner in the CRM, or set fallback_owner in the config",
            )
        ),
        "kamsync plan",
    ),
    "permission": (
        Text("连接的授权用户没有这项权限", "the connection's user lacks the right"),
        _daily(Text("请 CRM 管理员授权", "ask the CRM's admin for it")),
        "kamsync doctor",
    ),
    "limit": (
        Text("CRM 的数量上限已到", "a limit of the CRM's is reached"),
        _daily(Text("在 CRM 里腾出位置,或升级版本", "make room in the CRM, or move to a larger edition")),
        _AGAIN,
    ),
    "setup": (
        Text("CRM 里缺少字段、选项或长度", "the CRM lacks a field, an option or room in one"),
        _daily(Text("请管理员照 CRM 的原话补上", "ask the admin to add what the words name")),
        _AGAIN,
    ),
    "invalid": (
        Text("CRM 不接受其中的值", "the CRM does not take one of its values"),
        _daily(
            Text("照 CRM 的原话改正布局规则、映射或策略", "mend the layout rule, mapping or policy that the words name")
        ),
        _AGAIN,
    ),
    "unsupported": (
        Text("此连接做不到", "this connection cannot do it"),
        Text("不会自动再试;让连接具备此能力,或放弃", "not tried again by itself: make the connection able, or drop it"),
        "kamsync doctor",
    ),
    "other": (
        Text("CRM 拒绝了,见其原话", "the CRM refused it, see its words"),
        _daily(Text("照其原话处理", "do what its words ask for")),
        _AGAIN,
    ),
}
_OTHERWISE: dict[str, _Told] = {
    "planned": (
        Text("已批准,还没有发出去", "it was accepted and has not gone out yet"),
        Text("下一轮发出(暂停与额度除外)", "goes out with the next round, unless writes are paused or credits are out"),
    ),
    "sending": (
        Text("正在路上", "it is on its way"),
        Text("若进程已死,下一轮按证据核实", "should its process have died, the next round settles it by evidence"),
    ),
    "unknown": (
        Text("没有收到明确的回答", "no clear answer came back"),
        Text("到时查找;没有证据绝不重发", "it is looked for in time, and never sent again without evidence"),
    ),
    "unsure": (
        Text("没有收到回答,而且此 CRM 查不到它", "no answer came back, and this CRM cannot show whether it is there"),
        Text(
            "请到 CRM 里看:有就放弃(drop),没有就 replay --not-there",
            "look in the CRM: if it is there drop it, if not: replay --not-there",
        ),
        _DROP,
    ),
    "done": (
        Text("CRM 已确认,或找到了证据", "the CRM said so, or it was found there"),
        Text("不必处理", "nothing to do"),
        "kamsync plan",
    ),
    "stale": (
        Text("计划之后记录变了", "the record changed after the plan"),
        Text("下一个计划按现状重新决定", "the next plan decides anew, from what is there"),
        "kamsync plan",
    ),
    "left": (
        Text("计划之后有人改过这个任务", "a person changed the task after the plan"),
        Text("以人为准,不再改动", "people win: it is left as they have it"),
        "kamsync plan",
    ),
    REPLAYED: (
        Text("有人要求再试", "a person asked for it again"),
        Text("下一个计划按现状重新决定", "the next plan decides anew, from what is there"),
        "kamsync plan",
    ),
    "superseded": (
        Text("发出之前要求已变", "what is wanted changed before it went out"),
        Text("不必处理", "nothing to do"),
        "kamsync plan",
    ),
    "dropped": (
        Text("有人决定不再写它", "a person decided not to write it"),
        Text("要求变了会重新开始;想再试就重放", "a new wish begins anew; replay it to have it tried again"),
        _AGAIN,
    ),
    "undone": (
        Text("有人撤销了写入", "a person had it taken back"),
        Text(
            "不再自动写回;扣留放行后由下一个计划再写",
            "it stays away until its hold is over; then the next plan asks for it",
        ),
        "kamsync hold list",
    ),
}
