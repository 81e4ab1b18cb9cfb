"""The words that the made-up world is spelled with: towns, brands, trades, people, what one talks about.

Holds words only; the companies that come of them are invented, likeness to real ones is chance.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Town:
    """`code`: GB/T 2260. `area`: the telephone area code, of a town with eight-digit numbers."""

    name: str
    english: str
    province: str
    code: str
    area: str


@dataclass(frozen=True, slots=True)
class Trade:
    """What a company makes or sells; `word` is four characters, the first two of which stand for it in short."""

    word: str
    english: str
    industry: str


def _towns(text: str) -> tuple[Town, ...]:
    return tuple(Town(*line.split()) for line in text.strip().splitlines())


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


TOWNS = _towns(
    """
    苏州 Suzhou 江苏省 320500 0512
    无锡 Wuxi 江苏省 320200 0510
    南京 Nanjing 江苏省 320100 025
    常州 Changzhou 江苏省 320400 0519
    南通 Nantong 江苏省 320600 0513
    杭州 Hangzhou 浙江省 330100 0571
    宁波 Ningbo 浙江省 330200 0574
    嘉兴 Jiaxing 浙江省 330400 0573
    温州 Wenzhou 浙江省 330300 0577
    上海 Shanghai 上海市 310000 021
    北京 Beijing 北京市 110000 010
    天津 Tianjin 天津市 120000 022
    重庆 Chongqing 重庆市 500000 023
    广州 Guangzhou 广东省 440100 020
    深圳 Shenzhen 广东省 440300 0755
    佛山 Foshan 广东省 440600 0757
    东莞 Dongguan 广东省 441900 0769
    青岛 Qingdao 山东省 370200 0532
    济南 Jinan 山东省 370100 0531
    成都 Chengdu 四川省 510100 028
    武汉 Wuhan 湖北省 420100 027
    西安 Xi'an 陕西省 610100 029
    沈阳 Shenyang 辽宁省 210100 024
    合肥 Hefei 安徽省 340100 0551
    """
)

_TRADES = """
    精密机械 Precision Machinery 机械制造
    自动装备 Automation Equipment 机械制造
    电子元件 Electronic Components 电子
    光学仪器 Optical Instruments 仪器仪表
    医疗器械 Medical Devices 医疗
    生物制药 Biopharma 医药
    食品配料 Food Ingredients 食品
    冷链物流 Cold Chain Logistics 物流
    新型材料 Advanced Materials 材料
    包装印刷 Packaging Printing 包装
    汽车零件 Auto Parts 汽车
    纺织服饰 Textiles 纺织
    环保工程 Environmental Engineering 环保
    软件技术 Software Technology 软件
    能源设备 Energy Equipment 能源
    建筑装饰 Building Decoration 建筑
    化工原料 Chemical Materials 化工
    智能家居 Smart Home 家电
    农业种业 Seeds 农业
    通信系统 Communication Systems 通信
"""


def _trades() -> tuple[Trade, ...]:
    rows = [line.split() for line in _TRADES.strip().splitlines()]
    return tuple(Trade(row[0], " ".join(row[1:-1]), row[-1]) for row in rows)


TRADES = _trades()


def _sounds(text: str) -> tuple[tuple[str, str], ...]:
    """ "岚lan" → ("岚", "lan")."""
    return tuple((word[0], word[1:]) for word in text.split())


FIRST = _sounds(
    """
    岚lan 澄cheng 砚yan 曜yao 翎ling 珩heng 昶chang 沅yuan 湛zhan 琢zhuo 熠yi 霁ji
    棠tang 萤ying 徽hui 朔shuo 桓huan 沐mu 璟jing 淞song 颢hao 骋cheng 阅yue 逐zhu
    灏hao 岑cen 筑zhu 皓hao 颂song 霖lin 苡yi 榕rong 钧jun 穗sui 栩xu 稷ji
    畅chang 芮rui
    """
)
SECOND = _sounds(
    """
    峤qiao 翊yi 禾he 澜lan 衡heng 铎duo 栎li 蔚wei 朗lang 舸ge 驰chi 岳yue
    耘yun 宸chen 弈yi 溪xi 擎qing 帆fan 原yuan 渡du 廷ting 墨mo 塬yuan 桥qiao
    垣yuan 芯xin 钥yue 屿yu 砺li 图tu 叶ye 洲zhou 野ye 途tu 航hang 量liang
    界jie 序xu 元yuan 鸣ming
    """
)

SURNAMES = (
    "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦许何吕张孔曹严华金魏陶姜谢邹苏潘葛范彭鲁韦马"
    "方俞任袁柳史唐薛雷贺汤罗毕安常于傅卞齐康余顾孟黄穆萧尹"
)
GIVEN = _words(
    """
    建国 思远 雨桐 志强 晓燕 子涵 海涛 静怡 文博 丽华 明轩 佳琪 国栋 雪梅 浩然 秋月
    立新 梓萱 永康 慧敏 俊杰 春兰 一鸣 若曦 卫东 婉清 天佑 红霞 博文 诗涵 伟 敏
    磊 娜 洋 芳 超 颖 军 琳
    """
)

TITLES = {
    "决策者": ("总经理", "副总经理", "采购总监", "董事长"),
    "影响者": ("技术总监", "财务经理", "研发经理", "品质经理"),
    "使用者": ("生产主管", "设备工程师", "仓库主管", "工艺工程师"),
    "把关者": ("采购专员", "前台", "总经理助理", "行政主管"),
}

CALLS = ("确认交货期", "询问下季度需求", "跟进报价", "对账沟通", "回访使用情况", "沟通合同条款", "年度框架价格")
MEETINGS = ("季度业务会", "技术交流会", "价格谈判", "新品方案评审", "质量改进会")
VISITS = ("现场拜访", "产线走访", "样品送测", "仓库盘点走访", "需求调研")
EXEC_VISITS = ("高层互访", "战略合作会谈", "年度高层拜访")
NOTES = (
    "客户扩产，关注设备需求",
    "竞品在报价 😟",
    "对方采购换人",
    '付款流程改为月结，"先票后款"',
    "关键联系人喜欢微信沟通",
    "明年预算十月定稿",
)
TASKS = ("准备报价单", "寄送样品", "更新联系人", "整理会议纪要", "准备续约材料")
ANSWERS = ("已沟通，客户认可。", "需下周再确认。", "客户要求更新报价。", "一切正常。", "对方希望缩短交期。")
GOODS = ("年度备件", "产线设备", "耗材", "技改项目", "检测服务", "扩产项目", "框架采购")
CASES = {
    "complaint": ("到货破损", "交期延误", "批次质量异常", "开票信息有误"),
    "service": ("设备调试支持", "操作培训需求", "更换备件", "软件升级"),
    "emergency": ("产线停机", "设备报警无法启动"),
}
STREETS = ("创新路", "工业大道", "科技园路", "临港大道", "星河街", "长安路")
FOLK_TAGS = ("老客户", "展会")
