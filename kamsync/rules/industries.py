"""The codes of economic activities (GB/T 4754-2017), sections and divisions: 汽车制造业 → C36, 制造业 → C.

Words only. A word of a CRM's list that is none of the standard's own names is looked up among a few that are usual.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache, lru_cache

_TABLE = """
A 农、林、牧、渔业: 农业 林业 畜牧业 渔业 农、林、牧、渔专业及辅助性活动
B 采矿业: 煤炭开采和洗选业 石油和天然气开采业 黑色金属矿采选业 有色金属矿采选业 非金属矿采选业
  开采专业及辅助性活动 其他采矿业
C 制造业: 农副食品加工业 食品制造业 酒、饮料和精制茶制造业 烟草制品业 纺织业 纺织服装、服饰业
  皮革、毛皮、羽毛及其制品和制鞋业 木材加工和木、竹、藤、棕、草制品业 家具制造业 造纸和纸制品业
  印刷和记录媒介复制业 文教、工美、体育和娱乐用品制造业 石油、煤炭及其他燃料加工业 化学原料和化学制品制造业
  医药制造业 化学纤维制造业 橡胶和塑料制品业 非金属矿物制品业 黑色金属冶炼和压延加工业
  有色金属冶炼和压延加工业 金属制品业 通用设备制造业 专用设备制造业 汽车制造业
  铁路、船舶、航空航天和其他运输设备制造业 电气机械和器材制造业 计算机、通信和其他电子设备制造业
  仪器仪表制造业 其他制造业 废弃资源综合利用业 金属制品、机械和设备修理业
D 电力、热力、燃气及水生产和供应业: 电力、热力生产和供应业 燃气生产和供应业 水的生产和供应业
E 建筑业: 房屋建筑业 土木工程建筑业 建筑安装业 建筑装饰、装修和其他建筑业
F 批发和零售业: 批发业 零售业
G 交通运输、仓储和邮政业: 铁路运输业 道路运输业 水上运输业 航空运输业 管道运输业 多式联运和运输代理业
  装卸搬运和仓储业 邮政业
H 住宿和餐饮业: 住宿业 餐饮业
I 信息传输、软件和信息技术服务业: 电信、广播电视和卫星传输服务 互联网和相关服务 软件和信息技术服务业
J 金融业: 货币金融服务 资本市场服务 保险业 其他金融业
K 房地产业: 房地产业
L 租赁和商务服务业: 租赁业 商务服务业
M 科学研究和技术服务业: 研究和试验发展 专业技术服务业 科技推广和应用服务业
N 水利、环境和公共设施管理业: 水利管理业 生态保护和环境治理业 公共设施管理业 土地管理业
O 居民服务、修理和其他服务业: 居民服务业 机动车、电子产品和日用产品修理业 其他服务业
P 教育: 教育
Q 卫生和社会工作: 卫生 社会工作
R 文化、体育和娱乐业: 新闻和出版业 广播、电视、电影和录音制作业 文化艺术业 体育 娱乐业
S 公共管理、社会保障和社会组织: 中国共产党机关 国家机构 人民政协、民主党派 社会保障
  群众团体、社会团体和其他成员组织 基层群众自治组织
T 国际组织: 国际组织
"""

# What lists of CRMs say instead; only where there is one code that is meant.
_USUAL = """
信息技术 I  IT I  互联网 I64  软件 I65  软件技术 I65  电信 I63  通信系统 C39  电子 C39  电子元件 C39
机械制造 C34  机械 C34  仪器仪表 C40  汽车 C36  医药 C27  制药 C27  医疗健康 Q  医疗 Q  能源 D  电力 D44
化工 C26  化学 C26  物流 G  运输 G  零售 F52  批发 F51  批发零售 F  贸易 F  金融 J  银行 J66  保险 J68
证券 J67  建筑 E  房地产 K  教育 P  食品 C14  饮料 C15  农业 A  纺织 C17  服装 C18  家具 C21  造纸 C22
印刷 C23  包装 C22  塑料 C29  橡胶 C29  钢铁 C31  有色金属 C32  家电 C38  电气 C38  环保 N77  采矿 B  矿业 B
餐饮 H62  酒店 H61  咨询 L72  科研 M  政府 S  机关 S  文化 R  传媒 R  材料 C30  manufacturing C  technology I
software I65  communications I63  telecommunications I63  banking J66  insurance J68  finance J
construction E  education P  engineering M74  energy D  utilities D  healthcare Q  hospitality H
electronics C39  chemicals C26  biotechnology C27  machinery C34  agriculture A  apparel C18  consulting L72
entertainment R  environmental N77  government S  media R  retail F52  shipping G  transportation G
automotive C36  realestate K  foodbeverage C15  food C14  recreation R  consumergoods F  nonprofit S
notforprofit S  mining B
"""

_CODE = re.compile(r"([A-T])?(\d{2,4})?")
_IGNORED = re.compile(r"[\s、,，/&·\-和及与]|业$|行业$|制造业?$")


@cache
def _sections() -> dict[str, tuple[str, tuple[str, ...]]]:
    """Section → its name and its divisions' names, in the standard's order."""
    whole = re.sub(r"\n {2}", " ", _TABLE.strip())
    rows = (re.fullmatch(r"(\w) (\S+): (.+)", line) for line in whole.splitlines())
    return {row[1]: (row[2], tuple(row[3].split())) for row in rows if row is not None}


@cache
def _names() -> dict[str, str]:
    """Code → name of all sections and divisions; divisions are counted through."""
    names, number = {}, 0
    for section, (name, divisions) in _sections().items():
        names[section] = name
        for division in divisions:
            number += 1
            names[f"{section}{number:02}"] = division
    return names


@cache
def _codes() -> dict[str, str]:
    # 其他 means nothing by itself, and sections go before the divisions that are called alike
    codes = {name if name.startswith("其他") else _plain(name): code for code, name in reversed(_names().items())}
    words = _USUAL.split()
    usual = {_plain(word): code for word, code in zip(words[::2], words[1::2], strict=True)}
    return usual | codes


def _plain(word: str) -> str:
    text = unicodedata.normalize("NFKC", word).casefold().strip()
    return _IGNORED.sub("", text) or text


def industry_name(code: str) -> str | None:
    """What a section or division is called."""
    return _names().get(code)


@lru_cache(maxsize=2048)  # industries come from lists
def industry_code(text: str) -> str | None:
    """The code that a text is (C, C36, 36, 3612) or names; None where the standard has nothing of that name."""
    plain = unicodedata.normalize("NFKC", text).strip().upper()
    found = _CODE.fullmatch(plain)
    if found is not None and plain:
        return _known(found[1], found[2])
    return _codes().get(_plain(text), _codes().get(text))


def _known(section: str | None, digits: str | None) -> str | None:
    if digits is None:
        return section
    owner = next((code[0] for code in _names() if code[1:] == digits[:2]), None)
    return f"{owner}{digits}" if owner and section in (None, owner) else None
