"""The modules and fields of the simulated org: standard ones as Zoho names them, custom ones as kamsync's admin adds.

A table to read: `API_Name  label  type[:length]flags  choices or target`. Flags: * mandatory, ! unique,
- read only, + custom.
"""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Field:
    """One column of the table. `target`: the module a lookup points to (None: several)."""

    name: str
    label: str
    type: str
    length: int | None = None
    choices: tuple[str, ...] = ()
    target: str | None = None
    mandatory: bool = False
    unique: bool = False
    read_only: bool = False
    custom: bool = False


@dataclass(frozen=True, slots=True)
class Module:
    """One module. `display`: the field whose text lookups show as the name."""

    name: str
    label: str
    display: str
    fields: dict[str, Field]
    custom: bool = False


LENGTHS = {"text": 255, "textarea": 32_000, "phone": 30, "email": 100, "website": 450, "picklist": 120}

COMMON = """
Owner             所有者      ownerlookup
Created_By        创建人      ownerlookup-
Modified_By       修改人      ownerlookup-
Created_Time      创建时间    datetime-
Modified_Time     修改时间    datetime-
Tag               标签        tags
Record_Status__s  记录状态    picklist-     Available|Draft|Trash
Locked__s         已锁定      boolean-
"""

ADDRESS = """
Billing_Street    账单街道    text:250
Billing_City      账单城市    text:100
Billing_State     账单省份    text:100
Billing_Code      账单邮编    text:30
Billing_Country   账单国家    text:100
"""

MONEY = """
Currency          币种        picklist      CNY|USD|EUR
Exchange_Rate     汇率        double
"""

ABOUT = """
Who_Id            联系人      lookup        Contacts
What_Id           关联对象    lookup
$se_module        关联模块    text
Description       描述        textarea
"""

INDUSTRIES = "制造业|信息技术|汽车|电子|医疗健康|能源|化工|物流|零售|金融|建筑|教育|食品|农业|其他"
STAGES = (
    "Qualification|Needs Analysis|Value Proposition|Id. Decision Makers|Perception Analysis|Proposal/Price Quote"
    "|Negotiation/Review|Closed Won|Closed Lost|Closed Lost to Competition"
)
CALL_RESULTS = "Interested|Not interested|No response/Busy|Requested more info|Requested call back|Invalid number"

