//! Texts that could make readers slow.

use std::time::{Duration, Instant};

use super::{today, understanding};

const SHORT: usize = 300;
/// The long text is so many times the short one.
const TIMES: usize = 8;
/// A reader whose time grew with the square would take 64 times as long.
const MOST: u32 = 50;

/// Strings that made readers slow: each is repeated.
#[test]
fn long_texts_take_linear_time() {
    let patterns = [
        " ",
        "1",
        "一",
        "十",
        "万",
        "a",
        "口罩",
        "2000个",
        "口罩2000个、",
        "1,",
        "1.",
        "1-",
        "1*",
        "2000只/箱*",
        "每箱",
        "3月5日前",
        "洛阳市",
        "涧西区",
        "GB19083-2010 ",
        "0.8元/只，",
        "急需",
        "有",
        "one hundred and ",
        "half ",
        "Wu ",
        "a ",
        "(",
        "）",
        "\n",
        "1、",
        "元",
        "半",
        "-",
        "每",
        "从洛阳到武汉，",
        "口罩和",
        "各1000个",
        "口罩、手套各1000个；3月5日前送到洛阳\n",
        "n95 ",
        "联系",
        "5l*4瓶/件*",
        "内蒙古自治区",
        "x1",
        "１",
        "ﷺ",
        "😀",
        "天内",
        "3天内，",
        "周一至",
        "单价",
    ];
    for pattern in patterns {
        let mut seen = Vec::new();
        // Other programs may take the processor: three times in a row they do not.
        let linear = (0..4).any(|_| {
            let (short, long) = (time_of(pattern, SHORT), time_of(pattern, SHORT * TIMES));
            seen.push((short, long));
            long <= short.max(Duration::from_micros(500)) * MOST
        });
        assert!(linear, "{pattern:?}: {SHORT} and {TIMES} times as many characters took {seen:?}");
    }
}

fn time_of(pattern: &str, length: usize) -> Duration {
    let text: String = pattern.chars().cycle().take(length).collect();
    let started = Instant::now();
    let title = understanding().understand_title(&text, today(), None);
    let drafts = understanding().understand_message(&text, today(), None);
    let taken = started.elapsed();
    assert!(drafts.len() <= 200 && title.title.chars().count() <= 2 * length);
    taken
}
