//! Hostile texts: `cargo bench --bench fuzz_understanding -- --seconds 60 [--seed 1]`.
//!
//! Titles and messages are spliced, repeated, shortened and strewn with figures, signs and any characters there are.
//! Whatever comes out of reading them has to lie in the text and to be a confidence; no text may take long.

mod corpus;

use std::sync::LazyLock;
use std::time::{Duration, Instant};

use corpus::{fragments, today, understanding};
use duijie::vocabulary::understanding::{Found, Span, Understanding, Understood};

/// No text is longer than this.
const LONGEST: usize = 3_000;
/// No text may take longer, four times in a row.
const MOST_TIME: Duration = Duration::from_millis(500);
static FRAGMENTS: LazyLock<Vec<String>> = LazyLock::new(fragments);

/// The generator of Marsaglia, shifts 13, 7 and 17.
struct Dice(u64);

impl Dice {
    fn below(&mut self, most: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 16) as usize % most.max(1)
    }

    fn one<'t, T>(&mut self, of: &'t [T]) -> &'t T {
        &of[self.below(of.len())]
    }
}

fn main() {
    let seconds = option("--seconds").unwrap_or(10);
    let seed = option("--seed").unwrap_or(20_200_226);
    let reader = understanding();
    let texts: Vec<Vec<char>> =
        corpus::titles().into_iter().chain(corpus::messages()).map(|text| text.chars().collect()).collect();
    let mut dice = Dice(seed.max(1));
    let (started, mut count, mut characters) = (Instant::now(), 0_u64, 0_u64);
    let (mut found, mut drafts) = (0, 0);
    let mut slowest = (Duration::ZERO, String::new());
    while started.elapsed() < Duration::from_secs(seconds) {
        let text = mutated(&texts, &mut dice);
        let (mut taken, read) = timed(&reader, &text);
        if taken > slowest.0 {
            // Other programs may have had the processor.
            taken = (0..3).map(|_| timed(&reader, &text).0).fold(taken, Duration::min);
        }
        (found, drafts) = (found + read.0, drafts + read.1);
        (count, characters) = (count + 1, characters + text.chars().count() as u64);
        assert!(taken < MOST_TIME, "{taken:?} for {text:?}");
        if taken > slowest.0 {
            slowest = (taken, text);
        }
    }
    println!("seed {seed}: {count} texts of {} characters on average in {seconds} s", characters / count.max(1));
    println!("{found} findings and {drafts} drafts, all in their texts, all confidences in (0, 1]");
    let length = slowest.1.chars().count();
    println!(
        "slowest: {:.1?} for {length} characters: {:?}",
        slowest.0,
        slowest.1.chars().take(120).collect::<String>()
    );
}

fn timed(reader: &Understanding, text: &str) -> (Duration, (u64, u64)) {
    let began = Instant::now();
    let read = check(reader, text);
    (began.elapsed(), read)
}

fn option(name: &str) -> Option<u64> {
    let mut arguments = std::env::args().skip_while(|argument| argument != name);
    arguments.nth(1).and_then(|value| value.parse().ok())
}

fn mutated(texts: &[Vec<char>], dice: &mut Dice) -> String {
    let mut text = dice.one(texts).clone();
    for _ in 0..=dice.below(8) {
        mutate(&mut text, texts, dice);
        text.truncate(LONGEST);
    }
    text.into_iter().collect()
}

fn mutate(text: &mut Vec<char>, texts: &[Vec<char>], dice: &mut Dice) {
    let at = dice.below(text.len() + 1);
    let end = at + dice.below((text.len() - at).min(20) + 1);
    match dice.below(9) {
        0 => drop(text.drain(at..end)),
        1 => {
            let other = dice.one(texts);
            let from = dice.below(other.len());
            drop(text.splice(at..end, other[from..].iter().copied()));
        }
        2 => {
            let part: Vec<char> = text[at..end].to_vec();
            let times = dice.below(60);
            drop(text.splice(at..at, std::iter::repeat_n(part, times).flatten()));
        }
        3 => drop(text.splice(at..at, dice.one(&FRAGMENTS).chars())),
        4 => drop(text.splice(at..end, [any_char(dice)])),
        5 => {
            let figures: Vec<char> = (0..dice.below(24)).map(|_| (b'0' + dice.below(10) as u8) as char).collect();
            drop(text.splice(at..at, figures));
        }
        6 => {
            let figures = "零一二两三四五六七八九十百千万亿半几数点余多.,，-~/*x".chars().collect::<Vec<char>>();
            let run: Vec<char> = (0..dice.below(30)).map(|_| *dice.one(&figures)).collect();
            drop(text.splice(at..at, run));
        }
        7 => {
            let parts: Vec<&str> = (0..dice.below(12)).map(|_| dice.one(&FRAGMENTS).as_str()).collect();
            drop(text.splice(at..at, parts.concat().chars()));
        }
        _ => text.rotate_left(at),
    }
}

fn any_char(dice: &mut Dice) -> char {
    let code = match dice.below(4) {
        0 => dice.below(0x80),
        1 => 0x4e00 + dice.below(0x5200),
        2 => dice.below(0x1_0000),
        _ => dice.below(0x11_0000),
    };
    char::from_u32(code as u32).unwrap_or('\u{fffd}')
}

/// How many findings and drafts there are; panics where one is not of this text.
fn check(reader: &Understanding, text: &str) -> (u64, u64) {
    let length = text.chars().count();
    let title = reader.understand_title(text, today(), Some("410300"));
    let mut found = all_within(&title, text, length);
    let drafts = reader.understand_message(text, today(), None);
    for draft in &drafts {
        within(draft.span, 1.0, text, length);
        found += all_within(&draft.understood, text, length);
    }
    found += each(&reader.quantities(text), text, length) + each(&reader.prices(text), text, length);
    found += each(&reader.places(text, None), text, length) + each(&reader.dates(text, today()), text, length);
    for (code, confidence) in reader.vocabulary.categories_in(text) {
        assert!(confidence > 0.0 && confidence <= 1.0, "{code} {confidence} of {text:?}");
    }
    (found, drafts.len() as u64)
}

fn all_within(read: &Understood, text: &str, length: usize) -> u64 {
    assert!(read.title.chars().count() <= length, "title {:?} of {text:?}", read.title);
    read.side.iter().for_each(|one| within(one.span, one.confidence, text, length));
    read.urgency.iter().for_each(|one| within(one.span, one.confidence, text, length));
    each(&read.categories, text, length)
        + each(&read.quantities, text, length)
        + each(&read.standards, text, length)
        + each(&read.prices, text, length)
        + each(&read.dates, text, length)
        + each(&read.places, text, length)
}

fn each<T>(found: &[Found<T>], text: &str, length: usize) -> u64 {
    found.iter().for_each(|one| within(one.span, one.confidence, text, length));
    found.len() as u64
}

fn within(span: Span, confidence: f64, text: &str, length: usize) {
    assert!(span.start < span.end && span.end <= length, "{span:?} of {length} in {text:?}");
    assert!(confidence > 0.0 && confidence <= 1.0, "{confidence} in {text:?}");
}
