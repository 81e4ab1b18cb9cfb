"""What this tenant's objects are made of: fields, labels, options, as describe tells them.

Metadata only, in the CRM's language. `objects()` gives a fresh copy, since admins add options.
"""

from __future__ import annotations

import copy
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field

NUMBERS = frozenset({"number", "currency", "percentile"})
PICKS = frozenset({"select_one", "select_many", "record_type"})
PEOPLE = frozenset({"employee", "employee_many"})
PLACES = frozenset({"country", "province", "city", "district"})


@dataclass(slots=True)
class Spec:
    """One field. `options`: value -> label. `plain`: read as a JSON number although it is a number field."""

    name: str
    label: str
    type: str
    options: dict[str, str] = field(default_factory=dict)
    required: bool = False
    writable: bool = True
    target: str | None = None
    decimals: int = 0
    plain: bool = False
    system: bool = False

    def value(self, label: str) -> str:
        """The option behind a label, added by the admin if there is none."""
        for value, text in self.options.items():
            if text == label:
                return value
        value = "o" + hashlib.sha256(label.encode()).hexdigest()[:8]
        self.options[value] = label
        return value


@dataclass(slots=True)
class Described:
    """One object. `numbered`: its name is an automatic number with this prefix."""

    name: str
    label: str
    fields: dict[str, Spec]
    active: bool = True
    numbered: str = ""

    @property
    def custom(self) -> bool:
        return self.name.endswith("__c")


def objects() -> dict[str, Described]:
    """Every object of a new tenant."""
    return {name: copy.deepcopy(thing) for name, thing in _OBJECTS.items()}


def _text(name: str, label: str, type: str = "text", *, required: bool = False, writable: bool = True) -> Spec:
    return Spec(name, label, type, required=required, writable=writable)


def _pick(name: str, label: str, options: Mapping[str, str], type: str = "select_one") -> Spec:
    return Spec(name, label, type, options=dict(options))


def _money(name: str, label: str) -> Spec:
    return Spec(name, label, "currency", decimals=2)


def _number(name: str, label: str, decimals: int = 0) -> Spec:
    return Spec(name, label, "number", decimals=decimals)


def _day(name: str, label: str) -> Spec:
    return Spec(name, label, "date")


def _moment(name: str, label: str) -> Spec:
    return Spec(name, label, "date_time")


def _yes(name: str, label: str) -> Spec:
    return Spec(name, label, "true_or_false")


def _ref(name: str, label: str, target: str) -> Spec:
    return Spec(name, label, "object_reference", target=target)


def _system(name: str, label: str, type: str, options: Mapping[str, str] | None = None) -> Spec:
    return Spec(name, label, type, options=dict(options or {}), writable=False, system=True)


def _systems() -> list[Spec]:
    return [
        _system("_id", "数据ID", "text"),
        _system("tenant_id", "租户ID", "text"),
        _system("object_describe_api_name", "对象", "text"),
        Spec("owner", "负责人", "employee", system=True),
        _system("owner_department", "负责人主属部门", "text"),
        _system("owner_department_id", "负责人主属部门ID", "text"),
        _system("data_own_department", "归属部门", "department"),
        _system("created_by", "创建人", "employee"),
        _system("create_time", "创建时间", "date_time"),
        _system("last_modified_by", "最后修改人", "employee"),
        _system("last_modified_time", "最后修改时间", "date_time"),
        _system("record_type", "业务类型", "record_type", {"default__c": "预设业务类型"}),
        _system("life_status", "生命状态", "select_one", _LIFE),
        _system("life_status_before_invalid", "作废前生命状态", "select_one", _LIFE),
        _system("lock_status", "锁定状态", "select_one", {"0": "未锁定", "1": "锁定"}),
        _system("is_deleted", "是否删除", "true_or_false"),
        _system("version", "版本", "text"),
        _system("relevant_team", "相关团队", "embedded_object_list"),
        _system("extend_obj_data_id", "扩展数据ID", "text"),
        _system("out_owner", "外部负责人", "employee"),
        _system("mc_currency", "币种", "select_one", {"CNY": "人民币"}),
    ]


_LIFE = {
    "ineffective": "未生效", "under_review": "审核中", "normal": "正常", "in_change": "变更中", "invalid": "作废",
}  # fmt: skip


