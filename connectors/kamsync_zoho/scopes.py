"""Which OAuth scopes kamsync needs in Zoho, and which one a call was missing.

A table only; what was really granted, only Zoho's answers tell.
"""

from __future__ import annotations

from kamsync.plugin import Request, Text

READING = (
    "ZohoCRM.modules.READ",
    "ZohoCRM.settings.modules.READ",
    "ZohoCRM.settings.fields.READ",
    "ZohoCRM.users.READ",
    "ZohoCRM.org.READ",
    "ZohoCRM.coql.READ",
    "ZohoCRM.bulk.READ",
)
WRITING = (
    "ZohoCRM.modules.tasks.CREATE",
    "ZohoCRM.modules.tasks.UPDATE",
    "ZohoCRM.modules.accounts.UPDATE",
    "ZohoCRM.settings.tags.ALL",
)
LISTENING = "ZohoCRM.notifications.ALL"

_LIST = ",".join(READING + WRITING)

SETUP = Text(
    f"""1. 打开 Zoho API 控制台(与 accounts_url 同一数据中心),新建 Self Client,记下 client_id 与 client_secret。
2. 在 Generate Code 中填入以下权限范围,生成授权码,并用它换取 refresh_token(一次安装用一个):
   {_LIST}
   只读不写时,前 {len(READING)} 项即可;要接收变更通知(kamsync run --listen),再加 {LISTENING}。
3. 建议:在「任务」模块新增单行文本字段 Kamsync_Key(长度 255,勾选「不允许重复值」)。有了它,Zoho 自己保证
   每个提醒只有一条;没有它,标记写在任务说明的最后一行,保证级别较低。
4. 授权用户须能看到需要分级的全部客户,建议使用专用的集成账号。""",
    f"""1. In Zoho's API console (of the same data centre as accounts_url) add a Self Client;
   note client_id and client_secret.
2. Under Generate Code enter these scopes, and exchange the code for a refresh token (one for each installation):
   {_LIST}
   For reading only, the first {len(READING)} are enough; to be called when something changes (kamsync run --listen),
   add {LISTENING}.
3. Recommended: add a single-line field Kamsync_Key to the Tasks module (length 255, "do not allow duplicate values").
   With it Zoho itself makes sure that each reminder exists once; without it the marker is the last line of the
   task's description, a lower guarantee.
4. The user who grants this must see every account that is to be tiered; a user of its own for kamsync is best.""",
)


def covered(granted: str, scope: str) -> bool:
    """Does what was granted include this scope: the same group or one around it, the same operation or ALL?"""
    return any(_includes(each, scope) for each in granted.replace(",", " ").split())


def _includes(granted: str, scope: str) -> bool:
    group, _, operation = granted.lower().rpartition(".")
    wanted, _, right = scope.lower().rpartition(".")
    inside = wanted == group or wanted.startswith(f"{group}.")
    writes = operation == "write" and right in ("create", "update", "delete")
    return bool(group) and inside and (operation in ("all", right) or writes)


def needed(request: Request) -> str:
    """The scope that a call wants, in Zoho's words."""
    steps = request.path.split("?")[0].strip("/").split("/")
    steps = steps[2:] if steps[:1] == ["crm"] else steps
    head = steps[0] if steps else ""
    if head == "settings":
        what = steps[1] if len(steps) > 1 else ""
        return f"ZohoCRM.settings.{what}.{'ALL' if what == 'tags' else 'READ'}"
    if head in ("users", "org", "coql", "bulk"):
        return f"ZohoCRM.{head}.READ"
    if steps[-1] in ("add_tags", "remove_tags"):
        return f"ZohoCRM.settings.tags.ALL + ZohoCRM.modules.{head.lower()}.UPDATE"
    if steps == ["actions", "watch"]:
        return LISTENING
    verb = {"POST": "CREATE", "PUT": "UPDATE", "DELETE": "DELETE"}.get(request.method, "READ")
    return f"ZohoCRM.modules.{head.lower()}.{verb}"
