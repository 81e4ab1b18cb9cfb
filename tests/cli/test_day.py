"""A day at the office, command by command: what is read, judged, planned, written and exported."""

from __future__ import annotations

import csv
import io
import json
from decimal import Decimal

import pytest

from tests.cli.office import AS_OF, Office, width

EXPLAINED = """\
苏州小河五金店  AUMG3EQVNRVO
三级及以下 · 3.09 分 · 已知 67.75% · 自 2026-03-02 · 按 2026-03-02 评
成员 zoho/5725767000000100005 苏州小河五金店
                                 数值   得分   分数 来源
当前价值                      权重 35   2.21   1.41 ░░░░░░░░░░░░░░░░░░░░
  近 12 个月净销售额          8000 元   0.24   0.08 已确认订单，减退货与退款
  近 12 个月毛利              2000 元   0.30   0.06 订单净额减订单成本
  近 12 个月下单天数             1 天  10.00   1.27 已确认订单，减退货与退款
增长潜力                      权重 25      –   0.00 未知
  尚未拿到的采购额               未知      –      – 没有年采购额估计
  未来 12 个月加权商机           0 元   0.00   0.00 未来 365 天内预计成交的商机…
  销售同比增长                   未知      –      – 前一年没有销售额，无从比较
生命周期价值                  权重 20   4.64   1.68 █░░░░░░░░░░░░░░░░░░░
  36 个月生命周期价值      5213.66 元   0.18   0.04 评级时按全体客户的购买规律 …
  近 36 个月累计毛利          2000 元   0.14   0.01 订单净额减订单成本
  合作时长                     9 个月  22.50   1.63 合作起始日与首单日中较早者 …
忠诚与影响                    权重 20      –   0.00 未知
  按期付款率                     未知      –      – 没有回款记录
  满意度                         未知      –      – 近 12 个月没有调查结果
  近 12 个月有订单的 …         1 个月  10.00   0.00 已确认订单，减退货与退款
  影响力评分                     未知      –      – 没有人评过分
合计                                           3.09
理由 近 12 个月净销售额 8000 元，失分最多：31.74 分
     总分 3.09 = 当前价值 1.41 + 生命周期价值 1.68；三级及以下从 0 分起
     未知：尚未拿到的采购额、销售同比增长、按期付款率、满意度、影响力评分；已知
     权重 67.75%
接下来:kamsync plan"""

STATUS = """\
kamsync status · ok
connection  fresh  oldest  records  writes  calls 24h  credits 24h
zoho        13/13   1 min       17  plan
fxiaoke     15/15   5 min        2  plan
tiers 2026-03-02  一级 0 · 二级 1 · 三级及以下 1
outbox written 4
quarantine 0
promised fxiaoke tasks E1, tags S1 · zoho tasks E3, tags S2
next: kamsync plan
      kamsync run"""


def plain(text: str) -> str:
    return "\n".join(line.rstrip() for line in text.splitlines())


@pytest.fixture
def known(office: Office) -> dict[str, str]:
    """The office after a pull and a verdict on one date; the ids of its customers."""
    ids = office.fill()
    assert office.type("pull").code == 0
    assert office.type("tier", "--as-of", AS_OF).code == 0
    return ids


def test_a_pull_tells_programs_each_stream_with_its_cost(office: Office) -> None:
    office.fill()

    answer = office.type("pull", "--json")

    told = {(one["connection"], one["stream"]): one for one in answer.json["streams"]}
    orders = told["zoho", "orders"]
    assert (answer.code, answer.json["verdict"]) == (0, "ok")
    assert {name: orders[name] for name in ("records", "new", "changed", "deleted", "quarantined")} == {
        "records": 11, "new": 11, "changed": 0, "deleted": 0, "quarantined": 0,
    }  # fmt: skip
    asked_before = {("fxiaoke", "users")}  # the check-up had their list already
    assert {where for where, one in told.items() if one["requests"] == 0} <= asked_before
    assert orders["credits"] >= orders["requests"]
    assert answer.json["linked"] == {"accounts": 2, "shared": 1, "review": 0}


def test_one_stream_can_be_pulled_by_itself_under_either_name(office: Office) -> None:
    office.fill()

    answers = [office.type("pull", "zoho", name, "--json") for name in ("orders", "Sales_Orders")]

    assert [[one["stream"] for one in answer.json["streams"]] for answer in answers] == [["orders"], ["orders"]]


