"""Words that companies of a trade carry in their names, Chinese and English, and words that anybody may carry.

General vocabulary only, no company. `+` joins the words of a phrase; the first is the most usual.
"""

from __future__ import annotations

from collections import defaultdict

from kamsync.rules.identity.face import LONG

_WEAK = """
    holdings group international the of and china hong kong global industries technology science co company corp
    enterprise enterprises
"""
WEAK = frozenset(_WEAK.split())

_TERMS = """
科技:technology,science+technology,science,technological
技术:technology,technologies
电子:electronic,electronics
药业:pharmaceutical,pharma,medicine
制药:pharmaceutical,pharma
药用:pharmaceutical
医药:pharmaceutical,medicine,medical
医疗:medical,health
健康:health,healthcare
集团:group
控股:holdings,holding
国际:international
实业:industries,industrial,enterprise
工业:industries,industrial,industry
产业:industries,industry
银行:bank,banking
证券:securities
保险:insurance
人寿:life
信托:trust
期货:futures
租赁:leasing
能源:energy
新能源:new+energy,energy
电力:power,electric+power
发电:power+generation,power
热电:thermal+power,thermoelectric,cogeneration
水电:hydropower,hydro
食品:food,foods
饮料:beverage,beverages
啤酒:brewery,beer
酒业:liquor,wine
乳业:dairy
化工:chemical,chemicals
化学:chemical,chemicals
石化:petrochemical,petrochemicals
石油:petroleum,oil
天然气:gas,natural+gas
燃气:gas
机械:machinery
重工:heavy+industries,heavy+industry
机电:electromechanical,machinery
汽车:auto,automobile,automotive,motor,vehicle
零部件:parts,components
轮胎:tire,tyre
材料:material,materials
新材料:new+material,material,advanced+material
通信:communication,communications,telecom,telecommunication
通讯:communication,communications
信息:information
软件:software
网络:network
数据:data
云:cloud
传媒:media
文化:culture,cultural
教育:education
影视:film,pictures
出版:publishing
环保:environmental,environment,environmental+protection
环境:environment,environmental
建设:construction
建筑:construction,building,architecture
工程:engineering
设计:design
地产:property,properties,estate,real+estate,land
房地产:real+estate,property
置业:property,properties,real+estate
置地:land
投资:investment,investments
发展:development
纺织:textile,textiles
服饰:fashion,apparel,garment
服装:garment,apparel,clothing
钢铁:steel,iron+steel,iron
特钢:special+steel
铜业:copper
铝业:aluminum,aluminium
稀土:rare+earth
黄金:gold
矿业:mining
煤业:coal
煤炭:coal
有色:nonferrous
金属:metal,metals
水泥:cement
玻璃:glass
陶瓷:ceramic,ceramics
纸业:paper
造纸:paper
包装:packaging,packing
印刷:printing
物流:logistics
航空:aviation,airlines,aircraft
航天:aerospace
港口:port
港:port
机场:airport
高速:expressway,highway
铁路:railway
地铁:metro
公交:bus
航运:shipping
海运:shipping
船舶:shipbuilding,ship
汽轮机:turbine
农业:agriculture,agricultural
种业:seed
畜牧:animal+husbandry
饲料:feed
生物:biological,bio,biotech,biotechnology
基因:gene,genomics
光电:optoelectronic,photoelectric,optoelectronics,opto
光学:optical,optics
激光:laser
半导体:semiconductor
集成电路:integrated+circuit
微电子:microelectronics,microelectronic
显示:display
智能:intelligent,intelligence,smart
自动化:automation
机器人:robot,robotics
电器:electric,electrical,appliance,appliances
电气:electric,electrical
电机:motor,electric+machinery
电缆:cable,cables
变压器:transformer
开关:switch,switchgear
阀门:valve
轴承:bearing
水泵:pump
泵业:pump
换热器:heat+exchanger
锅炉:boiler
家居:home,furnishing,household
家具:furniture
百货:department+store
超市:supermarket
商业:commercial,commerce
贸易:trading,trade
商贸:trading,commerce
零售:retail
旅游:tourism,travel
酒店:hotel
水务:water
水业:water
安全:security,safety
防爆:explosion+proof
消防:fire,fire+fighting
精密:precision
仪器:instrument,instruments
仪表:instrument
动力:power
装备:equipment
设备:equipment
模具:mould,mold,die
塑料:plastic,plastics
橡胶:rubber
涂料:coating,paint
玩具:toys,toy
珠宝:jewelry,jewellery
钻石:diamond
超硬:superhard
体育:sports
服务:service,services
咨询:consulting
管理:management
广告:advertising
电信:telecom
移动:mobile
联通:unicom
卫星:satellite
导航:navigation
雷达:radar
电池:battery
光伏:photovoltaic,pv
太阳能:solar
风电:wind+power,wind
核电:nuclear+power,nuclear
照明:lighting
音响:audio
分离:separation
现代:modern
第一:first
东方:oriental,orient,eastern
南方:southern
北方:northern,north
东北:northeast
西部:western
中国:china
长城:greatwall,great+wall
太平洋:pacific
环球:universal,global,universe
全球:global
世界:world
阳光:sunshine
友谊:friendship
人民:people
民族:national
大学:university
研究院:institute,research
研究:research
科学:science
电影:film
"""


def _phrases(text: str) -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(LONG.get(word, word) for word in phrase.split("+")) for phrase in text.split(","))


CHINESE: dict[str, tuple[tuple[str, ...], ...]] = {
    term: _phrases(said) for term, said in (line.split(":") for line in _TERMS.split())
}


def _english() -> dict[str, tuple[tuple[str, tuple[str, ...]], ...]]:
    found: dict[str, list[tuple[str, tuple[str, ...]]]] = defaultdict(list)
    for term, phrases in CHINESE.items():
        for phrase in dict.fromkeys(phrases):
            found[phrase[0]].append((term, phrase))
    return {word: tuple(sorted(terms, key=lambda one: (-len(one[1]), one[0]))) for word, terms in found.items()}


ENGLISH = _english()  # by the first word: Chinese terms with the phrase, longest first
TRADES = frozenset(word for phrases in CHINESE.values() for phrase in phrases for word in phrase)