def _object(name: str, label: str, *own: Spec, active: bool = True, numbered: str = "") -> Described:
    if numbered:
        own = (Spec("name", "编号", "auto_number", writable=False), *own)
    return Described(name, label, {spec.name: spec for spec in (*_systems(), *own)}, active, numbered)


_ALL = (
    _object(
        "AccountObj", "客户",
        _text("name", "客户名称", required=True),
        _text("tel", "电话", "phone_number"),
        _text("url", "网址", "url"),
        _pick("industry_level1", "一级行业", {"1": "制造业", "2": "信息技术", "3": "批发零售", "other": "其他"}),
        _text("address", "详细地址"),
        _text("province", "省", "province"),
        _text("city", "市", "city"),
        _text("district", "区", "district"),
        _text("high_seas_id", "所属公海"),
        _text("uniform_social_credit_code", "统一社会信用代码"),
        _ref("parent_account_id", "上级客户", "AccountObj"),
        _text("other_name__c", "曾用名/英文名"),
        _pick("customer_size__c", "企业规模", {"1": "大型", "2": "中型", "3": "小型", "4": "微型"}),
        _money("wallet_estimate__c", "年采购额(万元)"),
        _day("wallet_date__c", "采购额评估日期"),
        _number("influence__c", "影响力评分"),
        _number("strategic__c", "战略评分"),
        _day("cooperation_since__c", "合作起始日"),
        _yes("blacklisted__c", "黑名单"),
        _pick("kam_tags__c", "KAM 标签", {
            "t1_Rn8VdU2": "KAM·一级", "t2_Qk3MxB7": "KAM·二级", "t3_Zc9LpW4": "KAM·三级及以下",
            "TvP3c4kMA": "老客户", "Hy7Rw2sNd": "展会",
        }, "select_many"),
    ),
    _object(
        "ContactObj", "联系人",
        _text("name", "姓名", required=True),
        _ref("account_id", "客户名称", "AccountObj"),
        _text("job_title", "职务"),
        _text("department", "部门"),
        _text("mobile", "手机", "phone_number"),
        _text("tel", "电话", "phone_number"),
        _text("email", "邮件", "email"),
        _pick("decision_role__c", "决策角色", {"dm": "决策者", "inf": "影响者", "use": "使用者", "gate": "把关者"}),
        _day("birthday__c", "生日"),
    ),
    _object(
        "ActiveRecordObj", "销售记录",
        _text("active_record_content", "内容", "long_text"),
        _pick("active_record_type", "类型", {"call": "电话", "meeting": "会面", "note": "备注"}),
        _pick("interactive_types", "互动方式", {"in": "客户来电", "out": "去电", "miss": "未接通", "face": "面谈"}),
        Spec("related_object_data", "关联业务数据", "what_list"),
        numbered="XS",
    ),
    _object(
        "CheckinsObj", "高级外勤",
        _ref("customer_id", "客户", "AccountObj"),
        _text("communicate_record", "沟通记录", "long_text"),
        _moment("new_stat_date", "外勤时间"),
        _pick("checkins_scene", "外勤场景", {"visit": "客户拜访", "exec": "高层拜访"}),
        numbered="WQ",
    ),
    _object(
        "ScheduleObj", "日程",
        _text("content", "日程内容", "long_text", required=True),
        _moment("begin_time", "开始时间"),
        _moment("end_time", "结束时间"),
        Spec("participants", "参与人", "employee_many"),
        Spec("related_object_data", "关联业务数据", "what_list"),
        _pick("schedule_status__c", "状态", {"open": "进行中", "done": "已完成"}),
        numbered="RC",
    ),
    _object(
        "NewOpportunityObj", "商机2.0",
        _text("name", "商机名称", required=True),
        _ref("account_id", "客户名称", "AccountObj"),
        _money("amount", "商机金额"),
        _pick("sales_stage", "商机阶段", {"1": "验证客户", "2": "需求确认", "3": "方案/报价", "4": "谈判审核",
                                      "5": "赢单", "6": "输单", "7": "无效"}),
        _pick("sales_status", "阶段状态", {"1": "进行中", "2": "赢单", "3": "输单", "4": "无效"}),
        Spec("probability", "赢率", "percentile", plain=True),
        _day("close_date", "预计成交日期"),
        _moment("stg_changed_time", "阶段变更时间"),
    ),
    _object(
        "SalesOrderObj", "销售订单",
        _text("name", "订单编号", required=True),
        _ref("account_id", "客户名称", "AccountObj"),
        _day("order_time", "下单日期"),
        _money("order_amount", "销售订单金额(元)"),
        _money("returned_goods_amount", "退货金额(元)"),
        _money("refund_amount", "退款金额(元)"),
        _money("receivable_amount", "待回款金额(元)"),
        _pick("order_status", "订单状态", {"draft": "草稿", "normal": "已确认", "delivered": "已发货",
                                       "received": "已收货", "cancelled": "已作废"}),
        _money("cost_amount__c", "订单成本(元)"),
        _day("delivery_date", "交货日期"),
    ),
    _object(
        "SalesOrderProductObj", "订单产品",
        _text("name", "订单产品编号", required=True),
        _ref("order_id", "销售订单编号", "SalesOrderObj"),
        _text("product_id", "产品名称"),
        _number("quantity", "数量", 2),
        _money("product_price", "价格(元)"),
        _money("sales_price", "销售单价(元)"),
        _money("subtotal", "小计(元)"),
    ),
    _object(
        "ReturnedGoodsInvoiceObj", "退货单",
        _text("name", "退货单编号", required=True),
        _ref("account_id", "客户名称", "AccountObj"),
        _ref("order_id", "销售订单编号", "SalesOrderObj"),
        _day("returned_goods_time", "退货日期"),
        _money("returned_goods_inv_amount", "退货金额(元)"),
        _pick("returned_goods_reason", "退货原因", {"1": "质量问题", "2": "发错货", "3": "其他"}),
    ),
    _object(
        "PaymentPlanObj", "回款计划",
        _text("name", "回款计划编号", required=True),
        _ref("account_id", "客户名称", "AccountObj"),
        _money("plan_payment_amount", "计划回款金额(元)"),
        _day("plan_payment_time", "计划回款日期"),
        _money("actual_payment_amount", "已回款金额(元)"),
    ),
    _object(
        "PaymentObj", "回款",
        _text("name", "回款编号", required=True),
        _ref("account_id", "客户名称", "AccountObj"),
        _ref("payment_plan_id", "回款计划编号", "PaymentPlanObj"),
        _money("payment_amount", "本次回款总金额(元)"),
        _day("payment_time", "回款日期"),
    ),
    _object(
        "ContractObj", "合同",
        _text("name", "合同编号", required=True),
        _ref("account_id", "客户名称", "AccountObj"),
        _money("contract_amount", "合同金额(元)"),
        _day("started_time", "开始日期"),
        _day("expired_time", "结束日期"),
        _pick("status", "状态", {"1": "生效", "2": "到期", "3": "终止"}),
        _yes("auto_renew__c", "自动续约"),
    ),
    _object(
        "CasesObj", "工单",
        _text("name", "工单编号", required=True),
        _ref("account_id", "客户名称", "AccountObj"),
        _text("title__c", "主题"),
        _pick("case_type__c", "工单类型", {"complaint": "投诉", "service": "服务", "emergency": "紧急"}),
        _pick("priority__c", "优先级", {"high": "高", "normal": "中", "low": "低"}),
        _pick("status__c", "处理状态", {"open": "处理中", "closed": "已关闭"}),
        _moment("closed_time__c", "关闭时间"),
    ),
    _object(
        "satisfaction__c", "满意度调查",
        _text("name", "编号", required=True),
        _ref("account_id__c", "客户", "AccountObj"),
        _pick("kind__c", "调查类型", {"csat": "客户满意度", "nps": "净推荐值"}),
        _number("score__c", "得分"),
        _number("max_score__c", "满分"),
        _day("survey_date__c", "调查日期"),
    ),
    _object(
        "PersonnelObj", "人员",
        _text("name", "昵称", required=True),
        _text("user_id", "员工ID", writable=False),
        _text("full_name", "姓名"),
        _text("phone", "手机", "phone_number"),
        _text("email", "邮箱", "email"),
        _pick("status", "状态", {"0": "启用", "1": "停用"}),
    ),
    _object("OpportunityObj", "商机", _text("name", "商机名称", required=True), active=False),
    _object("SaleContractObj", "销售合同", _text("name", "合同编号", required=True), active=False),
)  # fmt: skip
_OBJECTS = {thing.name: thing for thing in _ALL}