def test_a_stream_or_connection_that_is_not_there_is_told_with_those_that_are(office: Office) -> None:
    stream, connection = office.type("pull", "zoho", "odrers"), office.type("pull", "zohoo")

    assert (stream.code, connection.code) == (2, 2)
    assert "accounts, calls, cases" in stream.err
    assert 'did you mean "zoho"?' in connection.err


def test_the_tiers_are_counted(office: Office, known: dict[str, str]) -> None:
    answer = office.type("tier", "--as-of", AS_OF, "--json")

    told = answer.json
    assert told["tiers"] == {"一级": 0, "二级": 1, "三级及以下": 1}
    assert (told["as_of"], told["accounts"], told["changed"], told["short_of_data"]) == (AS_OF, 2, 0, 0)


def test_one_screen_says_why_an_account_stands_where_it_stands(office: Office, known: dict[str, str]) -> None:
    answer = office.type("tier", "explain", "小河", lang="zh")

    assert plain(answer.out) == EXPLAINED
    assert width(answer.out) <= 80
    assert len(answer.out.splitlines()) <= 40


def test_the_points_of_an_explanation_add_up_to_the_score(office: Office, known: dict[str, str]) -> None:
    answer = office.type("tier", "explain", f"zoho/{known['big']}", "--json")

    told = answer.json
    assert (told["tier"], told["score"]) == ("二级", "65.92")
    assert sum(Decimal(one["points"]) for one in told["dimensions"]) == Decimal(told["score"])
    assert sum(Decimal(one["points"]) for one in told["metrics"]) == Decimal(told["score"])
    assert told["missing"] == ["growth_yoy", "on_time_rate", "satisfaction"]
    assert told["nearest"]["up"]["tier"] == "一级"
    assert {one["remote_id"] for one in told["members"]} == {known["big"], known["twin"]}


def test_an_explanation_keeps_to_the_figures_that_judged(office: Office, known: dict[str, str]) -> None:
    from datetime import date

    office.zoho.add("order", account=known["big"], number="SO-77", date=date(2026, 2, 1), counts=True, gross=9_000_000)
    office.type("pull")

    answer = office.type("tier", "explain", "华东精密", "--json")

    told = {one["name"]: one for one in answer.json["metrics"]}
    assert told["revenue_12m"]["value"] == "12000000.00"
    assert "revenue_12m" in answer.json["changed_since"]
    assert answer.json["score"] == "65.92"


def test_an_ambiguous_name_lists_who_may_be_meant(office: Office, known: dict[str, str]) -> None:
    office.zoho.add("account", name="苏州小河餐饮店")
    office.type("pull")

    answer = office.type("tier", "explain", "小河")

    assert answer.code == 2
    assert "苏州小河五金店" in answer.err
    assert "苏州小河餐饮店" in answer.err
    assert "next: kamsync tier explain A" in answer.err


def test_a_plan_is_shown_kept_in_a_file_and_applied_once(office: Office, known: dict[str, str]) -> None:
    plan = office.type("plan", "--as-of", AS_OF, "--json").json
    file = office.folder / "plan-0001.json"
    kept = json.loads(file.read_text("utf-8"))
    first = office.type("apply", str(file), "--json")
    again = office.type("apply", "1", "--json")
    second = office.type("plan", "--as-of", AS_OF)

    assert plan == kept
    assert plan["file"] == str(file)
    assert plan["counts"] == {
        "tags_add": 3, "tags_remove": 0, "tasks": 1, "task_changes": 0, "skipped": 0, "held": 0, "waiting": 0,
        "adopted": 0,
    }  # fmt: skip
    assert all(
        {"key", "now", "last_written", "want", "because", "credits"} <= change.keys() for change in plan["changes"]
    )
    assert (first.code, first.json["applied"], len(first.json["results"])) == (0, 4, 4)
    assert (again.code, again.json["applied"], again.json["skipped"]) == (0, 0, 4)
    assert "Nothing to do" in second.out
    assert office.zoho.tags(known["big"]) == ("KAM·二级",)
    assert office.fxiaoke.tags(known["twin"]) == ("KAM·二级",)
    assert len([task for task in office.zoho.tasks() if task.marker]) == 1


