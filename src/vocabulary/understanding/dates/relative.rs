//! Days from today on: 明天, 本周五, 下周三, 一周内, 3天后, 月底, 下月5号, 年底.

use chrono::{Datelike, NaiveDate, Weekday};

use super::Read;
use super::calendar::{coming, day_of_month, days_after, in_week, last_of_month, month_after};
use crate::vocabulary::understanding::number::{ONE, number_at};
use crate::vocabulary::understanding::source::Text;

/// Words for a day, with how many days from today it is.
const DAYS: [(&str, u32); 20] = [
    ("今天", 0),
    ("今日", 0),
    ("当天", 0),
    ("当日", 0),
    ("今晚", 0),
    ("今早", 0),
    ("今儿", 0),
    ("即日", 0),
    ("明天", 1),
    ("明日", 1),
    ("明早", 1),
    ("明晚", 1),
    ("明儿", 1),
    ("次日", 1),
    ("隔天", 1),
    ("后天", 2),
    ("后日", 2),
    ("大后天", 3),
    ("24小时内", 1),
    ("48小时内", 2),
];
/// Behind 今日: what is new today, not what is due.
const HEADINGS: [&str; 18] = [
    "需求", "报价", "价格", "更新", "供应", "库存", "现货", "行情", "汇总", "清单", "求购", "采购", "信息", "接龙",
    "特价", "货源", "供需", "可供",
];
/// Longer spans than this are not about delivery.
const MOST_DAYS: u32 = 366;

/// Whether a word for a day may begin with this character; numbers do too.
pub(super) fn may_begin(c: char) -> bool {
    "今当即明次隔后大下本这上周星礼年月".contains(c)
}

pub(super) fn read(text: &Text, at: usize, today: NaiveDate) -> Option<Read> {
    named_day(text, at, today)
        .or_else(|| weekday(text, at, today))
        .or_else(|| month_or_year(text, at, today))
        .or_else(|| span(text, at, today))
}

fn named_day(text: &Text, at: usize, today: NaiveDate) -> Option<Read> {
    let (word, days) = DAYS.iter().filter(|(word, _)| text.starts_with(at, word)).max_by_key(|(word, _)| word.len())?;
    // 今后天天, 大后天
    if text.before(at) == Some('大') && *word == "后天" {
        return None;
    }
    let end = at + word.chars().count();
    // 今日需求, 今日报价 head a list.
    if text.any_at(end, &HEADINGS).is_some() {
        return None;
    }
    let end = text.any_at(end, &["上午", "下午", "中午", "晚上", "早上", "下班", "内"]).unwrap_or(end);
    Some(Read { limit: text.before(end) == Some('内'), ..Read::day(days_after(today, *days)?, end, 0.95) })
}

fn weekday_sign(c: char) -> Option<Weekday> {
    Some(match c {
        '一' | '1' => Weekday::Mon,
        '二' | '2' => Weekday::Tue,
        '三' | '3' => Weekday::Wed,
        '四' | '4' => Weekday::Thu,
        '五' | '5' => Weekday::Fri,
        '六' | '6' | '末' => Weekday::Sat,
        '日' | '天' | '7' => Weekday::Sun,
        _ => return None,
    })
}

/// 本周五, 下周三, 下下周一, 周末, 星期天; 本周内, 下周.
fn weekday(text: &Text, at: usize, today: NaiveDate) -> Option<Read> {
    let prefixes =
        [("下下个", 2), ("下下", 2), ("下个", 1), ("下", 1), ("本", 0), ("这个", 0), ("这", 0), ("上", 9), ("上个", 9)];
    let prefix = prefixes.iter().filter(|(word, _)| text.starts_with(at, word)).max_by_key(|(word, _)| word.len());
    let (weeks, after) = prefix.map_or((None, at), |(word, weeks)| (Some(*weeks), at + word.chars().count()));
    let sign = text.any_at(after, &["周", "星期", "礼拜"])?;
    if weeks == Some(9)
        || matches!(text.before(at), Some('每' | '上' | '一' | '两' | '半' | '个'))
        || text.before(at).is_some_and(|c| c.is_ascii_digit())
    {
        return None;
    }
    // 周一至周五 are hours of business.
    let to = text.any_at(sign + 1, &["至", "到", "-", "~"]);
    if to.is_some_and(|to| text.any_at(to, &["周", "星期", "礼拜"]).is_some()) {
        return None;
    }
    let day = text.get(sign).and_then(|c| weekday_sign(c).map(|day| (c, day)));
    let Some((c, day)) = day.filter(|(c, _)| *c != '天' || text.get(sign - 1) != Some('周')) else {
        // 本周内, 下周前
        let weeks = weeks?;
        let end = text.any_at(sign, &["内", "之内", "以内"]).unwrap_or(sign);
        let limit = end > sign;
        let (first, last) = (in_week(Weekday::Mon, weeks, today)?, in_week(Weekday::Sun, weeks, today)?);
        let before = text.any_at(end, &["前", "之前"]).is_some();
        let date = if before {
            first.pred_opt()?
        } else if limit || weeks == 0 {
            last
        } else {
            first
        };
        return Some(Read { limit: limit || weeks == 0, ..Read::day(date, end, 0.75) });
    };
    // 周一件 and 周一个 do not occur, but 周二七 (a district) might.
    let date = match weeks {
        // The weekend ends on Sunday.
        Some(weeks) if c == '末' => in_week(Weekday::Sun, weeks, today)?,
        None if c == '末' => coming(Weekday::Sun, today)?,
        Some(0) => in_week(day, 0, today)?,
        Some(weeks) => in_week(day, weeks, today)?,
        None => coming(day, today)?,
    };
    let past = date < today;
    Some(Read::day(if past { coming(day, today)? } else { date }, sign + 1, if past { 0.5 } else { 0.95 }))
}

