"""Which towns of China lie in which province, so that a place in a company's name can be told from its core.

Words only, down to the prefecture, and the county towns that companies are named after. A name that is no place is
simply not found; telling which of two places of one name is meant is nobody's job here.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache

CHINA = "中国"

_PROVINCES = """
北京:
天津:
上海:
重庆:
香港:
澳门:
台湾: 台北 新北 桃园 台中 台南 高雄 新竹
河北: 石家庄 唐山 秦皇岛 邯郸 邢台 保定 张家口 承德 沧州 廊坊 衡水
山西: 太原 大同 阳泉 长治 晋城 朔州 晋中 运城 忻州 临汾 吕梁
内蒙古: 呼和浩特 包头 乌海 赤峰 通辽 鄂尔多斯 呼伦贝尔 巴彦淖尔 乌兰察布 兴安盟 锡林郭勒 阿拉善
辽宁: 沈阳 大连 鞍山 抚顺 本溪 丹东 锦州 营口 阜新 辽阳 盘锦 铁岭 朝阳 葫芦岛
吉林: 长春 四平 辽源 通化 白山 松原 白城 延边
黑龙江: 哈尔滨 齐齐哈尔 鸡西 鹤岗 双鸭山 大庆 伊春 佳木斯 七台河 牡丹江 黑河 绥化 大兴安岭
江苏: 南京 无锡 徐州 常州 苏州 南通 连云港 淮安 盐城 扬州 镇江 泰州 宿迁
浙江: 杭州 宁波 温州 嘉兴 湖州 绍兴 金华 衢州 舟山 台州 丽水
安徽: 合肥 芜湖 蚌埠 淮南 马鞍山 淮北 铜陵 安庆 黄山 滁州 阜阳 宿州 六安 亳州 池州 宣城
福建: 福州 厦门 莆田 三明 泉州 漳州 南平 龙岩 宁德
江西: 南昌 景德镇 萍乡 九江 新余 鹰潭 赣州 吉安 宜春 抚州 上饶
山东: 济南 青岛 淄博 枣庄 东营 烟台 潍坊 济宁 泰安 威海 日照 临沂 德州 聊城 滨州 菏泽
河南: 郑州 开封 洛阳 平顶山 安阳 鹤壁 新乡 焦作 濮阳 许昌 漯河 三门峡 南阳 商丘 信阳 周口 驻马店 济源
湖北: 武汉 黄石 十堰 宜昌 襄阳 鄂州 荆门 孝感 荆州 黄冈 咸宁 随州 恩施 仙桃 潜江 天门
湖南: 长沙 株洲 湘潭 衡阳 邵阳 岳阳 常德 张家界 益阳 郴州 永州 怀化 娄底 湘西
广东: 广州 韶关 深圳 珠海 汕头 佛山 江门 湛江 茂名 肇庆 惠州 梅州 汕尾 河源 阳江 清远 东莞 中山 潮州 揭阳 云浮
广西: 南宁 柳州 桂林 梧州 北海 防城港 钦州 贵港 玉林 百色 贺州 河池 来宾 崇左
海南: 海口 三亚 三沙 儋州
四川: 成都 自贡 攀枝花 泸州 德阳 绵阳 广元 遂宁 内江 乐山 南充 眉山 宜宾 广安 达州 雅安 巴中 资阳 阿坝 甘孜 凉山
贵州: 贵阳 六盘水 遵义 安顺 毕节 铜仁 黔西南 黔东南 黔南
云南: 昆明 曲靖 玉溪 保山 昭通 丽江 普洱 临沧 楚雄 红河 文山 西双版纳 大理 德宏 怒江 迪庆
西藏: 拉萨 日喀则 昌都 林芝 山南 那曲 阿里
陕西: 西安 铜川 宝鸡 咸阳 渭南 延安 汉中 榆林 安康 商洛
甘肃: 兰州 嘉峪关 金昌 白银 天水 武威 张掖 平凉 酒泉 庆阳 定西 陇南 临夏 甘南
青海: 西宁 海东 海北 黄南 果洛 玉树 海西
宁夏: 银川 石嘴山 吴忠 固原 中卫
新疆: 乌鲁木齐 克拉玛依 吐鲁番 哈密 昌吉 博尔塔拉 巴音郭楞 阿克苏 喀什 和田 伊犁 塔城 阿勒泰 石河子
"""

_COUNTIES = """
苏州: 昆山 常熟 张家港 太仓 吴江
无锡: 江阴 宜兴
常州: 溧阳
镇江: 丹阳 句容 扬中
泰州: 靖江 泰兴 兴化
南通: 启东 如皋 海安
宁波: 余姚 慈溪 宁海 象山
绍兴: 诸暨 嵊州
嘉兴: 海宁 桐乡 平湖 嘉善
金华: 义乌 东阳 永康 兰溪
台州: 温岭 临海 玉环
温州: 瑞安 乐清
泉州: 晋江 石狮 南安
福州: 福清
烟台: 龙口 招远
潍坊: 寿光 诸城
长沙: 浏阳
"""

# In English; where two towns sound alike (苏州 and 宿州, 福州 and 抚州), the one that is meant far more often.
_ENGLISH = """
china:中国 beijing:北京 peking:北京 tianjin:天津 shanghai:上海 chongqing:重庆 hongkong:香港
macau:澳门 macao:澳门 taiwan:台湾 taipei:台北 hebei:河北 shanxi:山西 liaoning:辽宁
jilin:吉林 heilongjiang:黑龙江 jiangsu:江苏 zhejiang:浙江 anhui:安徽 fujian:福建 jiangxi:江西
shandong:山东 henan:河南 hubei:湖北 hunan:湖南 guangdong:广东 guangxi:广西 hainan:海南
sichuan:四川 guizhou:贵州 yunnan:云南 shaanxi:陕西 gansu:甘肃 qinghai:青海 ningxia:宁夏
xinjiang:新疆 shijiazhuang:石家庄 tangshan:唐山 baoding:保定 taiyuan:太原 shenyang:沈阳 dalian:大连
changchun:长春 harbin:哈尔滨 nanjing:南京 wuxi:无锡 xuzhou:徐州 changzhou:常州 suzhou:苏州
nantong:南通 yangzhou:扬州 zhenjiang:镇江 kunshan:昆山 jiangyin:江阴 changshu:常熟 hangzhou:杭州
ningbo:宁波 wenzhou:温州 jiaxing:嘉兴 huzhou:湖州 shaoxing:绍兴 jinhua:金华 taizhou:台州
yiwu:义乌 hefei:合肥 wuhu:芜湖 fuzhou:福州 xiamen:厦门 quanzhou:泉州 nanchang:南昌
jinan:济南 qingdao:青岛 yantai:烟台 weifang:潍坊 weihai:威海 zibo:淄博 zhengzhou:郑州
luoyang:洛阳 wuhan:武汉 yichang:宜昌 changsha:长沙 zhuzhou:株洲 guangzhou:广州 shenzhen:深圳
zhuhai:珠海 foshan:佛山 huizhou:惠州 dongguan:东莞 zhongshan:中山 jiangmen:江门 shantou:汕头
nanning:南宁 guilin:桂林 liuzhou:柳州 haikou:海口 sanya:三亚 chengdu:成都 mianyang:绵阳
guiyang:贵阳 kunming:昆明 lhasa:拉萨 xian:西安 xianyang:咸阳 baoji:宝鸡 lanzhou:兰州
xining:西宁 yinchuan:银川 urumqi:乌鲁木齐
"""

_SUFFIX = r"(?:特别行政区|维吾尔自治区|壮族自治区|回族自治区|自治区|自治州|地区|省|市|州|盟|县)?"


@cache
def _paths() -> dict[str, tuple[str, ...]]:
    paths: dict[str, tuple[str, ...]] = {CHINA: (CHINA,)}
    for line in _PROVINCES.split():
        if line.endswith(":"):
            province = line[:-1]
            paths[province] = (province,)
        else:
            paths.setdefault(line, (province, line))
    town = ""
    for line in _COUNTIES.split():
        if line.endswith(":"):
            town = line[:-1]
        else:
            paths[line] = (*paths[town], line)
    return paths


@cache
def _english() -> dict[str, str]:
    return dict(pair.split(":") for pair in _ENGLISH.split())


@cache
def _head() -> re.Pattern[str]:
    names = sorted(_paths(), key=len, reverse=True)
    return re.compile(f"({'|'.join(names)}){_SUFFIX}")


def leading_place(text: str) -> tuple[str, str] | None:
    """The most specific place at the head of `text`, and what follows it; None if it does not begin with one."""
    found, rest = "", text
    while (match := _head().match(rest)) and (not found or inside(match[1], found)):
        found, rest = match[1], rest[match.end() :]
    return (found, rest) if found else None


@lru_cache(maxsize=4096)  # a book of customers names few places, and each often
def place(text: str | None) -> str:
    """The place that the whole of `text` names, in Chinese or in English; "" if it names none."""
    plain = re.sub(r"\s+", "", text or "")
    english = re.sub(r"(?:city|province)$", "", re.sub(r"[^a-z]", "", plain.lower()))
    if english in _english():
        return _english()[english]
    found = leading_place(plain)
    return found[0] if found and not found[1] else ""


def path(name: str) -> tuple[str, ...]:
    """A place from the province down: 昆山 → (江苏, 苏州, 昆山)."""
    return _paths().get(name, ())


def inside(name: str, other: str) -> bool:
    """Is `name` the same place as `other`, or a part of it?"""
    return path(name)[: len(path(other))] == path(other)


def compatible(name: str, other: str) -> bool:
    """Could both be said of one seat: one lies in the other, or one is not known?"""
    return not name or not other or inside(name, other) or inside(other, name)


def town(name: str) -> str:
    """The prefecture (or the city that is a province) that a place lies in; "" for a province or the whole country."""
    names = path(name)
    if len(names) > 1:
        return names[1]
    return name if name in ("北京", "天津", "上海", "重庆", "香港", "澳门") else ""