def test_a_plan_file_that_was_edited_is_refused(office: Office, known: dict[str, str]) -> None:
    office.type("plan", "--as-of", AS_OF)
    file = office.folder / "plan-0001.json"
    shape = json.loads(file.read_text("utf-8"))
    file.write_text(json.dumps(shape | {"changes": shape["changes"][:1]}), "utf-8")

    answer = office.type("apply", str(file))

    assert answer.code == 2
    assert "only a view" in answer.err
    assert office.zoho.tags(known["big"]) == ()


def test_a_tag_that_a_person_changed_after_the_plan_is_left_alone_and_named(
    office: Office, known: dict[str, str]
) -> None:
    office.type("plan", "--as-of", AS_OF)
    office.zoho.set_tags(known["small"], ["KAM·一级"])

    answer = office.type("apply", "1")

    assert answer.code == 0
    assert "苏州小河五金店 zoho changed since someone changed its tags" in " ".join(answer.out.split())
    assert office.zoho.tags(known["small"]) == ("KAM·一级",)


def test_status_is_one_screen(office: Office, known: dict[str, str]) -> None:
    office.type("plan", "--as-of", AS_OF)
    office.type("apply", "1")

    answer = office.type("status")

    rows = [line[:44].rstrip() if line.startswith(("zoho ", "fxiaoke ")) else line.rstrip()
            for line in answer.out.splitlines()]  # fmt: skip
    assert answer.code == 0
    assert "\n".join(rows) == STATUS


def test_export_gives_each_account_with_its_standing_and_its_members(office: Office, known: dict[str, str]) -> None:
    answer = office.type("export", "accounts")

    big = next(line for line in answer.lines if line["name"] == "华东精密机械有限公司")
    assert (big["tier"], big["score"], big["coverage"]) == ("二级", "65.92", "0.8375")
    assert {(one["connection"], one["stream"], one["remote_id"]) for one in big["members"]} == {
        ("zoho", "accounts", known["big"]),
        ("fxiaoke", "accounts", known["twin"]),
    }
    assert (big["wallet"], big["wallet_currency"]) == ("30000000.00", "CNY")


def test_an_exported_sheet_holds_no_formula(office: Office, known: dict[str, str]) -> None:
    office.zoho.add("account", name="=HYPERLINK(1)", phone="+86 512 5550 0001")
    office.type("pull")

    answer = office.type("export", "accounts", "--format", "csv")

    rows = list(csv.DictReader(io.StringIO(answer.out)))
    bad = next(row for row in rows if "HYPERLINK" in row["name"])
    assert bad["name"] == "'=HYPERLINK(1)"
    assert bad["phone"].startswith("'+86")


def test_every_kind_can_be_exported_and_says_whose_it_is(office: Office, known: dict[str, str]) -> None:
    kinds = ("contacts", "activities", "deals", "orders", "contracts", "invoices", "payments", "cases", "surveys")

    answers = {kind: office.type("export", kind) for kind in kinds}

    assert {answer.code for answer in answers.values()} == {0}
    assert len(answers["orders"].lines) == 11
    assert all(line["account"] and line["members"] for kind in kinds for line in answers[kind].lines)
    assert answers["invoices"].lines[0]["amount"] == "200000.00"


def test_a_cycle_stops_at_the_plan_unless_a_person_accepts_it(office: Office) -> None:
    ids = office.fill()

    looked = office.type("cycle", "--as-of", AS_OF, "--json").json
    done = office.type("cycle", "--as-of", AS_OF, "--apply", "--json").json

    assert looked["apply"] is None
    assert len(looked["plan"]["changes"]) == 4
    assert done["apply"]["applied"] == 4
    assert office.zoho.tags(ids["small"]) == ("KAM·三级及以下",)


def test_every_screen_fits_and_ends_with_the_next_command(office: Office, known: dict[str, str]) -> None:
    commands = ("pull", "tier", "plan", "cycle", "status", "doctor", "hold")

    screens = {(word, lang): office.type(word, lang=lang).out for word in commands for lang in ("zh", "en")}

    for (_, lang), out in screens.items():
        body = [line for line in out.splitlines() if "/plan-" not in line]  # a path is as long as it is
        assert width("\n".join(body)) <= 80
        assert ("接下来:kamsync" if lang == "zh" else "next: kamsync") in out