TABLES = {
    "Accounts 客户 Account_Name": f"""
Account_Name      客户名称    text:200*
Account_Number    客户编号    text:40
Account_Type      客户类型    picklist      Customer|Prospect|Partner|Distributor|Other
Industry          行业        picklist      {INDUSTRIES}
Ownership         所有制      picklist      Public|Private|State-owned|Subsidiary|Other
Rating            评级        picklist      Acquired|Active|Market Failed|Project Cancelled|Shut Down
Parent_Account    上级客户    lookup        Accounts
Phone             电话        phone
Fax               传真        phone
Website           网站        website
Employees         员工数      integer
Annual_Revenue    年营业额    currency
Last_Activity_Time 最近活动时间 datetime-
Shipping_Street   收货街道    text:250
Shipping_City     收货城市    text:100
Shipping_State    收货省份    text:100
{ADDRESS}{MONEY}
Description       描述        textarea
Other_Name        曾用名/英文名 text:255+
USCC              统一社会信用代码 text:30+
Customer_Size     企业规模    picklist+     大型|中型|小型|微型
Wallet_Estimate   年采购额估计 currency+
Wallet_Date       采购额估计日期 date+
Influence         影响力评分  integer+
Strategic         战略评分    integer+
Cooperation_Since 合作起始日  date+
Blacklisted       黑名单      boolean+
""",
    "Contacts 联系人 Full_Name": """
Last_Name         姓          text:80*
First_Name        名          text:40
Full_Name         姓名        text:120-
Account_Name      客户名称    lookup        Accounts
Title             职务        text:100
Department        部门        text:100
Email             邮箱        email
Phone             电话        phone
Mobile            手机        phone
Reporting_To      汇报对象    lookup        Contacts
Date_of_Birth     生日        date
Lead_Source       线索来源    picklist      Advertisement|Cold Call|Employee Referral|Partner|Trade Show|Web Research
Email_Opt_Out     退订邮件    boolean
Mailing_City      邮寄城市    text:100
Mailing_State     邮寄省份    text:100
Description       描述        textarea
Decision_Role     决策角色    picklist+     决策者|影响者|使用者|把关者
""",
    "Leads 线索 Last_Name": f"""
Last_Name         姓          text:80*
Company           公司        text:200*
Lead_Status       线索状态    picklist      Attempted to Contact|Contacted|Not Contacted|Lost Lead
Email             邮箱        email
Mobile            手机        phone
Industry          行业        picklist      {INDUSTRIES}
Converted__s      已转换      boolean-
Converted_Date_Time 转换时间  datetime-
Converted_Account 转换为客户  lookup-       Accounts
Converted_Contact 转换为联系人 lookup-      Contacts
Description       描述        textarea
""",
    "Deals 商机 Deal_Name": f"""
Deal_Name         商机名称    text:120*
Stage             阶段        picklist*     {STAGES}
Pipeline          销售流程    picklist      Standard
Account_Name      客户名称    lookup        Accounts
Contact_Name      联系人      lookup        Contacts
Amount            金额        currency
Closing_Date      预计成交日期 date
Probability       可能性(%)   integer
Expected_Revenue  预期收入    formula-
Type              类型        picklist      Existing Business|New Business
Next_Step         下一步      text:100
Lead_Source       线索来源    picklist      Advertisement|Cold Call|Employee Referral|Partner|Trade Show|Web Research
{MONEY}
Description       描述        textarea
""",
    "Tasks 任务 Subject": f"""
Subject           主题        text:255*
Due_Date          截止日期    date
Status            状态        picklist      Not Started|Deferred|In Progress|Completed|Waiting for input
Priority          优先级      picklist      High|Highest|Low|Lowest|Normal
{ABOUT}
Remind_At         提醒        ALARM
Recurring_Activity 重复       RRULE
Send_Notification_Email 发送通知邮件 boolean
Closed_Time       关闭时间    datetime-
Kamsync_Key       催办标识    text:255+!
""",
    "Calls 通话 Subject": f"""
Subject           主题        text:255
Call_Type         通话类型    picklist*     Outbound|Inbound|Missed
Call_Start_Time   通话开始时间 datetime*
Call_Duration     通话时长    text:20
Call_Duration_in_seconds 通话秒数 integer
Call_Purpose      通话目的    picklist      Prospecting|Administrative|Negotiation|Demo|Project|Support
Call_Result       通话结果    picklist      {CALL_RESULTS}
Call_Agenda       通话议程    text:255
Outgoing_Call_Status 呼出状态 picklist      Scheduled|Completed|Overdue|Cancelled
{ABOUT}""",
    "Events 会议 Event_Title": f"""
Event_Title       标题        text:255*
Start_DateTime    开始时间    datetime*
End_DateTime      结束时间    datetime*
All_day           全天        boolean
Venue             地点        text:255
Participants      参与者      subform
Check_In_Time     签到时间    datetime-
Event_Kind        活动类型    picklist+     拜访|高层拜访|会议
{ABOUT}""",
    "Notes 备注 Note_Title": """
Note_Title        标题        text:120
Note_Content      内容        textarea:65535
Parent_Id         上级        lookup*
""",
    "Products 产品 Product_Name": """
Product_Name      产品名称    text:200*
Product_Code      产品编码    text:40
Unit_Price        单价        currency
Product_Active    启用        boolean
Description       描述        textarea
""",
    "Quotes 报价单 Subject": """
Subject           主题        text:255*
Quote_Number      报价单编号  bigint-
Quote_Stage       报价阶段    picklist      Draft|Negotiation|Delivered|On Hold|Confirmed|Closed Won|Closed Lost
Account_Name      客户名称    lookup        Accounts
Deal_Name         商机名称    lookup        Deals
Valid_Till        有效期至    date
Grand_Total       总计        currency
""",
    "Sales_Orders 销售订单 Subject": f"""
Subject           主题        text:255*
SO_Number         订单编号    autonumber
Account_Name      客户名称    lookup        Accounts
Contact_Name      联系人      lookup        Contacts
Deal_Name         商机名称    lookup        Deals
Status            状态        picklist      Created|Approved|Delivered|Cancelled
Due_Date          到期日      date
Purchase_Order    采购单号    text:100
Sub_Total         小计        currency
Discount          折扣        currency
Tax               税额        currency
Adjustment        调整        currency
Grand_Total       总计        currency
{MONEY}
Description       描述        textarea
Order_Date        下单日期    date+
Cost_Total        订单成本    currency+
Returned_Amount   退货金额    currency+
""",
    "Invoices 发票 Subject": f"""
Subject           主题        text:255*
Invoice_Number    发票编号    autonumber
Invoice_Date      开票日期    date
Due_Date          到期日      date
Account_Name      客户名称    lookup        Accounts
Contact_Name      联系人      lookup        Contacts
Sales_Order       销售订单    lookup        Sales_Orders
Status            状态        picklist      Created|Approved|Delivered|Paid|Cancelled
Sub_Total         小计        currency
Tax               税额        currency
Grand_Total       总计        currency
{MONEY}
Description       描述        textarea
""",
    "Cases 工单 Subject": """
Subject           主题        text:255*
Case_Number       工单编号    autonumber
Status            状态        picklist*     New|On Hold|Escalated|Closed
Case_Origin       来源        picklist*     Email|Phone|Web|WeChat
Case_Reason       原因        picklist      User did not attend any training|Complex functionality|New problem
Type              类型        picklist      Complaint|Service|Emergency|Problem|Feature Request|Question
Priority          优先级      picklist      High|Medium|Low
Account_Name      客户名称    lookup        Accounts
Deal_Name         商机名称    lookup        Deals
Related_To        联系人      lookup        Contacts
Reported_By       报告人      text:50
Description       描述        textarea
Resolved_Time     解决时间    datetime+
""",
    "Contracts 合同 Name +": """
Name              合同名称    text:120*
Account           客户        lookup+       Accounts
Start_Date        开始日期    date+
End_Date          结束日期    date+
Amount            合同金额    currency+
Auto_Renew        自动续约    boolean+
Contract_Status   合同状态    picklist+     草稿|生效|终止
""",
    "Satisfaction_Surveys 满意度调查 Name +": """
Name              调查名称    text:120*
Account           客户        lookup+       Accounts
Survey_Type       调查类型    picklist+     CSAT|NPS
Score             得分        integer+
Max_Score         满分        integer+
Survey_Date       调查日期    date+
""",
}


