"""The table behind `kamsync.model.about`: field, Chinese label, privacy class, purpose, English label.

Words only.
"""

from __future__ import annotations

TABLES = {
    "account": """
name                客户名称         internal   identity   name
other_names         别名             internal   identity   other names
uscc                统一社会信用代码 internal   identity   registration code
industry            行业             internal   identity   industry
industry_code       行业代码         internal   identity   industry code
ownership           所有制           internal   identity   ownership
size                企业规模         internal   value      size
employees           员工人数         internal   value      employees
annual_revenue      年营业额         internal   value      annual revenue
founded             成立日期         internal   care       founded
phone               电话             internal   contact    phone
website             网站             internal   contact    website
domain              域名             internal   identity   web domain
country             国家             internal   identity   country
province            省份             internal   identity   province
city                城市             internal   identity   city
region              行政区划代码     internal   identity   region code
address             详细地址         internal   contact    address
parent              上级客户         internal   identity   parent
relation            与上级的关系     internal   identity   relation to parent
group_name          所属集团         internal   identity   group
owner               负责人           internal   service    owner
backup_owner        备份负责人       internal   service    backup owner
sponsor             高层负责人       internal   service    sponsor
rating              客户级别         internal   value      rating in the CRM
lifecycle           客户阶段         internal   value      lifecycle stage in the CRM
wallet              年采购额估计     sensitive  value      spend estimate
wallet_date         采购额估计日期   internal   value      date of the spend estimate
payment_terms       付款条件         sensitive  trade      payment terms
credit_days         账期天数         sensitive  trade      credit days
credit_limit        信用额度         sensitive  trade      credit limit
strategic           战略评分         internal   value      strategic rating
strategic_by        战略评分人       internal   value      strategic rating by
strategic_date      战略评分日期     internal   value      strategic rating date
strategic_reason    战略评分理由     internal   value      strategic rating reason
influence           影响力评分       internal   value      influence rating
influence_by        影响力评分人     internal   value      influence rating by
influence_date      影响力评分日期   internal   value      influence rating date
influence_reason    影响力评分理由   internal   value      influence rating reason
preferences         客户偏好         internal   service    preferences
concerns            客户关注点       internal   service    concerns
business_model      经营模式         internal   service    business model
goals               战略目标         internal   service    strategic goals
since               合作起始日       internal   value      customer since
reference           可作案例         internal   marketing  may be a reference
blacklisted         黑名单           internal   trade      blacklisted
deregistered        已注销           internal   identity   deregistered
flags               标记             internal   service    flags
created_at          创建时间         internal   identity   created at
""",
    "contact": """
name                姓名             sensitive  contact    name
account             客户             internal   identity   account
title               职务             internal   contact    title
department          部门             internal   contact    department
phone               电话             sensitive  contact    phone
mobile              手机             sensitive  contact    mobile
email               邮箱             sensitive  contact    e-mail
decision_role       决策角色         internal   service    decision role
birthday            生日             sensitive  care       birthday
reports_to          汇报对象         internal   service    reports to
owner               负责人           internal   service    owner
language            语言             internal   contact    language
preferences         个人偏好         sensitive  care       preferences
contact_consent     同意联系         internal   contact    consent to contact
marketing_consent   同意营销         internal   marketing  consent to marketing
care_consent        同意关怀         internal   care       consent to care
left_company        已离职           internal   contact    left the company
left_on             离职日期         internal   contact    left on
""",
    "user": """
name                姓名             internal   service    name
email               邮箱             internal   service    e-mail
phone               手机             sensitive  service    phone
title               职务             internal   service    title
department          部门             internal   service    department
active              在职             internal   service    active
away_until          休假至           internal   service    away until
manager             上级             internal   service    manager
""",
    "activity": """
kind                活动类型         internal   service    kind
about               关联对象         internal   identity   about
subject             主题             internal   service    subject
at                  时间             internal   service    at
end_at              结束时间         internal   service    end
status              状态             internal   service    status
direction           方向             internal   service    direction
reached             已接通           internal   service    reached someone
outcome             结果             internal   service    outcome
owner               负责人           internal   service    owner
participants        参与人           internal   service    participants
marker              催办标识         internal   service    marker
""",
    "deal": """
account             客户             internal   identity   account
contact             联系人           internal   identity   contact
partner             合作伙伴         internal   identity   partner
name                商机名称         internal   trade      name
stage               阶段             internal   trade      stage
stage_since         进入阶段时间     internal   trade      in this stage since
status              状态             internal   trade      status
amount              金额             sensitive  trade      amount
probability         赢率             internal   trade      probability
close_date          预计成交日期     internal   trade      closing date
next_step           下一步           internal   trade      next step
lost_reason         输单原因         internal   trade      reason for losing
owner               负责人           internal   service    owner
created_at          创建时间         internal   trade      created at
""",
    "order": """
account             客户             internal   identity   account
number              订单编号         internal   trade      number
date                下单日期         internal   trade      date
counts              计入业绩         internal   trade      counts
gross               订单金额         sensitive  trade      amount
returned            退货金额         sensitive  trade      returned
refunded            退款金额         sensitive  trade      refunded
cost                订单成本         sensitive  trade      cost
delivery_date       交付日期         internal   trade      delivery date
deal                商机             internal   identity   deal
contract            合同             internal   identity   contract
owner               负责人           internal   service    owner
""",
    "order_line": """
order               订单             internal   identity   order
account             客户             internal   identity   account
product             产品名称         internal   trade      product
product_ref         产品             internal   trade      product record
category            产品分类         internal   trade      category
quantity            数量             internal   trade      quantity
unit                单位             internal   trade      unit
price               单价             sensitive  trade      price
amount              小计             sensitive  trade      amount
cost                成本             sensitive  trade      cost
""",
    "return": """
account             客户             internal   identity   account
order               订单             internal   identity   order
number              退货单编号       internal   trade      number
date                退货日期         internal   trade      date
counts              计入业绩         internal   trade      counts
amount              退货金额         sensitive  trade      amount
reason              退货原因         internal   service    reason
""",
    "contract": """
account             客户             internal   identity   account
number              合同编号         internal   trade      number
signed              签订日期         internal   trade      signed
start               开始日期         internal   trade      start
end                 结束日期         internal   trade      end
amount              合同金额         sensitive  trade      amount
status              状态             internal   trade      status
auto_renew          自动续约         internal   trade      renews by itself
notice_days         提前通知天数     internal   trade      days of notice
review_days         评审周期天数     internal   trade      review cycle in days
reviewed            上次评审日期     internal   trade      last review
payment_terms       付款条件         sensitive  trade      payment terms
successor           续签合同         internal   identity   successor
owner               负责人           internal   service    owner
""",
    "invoice": """
account             客户             internal   identity   account
order               订单             internal   identity   order
contract            合同             internal   identity   contract
number              应收编号         internal   trade      number
issued              开票日期         internal   trade      issued
due                 到期日           internal   trade      due
amount              应收金额         sensitive  trade      amount
paid_amount         已付金额         sensitive  trade      paid
status              状态             internal   trade      status
promised            承诺付款日       internal   trade      promised for
disputed            争议金额         sensitive  trade      disputed
""",
    "payment": """
account             客户             internal   identity   account
order               订单             internal   identity   order
invoice             应收             internal   identity   invoice
number              回款编号         internal   trade      number
date                回款日期         internal   trade      date
amount              回款金额         sensitive  trade      amount
method              付款方式         internal   trade      method
""",
    "case": """
account             客户             internal   identity   account
contact             联系人           internal   identity   contact
number              工单编号         internal   service    number
subject             主题             internal   service    subject
kind                工单类型         internal   service    kind
category            分类             internal   service    category
severity            严重程度         internal   service    severity
status              状态             internal   service    status
opened_at           提交时间         internal   service    opened at
first_response_at   首次响应时间     internal   service    first response
resolved_at         解决时间         internal   service    resolved at
confirmed_by_customer 客户已确认     internal   service    confirmed by the customer
owner               负责人           internal   service    owner
""",
    "survey": """
account             客户             internal   identity   account
contact             联系人           internal   identity   contact
kind                调查类型         internal   service    kind
score               得分             internal   service    score
max_score           满分             internal   service    best score
date                调查日期         internal   service    answered
sent                发出日期         internal   service    sent
channel             渠道             internal   service    channel
comment             意见             internal   service    comment
""",
    "inspection": """
account             客户             internal   identity   account
number              巡检编号         internal   service    number
site                地点             internal   service    site
date                巡检日期         internal   service    date
status              状态             internal   service    status
reported            报告日期         internal   service    reported
findings            发现的问题       internal   service    findings
cycle_days          巡检周期天数     internal   service    cycle in days
owner               负责人           internal   service    owner
""",
    "training": """
account             客户             internal   identity   account
subject             培训主题         internal   service    subject
date                培训日期         internal   service    date
status              状态             internal   service    status
attendees           参加人数         internal   service    attendees
score               评分             internal   service    score
max_score           满分             internal   service    best score
owner               负责人           internal   service    owner
""",
}

EVERYWHERE = """
verified_at         核实时间         internal   identity   verified at
"""
