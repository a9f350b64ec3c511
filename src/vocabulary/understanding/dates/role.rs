//! What a day is the limit of, by the words around it.

use chrono::{Days, NaiveDate};

use super::{DateRole, DateSaid, Read};
use crate::vocabulary::understanding::source::Text;

const EXPIRY: [&str; 16] = [
    "效期",
    "有效期到",
    "保质期至",
    "保质期",
    "保质期到",
    "失效日期",
    "失效期",
    "过期",
    "到期日",
    "效期至",
    "效期到",
    "expiry",
    "expires",
    "expiry date",
    "best before",
    "exp",
];
const VALID: [&str; 22] = [
    "有效期至",
    "有效至",
    "有效期",
    "截止",
    "截止到",
    "截止至",
    "截至",
    "报名截止",
    "截止日期",
    "截止时间",
    "报价截止",
    "信息有效期",
    "本信息有效期至",
    "价格有效期至",
    "有效期截止",
    "valid until",
    "valid till",
    "deadline",
    "closes",
    "offer valid until",
    "open until",
    "valid through",
];
const FROM: [&str; 20] = [
    "自",
    "从",
    "最早",
    "开始",
    "可供",
    "现货",
    "起供",
    "可发货",
    "供货时间",
    "可用",
    "available",
    "available from",
    "from",
    "starting",
    "as of",
    "after",
    "not before",
    "ready",
    "ready by",
    "starts",
];
const BY: [&str; 32] = [
    "最晚",
    "最迟",
    "务必",
    "务必于",
    "需在",
    "须在",
    "要在",
    "请在",
    "赶在",
    "于",
    "在",
    "交货期",
    "交期",
    "交货日期",
    "交货时间",
    "到货时间",
    "送货时间",
    "需求时间",
    "到货日期",
    "by",
    "before",
    "by the",
    "before the",
    "no later than",
    "not later than",
    "needed by",
    "deliver by",
    "delivery by",
    "until",
    "due",
    "on or before",
    "latest",
];
const OTHER: [&str; 10] =
    ["生产日期", "生产", "日期", "发布时间", "发布日期", "更新", "更新于", "生产批号", "成立于", "dated"];
/// Behind the day.
const BEFORE_IT: [&str; 12] =
    ["前", "之前", "以前", "内", "为止", "止", "下班前", "晚前", "中午前", "前后", "or earlier", "or before"];
const AFTER_IT: [&str; 14] =
    ["后可", "之后", "以后", "后", "起", "开始", "起可", "起供", "起供货", "始", "以来", "onwards", "onward", "起发货"];
const CLOSING: [&str; 6] = ["截止", "截标", "关闭", "报名截止", "到期", "失效"];
/// What an offer does by then rather than a need.
const OFFERED: [&str; 15] = [
    "可交货",
    "可发货",
    "能发货",
    "可供货",
    "可到货",
    "可出货",
    "出货",
    "发货",
    "可供",
    "可到岗",
    "可提货",
    "能交货",
    "可交付",
    "投产",
    "有货",
];
/// A day further away than this behind 有效期至 is that of the goods.
const LONG_DAYS: u64 = 120;

/// The day with its role, and the characters it takes with the words that say so.
pub(super) fn assign(text: &Text, at: usize, read: Read, today: NaiveDate) -> (DateSaid, usize, usize) {
    let signs = [' ', ':', ',', '(', '为', '是', '至', '到'];
    let before = text.back_over(at, &signs);
    let (mut start, mut end) = (at, read.end);
    let until = read.until;
    let said = |role, date| DateSaid { date, until, role };
    let table = [
        (DateRole::Expiry, EXPIRY.as_slice()),
        (DateRole::ValidUntil, VALID.as_slice()),
        (DateRole::Other, OTHER.as_slice()),
        (DateRole::AvailableFrom, FROM.as_slice()),
        (DateRole::NeededBy, BY.as_slice()),
    ];
    let found = table
        .iter()
        .filter_map(|(role, words)| text.any_before(before, words).map(|start| (*role, start)))
        .min_by_key(|(_, start)| *start);
    let mut role = found.map(|(role, _)| if read.after { DateRole::AvailableFrom } else { role });
    if let Some((_, begin)) = found {
        start = begin;
    }
    if let Some(behind) = text.any_at(end, &CLOSING) {
        (role, end) = (Some(DateRole::ValidUntil), behind);
    } else if let Some(behind) = text.any_at(end, &AFTER_IT) {
        (role, end) = (Some(DateRole::AvailableFrom), behind);
    } else if let Some(behind) = text.any_at(end, &BEFORE_IT) {
        end = behind;
        role =
            role.filter(|role| !matches!(role, DateRole::AvailableFrom | DateRole::Other)).or(Some(DateRole::NeededBy));
    }
    if text.any_at(text.skip_spaces(end), &OFFERED).is_some() {
        role = Some(DateRole::AvailableFrom);
    }
    let far = today.checked_add_days(Days::new(LONG_DAYS)).is_some_and(|far| read.date > far);
    let role = match role {
        _ if until.is_some() => DateRole::Period,
        Some(DateRole::ValidUntil) if far => DateRole::Expiry,
        Some(role) => role,
        None if read.after => DateRole::AvailableFrom,
        None if read.date < today => DateRole::Other,
        None => DateRole::NeededBy,
    };
    (said(role, read.date), start, end)
}
