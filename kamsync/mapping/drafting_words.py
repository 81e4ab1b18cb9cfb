"""Words by which a draft guesses: what streams and fields are called where no mapping knows them yet.

Data only; what the shipped mappings say is learned from them and need not stand here.
"""

from __future__ import annotations

from collections.abc import Mapping

PLURALS: Mapping[str, str] = {
    "account": "accounts", "contact": "contacts", "user": "users", "activity": "activities", "deal": "deals",
    "order": "orders", "contract": "contracts", "invoice": "invoices", "payment": "payments", "case": "cases",
    "survey": "surveys",
}  # fmt: skip

# Words inside the name of a stream. Where several stand there the last one tells: customer_orders are orders.
ENTITY_WORDS: Mapping[str, str] = {
    word: entity
    for entity, words in {
        "account": ("account", "customer", "client", "company", "companies", "organization", "organisation",
                    "客户", "公司", "企业"),
        "contact": ("contact", "联系人"),
        "user": ("user", "employee", "staff", "salesrep", "员工", "用户"),
        "activity": ("activit", "visit", "meeting", "phonecall", "calls", "拜访", "跟进", "会议", "电话"),
        "deal": ("deal", "opportunit", "商机"),
        "order": ("order", "purchase", "订单", "销售单"),
        "contract": ("contract", "合同", "协议"),
        "invoice": ("invoice", "bills", "发票", "应收"),
        "payment": ("payment", "receipt", "回款", "收款", "付款", "到账"),
        "case": ("case", "ticket", "complaint", "工单", "投诉", "服务单"),
        "survey": ("survey", "feedback", "csat", "nps", "satisfaction", "调查", "问卷", "满意度", "评分"),
    }.items()
    for word in words
}  # fmt: skip

# Columns that say which customer a record belongs to, the surest first.
POINTERS = (
    "customerid", "accountid", "companyid", "clientid", "organizationid", "orgid", "客户编号", "客户代码", "客户编码",
    "客户id", "customercode", "customerno", "customername", "accountname", "companyname", "客户名称", "公司名称",
    "customer", "account", "company", "client", "客户", "公司",
)  # fmt: skip

CURRENCIES = ("currency", "currencycode", "币种", "货币")

MORE_WORDS: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "account": {
        "name": (
            "name", "company", "company_name", "customer_name", "account_name", "title", "客户名称", "客户",
            "公司名称", "公司", "企业名称", "单位名称", "名称",
        ),
        "uscc": ("统一社会信用代码", "社会信用代码", "税号", "纳税人识别号", "tax_no", "tax_id", "uscc"),
        "phone": ("phone", "telephone", "phone_number", "电话", "联系电话"),
        "website": ("website", "domain", "url", "homepage", "网址", "官网"),
        "country": ("country", "国家"),
        "province": ("state", "province", "region", "省份", "省"),
        "city": ("city", "城市", "市"),
        "address": ("address", "street", "地址"),
        "industry": ("industry", "行业", "所属行业"),
        "employees": ("employees", "numberofemployees", "员工数", "人数"),
        "annual_revenue": ("annual_revenue", "annualrevenue", "年营业额", "年收入"),
        "since": ("首次合作日期", "合作开始日"),
    },
    "contact": {
        "name": ("name", "full_name", "姓名", "联系人"),
        "email": ("email", "email_address", "邮箱"),
        "phone": ("phone", "电话"),
        "mobile": ("mobile", "mobilephone", "手机", "手机号"),
        "title": ("title", "jobtitle", "职务", "职位"),
        "birthday": ("birthday", "date_of_birth", "生日"),
    },
    "user": {
        "name": ("name", "full_name", "姓名"),
        "email": ("email", "邮箱"),
        "phone": ("phone", "电话"),
    },
    "activity": {
        "subject": ("subject", "title", "name", "主题", "标题"),
        "at": ("date", "at", "start", "start_time", "occurred_at", "日期", "时间", "拜访日期", "拜访时间"),
    },
    "deal": {
        "name": ("name", "title", "dealname", "商机名称", "名称"),
        "amount": ("amount", "value", "金额", "预计金额"),
        "stage": ("stage", "dealstage", "阶段"),
        "close_date": ("close_date", "closedate", "预计成交日期"),
    },
    "order": {
        "number": ("number", "order_number", "order_no", "订单号", "订单编号", "单号"),
        "date": (
            "date", "order_date", "ordered_at", "created_at", "processed_at", "下单日期", "订单日期", "日期",
            "销售日期",
        ),
        "gross": (
            "total", "amount", "total_price", "grand_total", "订单金额", "金额", "含税金额", "价税合计",
            "总金额", "销售额",
        ),
        "refunded": ("refunded", "refund_amount", "退款金额"),
        "returned": ("returned", "退货金额"),
        "cost": ("cost", "成本"),
        "counts": ("status", "order_status", "financial_status", "状态", "订单状态"),
    },
    "contract": {
        "number": ("number", "contract_number", "合同号", "合同编号"),
        "amount": ("amount", "value", "合同金额", "金额"),
        "start": ("start", "start_date", "开始日期", "生效日期"),
        "end": ("end", "end_date", "结束日期", "到期日期", "到期日"),
    },
    "invoice": {
        "number": ("number", "invoice_number", "发票号", "发票号码", "单号"),
        "amount": ("total", "amount", "金额", "应收金额"),
        "issued": ("date", "issued_at", "invoice_date", "开票日期"),
        "due": ("due", "due_date", "到期日", "应收日期"),
        "paid_amount": ("paid", "amount_paid", "已收金额"),
    },
    "payment": {
        "date": ("date", "paid_at", "payment_date", "created_at", "回款日期", "到账日期", "收款日期", "日期"),
        "amount": ("amount", "total", "回款金额", "到账金额", "收款金额", "金额"),
    },
    "case": {
        "number": ("number", "ticket_number", "工单号", "编号"),
        "subject": ("subject", "title", "主题", "问题描述"),
        "opened_at": ("created_at", "opened_at", "提交时间", "创建时间"),
        "resolved_at": ("resolved_at", "closed_at", "解决时间", "关闭时间"),
    },
    "survey": {
        "score": ("score", "rating", "评分", "得分", "满意度", "分数"),
        "max_score": ("max_score", "满分"),
        "date": ("date", "submitted_at", "created_at", "调查日期", "填写时间", "提交时间", "日期"),
    },
}  # fmt: skip
