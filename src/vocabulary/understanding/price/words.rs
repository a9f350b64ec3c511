//! Words around prices.

use crate::domain::trade::Delivery;
use crate::vocabulary::understanding::source::Text;

pub(super) const MARKED: [&str; 52] = [
    "日结",
    "月薪",
    "日薪",
    "时薪",
    "年薪",
    "底薪",
    "月工资",
    "日工资",
    "薪水",
    "租金",
    "月租",
    "年租",
    "日租",
    "综合工资",
    "月租金",
    "加工费",
    "费用",
    "费",
    "工资",
    "薪资",
    "待遇",
    "运费",
    "单价",
    "价格",
    "售价",
    "报价",
    "现价",
    "均价",
    "批发价",
    "出厂价",
    "到手价",
    "到货价",
    "零售价",
    "含税价",
    "不含税价",
    "一口价",
    "采购价",
    "收购价",
    "统一价",
    "裸价",
    "价",
    "元价",
    "送到价",
    "到厂价",
    "price",
    "unit price",
    "at",
    "@",
    "asking",
    "target price",
    "price:",
    "fob",
];
pub(super) const TOTAL: [&str; 16] = [
    "总价",
    "共计",
    "合计",
    "总金额",
    "金额",
    "总额",
    "预算",
    "预算金额",
    "总预算",
    "共",
    "total",
    "budget",
    "贷款",
    "融资",
    "投资",
    "授信",
];
/// Behind these a bare number is a sum of money.
pub(super) const SUM: [&str; 10] = ["总价", "总金额", "金额", "总额", "预算", "贷款", "融资", "投资", "授信", "budget"];
pub(super) const CAP: [&str; 28] = [
    "不超过",
    "不高于",
    "不大于",
    "最高",
    "最多",
    "至多",
    "上限",
    "限价",
    "最高限价",
    "控制在",
    "低于",
    "小于",
    "<=",
    "≤",
    "<",
    "封顶",
    "别超过",
    "不要超过",
    "不能超过",
    "up to",
    "max",
    "max.",
    "maximum",
    "at most",
    "no more than",
    "under",
    "below",
    "not more than",
];
/// With one of these before it a cap is none: 不低于.
const NEGATIONS: [&str; 6] = ["不", "不能", "不得", "不可", "not", "no"];
/// The least that is asked, which is a price.
pub(super) const FLOOR: [&str; 14] = [
    "不低于",
    "不能低于",
    "不得低于",
    "不可低于",
    "不小于",
    "不少于",
    "至少",
    "最少",
    "at least",
    "no less than",
    "not less than",
    "not below",
    "not under",
    "no lower than",
];
pub(super) const CAP_BEHIND: [&str; 12] =
    ["以内", "以下", "之内", "内", "封顶", "为限", "max", "maximum", "or less", "or below", "上限", "顶价"];
pub(super) const FREE: [&str; 22] = [
    "免费提供",
    "免费赠送",
    "免费领取",
    "免费",
    "无偿捐赠",
    "无偿提供",
    "无偿",
    "捐赠",
    "捐献",
    "赠送",
    "捐助",
    "义捐",
    "不要钱",
    "0元",
    "零元",
    "白送",
    "free of charge",
    "for free",
    "at no charge",
    "no charge",
    "donated",
    "donation",
];
/// What is free here is not the goods.
pub(super) const FREE_OTHER: [&str; 22] = [
    "送货", "配送", "上门", "运输", "寄样", "拿样", "样品", "邮寄", "安装", "维修", "咨询", "培训", "送达", "发货",
    "打样", "试用", "停车", "物流", "shipping", "delivery", "sample", "samples",
];
pub(super) const NEGOTIABLE: [&str; 14] = [
    "价格面议",
    "价格可谈",
    "价格好商量",
    "价格可商量",
    "价格从优",
    "价格电议",
    "价格私聊",
    "面议",
    "电议",
    "议价",
    "价可谈",
    "negotiable",
    "price on request",
    "best offer",
];

/// 月薪, 日薪: what the sum is for, and where the word begins.
pub(super) fn wage_before(text: &Text, start: usize) -> Option<(&'static str, usize)> {
    let at = text.back_over(start, &[' ', ':', '约']);
    let wages = [
        ("月薪", "MON"),
        ("月工资", "MON"),
        ("日薪", "DAY"),
        ("日结", "DAY"),
        ("日工资", "DAY"),
        ("时薪", "HUR"),
        ("年薪", "ANN"),
        ("月租", "MON"),
        ("年租", "ANN"),
        ("日租", "DAY"),
        ("月租金", "MON"),
    ];
    wages.iter().find_map(|(word, code)| text.any_before(at, &[word]).map(|begin| (*code, begin)))
}

/// 工资5000: so much is paid by the month.
pub(super) fn is_pay(text: &Text, start: usize) -> bool {
    let at = text.back_over(start, &[' ', ':', '约']);
    text.any_before(at, &["工资", "薪资", "待遇", "底薪", "薪水", "工资待遇", "薪资待遇", "综合工资"]).is_some()
}

pub(super) fn tax_at(text: &Text, at: usize) -> Option<(bool, usize)> {
    let without = ["不含税", "未税", "不带票", "不开票", "excl. tax", "excluding tax", "before tax"];
    let with =
        ["含税", "含13%税", "含13个点", "带票", "含票", "incl. tax", "including tax", "tax included", "含增值税"];
    text.any_at(at, &without).map(|end| (false, end)).or_else(|| text.any_at(at, &with).map(|end| (true, end)))
}

pub(super) fn delivery_at(text: &Text, at: usize) -> Option<(Delivery, usize)> {
    const DELIVERED: [&str; 14] = [
        "包邮",
        "含运费",
        "含运",
        "送到",
        "送货上门",
        "到厂",
        "包运费",
        "到货价",
        "免运费",
        "delivered",
        "含运输",
        "送货到门",
        "到付价",
        "cif",
    ];
    const EX_WORKS: [&str; 8] = ["出厂价", "自提", "不含运费", "不包邮", "运费自理", "ex works", "exw", "出厂"];
    let ex_works = text.any_at(at, &EX_WORKS).map(|end| (Delivery::ExWorks, end));
    // 送到 begins the place, which is read elsewhere.
    let delivered = text.any_at(at, &DELIVERED).map(|end| {
        let end = if text.ends_with(end, "送到") { at } else { end };
        (Delivery::Delivered, end)
    });
    ex_works.or(delivered.filter(|(_, end)| *end > at))
}

pub(super) fn delivery_before(text: &Text, start: usize) -> Option<Delivery> {
    let marks = [("出厂价", Delivery::ExWorks), ("到厂价", Delivery::Delivered), ("送到价", Delivery::Delivered)];
    marks.iter().find(|(word, _)| text.starts_with(start, word)).map(|(_, delivery)| *delivery)
}

/// Where a mark of a cap begins that ends at `end`.
pub(super) fn cap_before(text: &Text, end: usize) -> Option<usize> {
    let begin = text.any_before(end, &CAP)?;
    text.any_before(text.skip_back(begin), &NEGATIONS).is_none().then_some(begin)
}

/// Where a mark of a cap or of a floor begins that ends at `end`.
pub(super) fn bound_before(text: &Text, end: usize) -> Option<usize> {
    cap_before(text, end).or_else(|| text.any_before(end, &FLOOR))
}
