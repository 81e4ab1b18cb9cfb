"""The words that made-up books of companies are spelled with. What comes of them is invented; likeness is chance."""

from __future__ import annotations


def _words(text: str) -> list[str]:
    return text.split()


def _rows(text: str) -> list[list[str]]:
    return [row.replace("_", " ").split(":") for row in text.split()]


BRAND = (
    "华新金龙恒达宏源瑞丰泰安天海鑫盛德信嘉禾凯利博远长江佳美康宁润和顺兴立诚万通永固中联星光明辉云帆正大"
    "铭卓越创智锐科腾飞翔宇航晨曜砚澜霁棠溪珩岳桓景皓钧磊森沐澄沃耀昊弘毅骏驰隆裕庆祥汇聚融百川九州三元五"
    "洲四方同济民生国泰东升南湖西子北辰"
)
RARE = "淼焱垚鹭麒麟鹏骥璟瑄琨璞珺宸翌翰逸轩睿哲颢熠烁晟晗昱旻昕晔暄煦炜炎烨燊炫焕"
TOWNS = _rows(
    """
    北京:Beijing:北京:010:110105 上海:Shanghai:上海:021:310115 天津:Tianjin:天津:022:120103
    重庆:Chongqing:重庆:023:500105 深圳:Shenzhen:广东:0755:440304 广州:Guangzhou:广东:020:440106
    东莞:Dongguan:广东:0769:441900 佛山:Foshan:广东:0757:440604 惠州:Huizhou:广东:0752:441302
    苏州:Suzhou:江苏:0512:320505 无锡:Wuxi:江苏:0510:320205 常州:Changzhou:江苏:0519:320404
    南京:Nanjing:江苏:025:320104 南通:Nantong:江苏:0513:320602 昆山:Kunshan:江苏:0512:320583
    杭州:Hangzhou:浙江:0571:330108 宁波:Ningbo:浙江:0574:330203 温州:Wenzhou:浙江:0577:330302
    嘉兴:Jiaxing:浙江:0573:330402 青岛:Qingdao:山东:0532:370202 济南:Jinan:山东:0531:370102
    烟台:Yantai:山东:0535:370602 郑州:Zhengzhou:河南:0371:410102 武汉:Wuhan:湖北:027:420106
    长沙:Changsha:湖南:0731:430104 成都:Chengdu:四川:028:510104 西安:Xian:陕西:029:610113
    合肥:Hefei:安徽:0551:340104 福州:Fuzhou:福建:0591:350102 厦门:Xiamen:福建:0592:350203
    沈阳:Shenyang:辽宁:024:210102 大连:Dalian:辽宁:0411:210202
    """
)
TRADES = _rows(
    """
    机械:Machinery 精密机械:Precision_Machinery 机电设备:Electromechanical_Equipment
    电子科技:Electronic_Technology 自动化设备:Automation_Equipment 智能装备:Intelligent_Equipment
    新材料:New_Materials 化工:Chemical 生物科技:Biotechnology 医疗器械:Medical_Instruments 制药:Pharmaceutical
    食品:Foods 饮料:Beverage 纺织:Textile 服饰:Garment 包装:Packaging 印刷:Printing 物流:Logistics
    供应链管理:Supply_Chain_Management 国际贸易:International_Trading 进出口:Import_and_Export 实业:Industrial
    建设工程:Construction_Engineering 装饰工程:Decoration_Engineering 环保科技:Environmental_Technology
    能源:Energy 光电:Optoelectronics 半导体:Semiconductor 信息技术:Information_Technology 软件:Software
    网络科技:Network_Technology 汽车零部件:Auto_Parts 模具:Mould 塑胶制品:Plastic_Products
    五金制品:Hardware_Products 家具:Furniture 电器:Electric_Appliance 仪器仪表:Instruments 阀门:Valve
    轴承:Bearing 电缆:Cable 钢结构:Steel_Structure 玻璃:Glass 陶瓷:Ceramics 农业发展:Agriculture_Development
    餐饮管理:Catering_Management
    """
)
FORMS = ["有限公司"] * 14 + ["股份有限公司"] * 3 + ["有限责任公司"] * 2 + ["厂"]
ENDS = ["Co., Ltd."] * 6 + ["Co.,Ltd", "Company Limited", "Ltd.", "Limited", "Corporation"]
HEADS = _words(
    """
    Al Ber Cor Dan El Fal Gra Hol Iver Jen Kel Lan Mer Nor Os Par Quin Ros Sten Thor Ul Ver Wal Xan Yor Zel
    Brook Hart Bly Cas Dur Fen Gil Hex Ix Jas Kro Lum Mag Nex Ori Pra Qua Rad Syn Tri Umb Vex
    """
)
MIDDLES = ["", "", "a", "i", "o", "en", "al", "or", "ti", "ma", "ve", "lo"]
TAILS = _words(
    """
    ston man berg field ford ler ini sen wick dale more way nova tech son er ard mont is ex tron gen lux dyne
    port max cor lin
    """
)
SECTORS = _words(
    """
    Industries Systems Foods Chemicals Technologies Pharma Energy Logistics Materials Instruments Motors
    Holdings
    """
)
WESTERN = [  # a legal form, and where its telephones are
    ("Inc.", "+1-312"), ("Corp.", "+1-713"), ("LLC", "+1-415"), ("GmbH", "+49-89"), ("AG", "+49-30"),
    ("Ltd.", "+44-20"), ("plc", "+44-161"), ("S.A.", "+33-1"), ("B.V.", "+31-20"), ("Pte. Ltd.", "+65-6"),
]  # fmt: skip
NOTES = ["-VIP", "（停用）", "【重点】", "(老客户)", " - old", "（重复）", "(勿删)"]
AGENTS = ["021-61234567", "010-87654321", "0755-26001234", "13800138000"]