def parse_field(line: str) -> Field:
    """One line of a table."""
    name, label, kind, *rest = line.split(None, 3)
    type_, length, flags = re.fullmatch(r"([A-Za-z]+)(?::(\d+))?([*!+-]*)", kind).groups()  # type: ignore[union-attr]  # a bad table should fail loudly at import
    tail = rest[0].strip() if rest else ""
    return Field(
        name=name,
        label=label,
        type=type_,
        length=int(length) if length else LENGTHS.get(type_),
        choices=tuple(tail.split("|")) if type_ == "picklist" and tail else (),
        target=tail or None if type_ == "lookup" else None,
        mandatory="*" in flags,
        unique="!" in flags,
        read_only="-" in flags,
        custom="+" in flags,
    )


def parse_module(head: str, table: str) -> Module:
    name, label, display, *custom = head.split()
    fields = [parse_field(line) for line in (table + COMMON).splitlines() if line.strip()]
    return Module(name, label, display, {each.name: each for each in fields}, custom=bool(custom))


def modules(*, task_key: bool = True, extra: int = 0) -> dict[str, Module]:
    """All modules by API name. Without `task_key`, Tasks has no unique field for our marker; `extra` on Accounts."""
    found = {module.name: module for module in (parse_module(*each) for each in TABLES.items())}
    for number in range(1, extra + 1):
        name = f"Extra_{number}"
        found["Accounts"].fields[name] = Field(name, f"附加字段{number}", "text", 255, custom=True)
    if not task_key:
        del found["Tasks"].fields["Kamsync_Key"]
    return found