/// 月底, 本月底, 下月初, 下个月5号, 年底, 年内.
fn month_or_year(text: &Text, at: usize, today: NaiveDate) -> Option<Read> {
    if let Some(end) = text.any_at(at, &["年底", "年末", "今年底", "今年年底", "本年底", "年内"]) {
        let inside = text.before(at).is_some_and(|c| c.is_ascii_digit() || "一两三五去".contains(c));
        let limit = text.before(end) == Some('内');
        return (!inside)
            .then(|| NaiveDate::from_ymd_opt(today.year(), 12, 31))?
            .map(|date| Read { limit, ..Read::day(date, end, 0.85) });
    }
    let months = [("下个月", 1), ("下月", 1), ("本月", 0), ("这个月", 0), ("当月", 0), ("这月", 0)];
    let named = months.iter().find(|(word, _)| text.starts_with(at, word));
    let Some((word, later)) = named else {
        let alone = text.starts_with(at, "月底") || text.starts_with(at, "月末") || text.starts_with(at, "月初");
        let inside = text.before(at).is_some_and(|c| {
            c.is_ascii_digit() || crate::vocabulary::understanding::number::digit(c).is_some() || "十本下个".contains(c)
        });
        let first = if text.starts_with(at, "月初") { month_after(today, 1)? } else { today.with_day(1)? };
        return (alone && !inside).then(|| super::absolute::part_of_month(text, at + 1, first, 0.95))?;
    };
    let after = at + word.chars().count();
    let first = month_after(today, *later)?;
    if let Some(number) = number_at(text, after)
        && let Some(end) = text.any_at(number.end, &["号", "日"])
    {
        let day = number.whole()?;
        let date = if *later == 0 { day_of_month(day, today)? } else { first.with_day(day)? };
        return Some(Read::day(date, end, 0.9));
    }
    super::absolute::part_of_month(text, after, first, 0.95).or_else(|| {
        (*later == 0).then(|| last_of_month(first).map(|date| Read { limit: true, ..Read::day(date, after, 0.6) }))?
    })
}

/// 一周内, 3天内, 半个月内, 48小时之内, 三天后, 五日内, 3个工作日内.
fn span(text: &Text, at: usize, today: NaiveDate) -> Option<Read> {
    let first = number_at(text, at)?;
    // 3-5天内: the later day is the limit.
    let second = text.any_at(first.end, &["-", "~", "至", "到"]).and_then(|sign| number_at(text, sign));
    let number = second.filter(|second| second.millionths > first.millionths).unwrap_or(first);
    let after = text.skip_spaces(number.end);
    let units = [
        ("个工作日", 1.4),
        ("工作日", 1.4),
        ("个星期", 7.0),
        ("个礼拜", 7.0),
        ("星期", 7.0),
        ("个半月", 0.0),
        ("个月", 30.0),
        ("小时", 1.0 / 24.0),
        ("个小时", 1.0 / 24.0),
        ("天", 1.0),
        ("日", 1.0),
        ("周", 7.0),
        ("h", 1.0 / 24.0),
        ("月", 30.0),
    ];
    let (word, days) =
        units.iter().filter(|(word, _)| text.starts_with(after, word)).max_by_key(|(word, _)| word.len())?;
    let unit_end = after + word.chars().count();
    let count = number.upper.unwrap_or(number.millionths) as f64 / ONE as f64;
    let total = if *word == "个半月" { count * 30.0 + 15.0 } else { count * days };
    let whole = total.ceil();
    if !(0.0..=f64::from(MOST_DAYS)).contains(&whole) {
        return None;
    }
    let date = days_after(today, whole as u32)?;
    if let Some(end) = text.any_at(unit_end, &["内", "之内", "以内", "左右", "之前", "前到", "内到"]) {
        let end = text.any_at(unit_end, &["内", "之内", "以内", "左右", "之前"]).unwrap_or(end);
        return Some(Read { limit: true, ..Read::day(date, end, 0.92) });
    }
    let end = text.any_at(unit_end, &["后", "以后", "之后"])?;
    Some(Read { after: true, ..Read::day(date, end, 0.9) })
}
