"""
Words that old tables use for the same thing, zh and en. A column title and a field belong together when one group
knows both.
"""

import re

_GROUPS = (
    "销售日期|购药时间|购买日期|销售时间|售出日期|出库日期|开票日期|sale date|sold on|invoice date|date of sale",
    "购进日期|采购日期|进货日期|入库日期|purchase date|received on|receipt date",
    "生产日期|制造日期|manufacture date|production date|made on",
    "有效期|有效期至|失效日期|效期|使用期限|expiry|expiry date|expires|expiration date",
    "数量|销售数量|购进数量|件数|quantity|qty|number of units",
    "单位|计量单位|unit|uom",
    "单价|价格|挂网价格|售价|unit price|price",
    "金额|销售金额|应收金额|应付金额|总金额|合计金额|amount|amount due|total amount|sum",
    "实收金额|实付金额|已收金额|amount paid|paid|amount received",
    "商品编码|药品编码|药品统一编码|耗材统一编码|产品编码|货号|商品编号|物料编码|product code|item code|stock code|sku",
    "商品名称|药品名称|通用名称|通用名|产品名称|品名|医用耗材单件产品名称|product name|generic name|drug name",
    "规格|规格型号|型号|药品规格|specification|model|strength",
    "剂型|dosage form|form",
    "包装|包装规格|pack|packaging",
    "批号|生产批号|产品批号|序列号|lot|lot number|batch no|batch number",
    "灭菌批号|sterilisation lot|sterilization lot",
    "批准文号|国药准字|药品批准文号|approval no|approval number",
    "注册证号|注册证编号|医疗器械注册证|备案凭证|备案号|registration no|registration certificate|registration number",
    "医保编码|医保代码|国家医保编码|insurance code",
    "生产企业|生产厂家|厂家|制造商|上市许可持有人|maker|manufacturer|holder",
    "供货单位|供应商|供货者|supplier|vendor",
    "购货单位|购买方|客户|客户名称|销售对象|购货者|收货单位|buyer|customer|purchaser|consignee",
    "单位名称|企业名称|医院名称|机构名称|名称|全称|name|full name|hos name|institution|company name",
    "简称|别名|曾用名|alias|short name",
    "地区|省市|城市|所在地|区域|省份|行政区|region|city|province|district|hos city",
    "等级|级别|医院等级|grade|level|hos grade",
    "特色科室|科室|专科|speciality|specialty|departments|hos speciality",
    "地址|注册地址|收货地址|经营场所|address",
    "统一社会信用代码|信用代码|uscc|credit code",
    "许可证号|经营许可证|许可证编号|licence no|license no|licence number",
    "联系人|经办人|contact|contact person",
    "联系电话|电话|手机|phone|telephone|mobile",
    "社保卡号|卡号|医保卡号|card number|card no",
    "销售单号|单号|订单号|流水号|发票号|invoice no|order id|order no|sale no|sales no",
    "备注|说明|remark|remarks|note|notes|comment",
    "中选|是否中选|selected",
    "一致性评价|是否过一次性评价|consistency evaluation",
)
_PUNCTUATION = re.compile(r"[\s_\-./:：（）()\[\]【】*#]+")


def plain_words(title: str) -> str:
    """
    Return a title for comparison: lower case, one space between words, no punctuation, camel case split.
    """
    split = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", title)
    return _PUNCTUATION.sub(" ", split).strip().casefold()


def groups_of(title: str) -> frozenset[int]:
    """
    Return the groups that know a title as one of their words.
    """
    words = plain_words(title)
    return frozenset(index for index, group in enumerate(_GROUPS) if words in group.split("|"))


def alike(title: str, labels: tuple[str, ...]) -> int:
    """
    Return how well a title fits any of a field's names, in percent: 100 the same, 80 a known synonym, 60 one within
    the other.
    """
    words = plain_words(title)
    known = [plain_words(label) for label in labels if label]
    if words in known:
        return 100
    if any(groups_of(title) & groups_of(label) for label in labels):
        return 80
    return 60 if any(_within(words, label) or _within(label, words) for label in known) else 0


def _within(part: str, whole: str) -> bool:
    if part.isascii():
        return len(part) > 2 and set(part.split()) < set(whole.split())
    return len(part) >= 2 and part in whole
