//! The index against looking at everything, in one process on one market.
//!
//! `cargo bench --bench matching -- [LISTINGS]` measures and writes `target/bench/matching.txt`;
//! `cargo bench --bench matching -- only QUESTION [LISTINGS]` asks one sort of question, for a profiler.
//! `cargo bench --bench matching -- exact [QUERIES] [LISTINGS]` compares answers, QUERIES for each kind and direction.
//! `cargo bench --bench matching -- memory [LISTINGS]` posts and withdraws as many, and says what is left.

#[path = "matching/exact.rs"]
mod exact;
#[allow(dead_code)]
#[allow(clippy::panic)]
mod market;
#[path = "matching/memory.rs"]
mod memory;

use std::fmt::Write as _;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use ::duijie;
use duijie::domain::listing::Side;
use duijie::matching::{
    Change, Context, Index, Item, Market, Outcome, Policy, SearchPage, SearchQuery, Snapshot, Statistics, find_matches,
    search,
};
use market::Maker;

/// As in the program.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|a| !a.starts_with("--")).collect();
    let number = |at: usize| arguments.get(at).and_then(|text| text.replace('_', "").parse::<u64>().ok());
    match arguments.first().map(String::as_str) {
        Some("exact") => {
            let right = exact::run(number(1).unwrap_or(10_000), number(2).unwrap_or(1000));
            std::process::exit(i32::from(!right));
        }
        Some("memory") => memory::run(number(1).unwrap_or(1_000_000)),
        Some("only") => only(number(1).unwrap_or(0), number(2).unwrap_or(200_000)),
        _ => measure(number(0).unwrap_or(200_000)),
    }
}

/// A question and who answers it.
enum Question {
    Matches(Box<Item>),
    Search(Box<SearchQuery>),
}

#[derive(PartialEq)]
enum Answer {
    Matches(Outcome),
    Search(SearchPage),
}

impl Question {
    fn of_index(&self, snapshot: &Snapshot, ctx: &Context<'_>) -> Answer {
        match self {
            Question::Matches(item) => Answer::Matches(snapshot.find_matches(item, 10, ctx)),
            Question::Search(query) => Answer::Search(snapshot.search(query, ctx)),
        }
    }

    fn of_all(&self, market: &Market, ctx: &Context<'_>) -> Answer {
        match self {
            Question::Matches(item) => Answer::Matches(find_matches(market, item, 10, ctx)),
            Question::Search(query) => Answer::Search(search(market, query, ctx)),
        }
    }
}

type Ask = fn(&mut Maker, u64) -> Question;

/// A listing of that side.
fn asking(maker: &mut Maker, id: u64, side: Side, category: bool) -> Question {
    loop {
        let mut item = maker.item(10_000_000 + id);
        if item.side() == side && item.terms.valid_until > market::now() && item.category().is_some() {
            if !category {
                let mut terms = (*item.terms).clone();
                terms.category = None;
                item.terms = terms.into();
            }
            return Question::Matches(Box::new(item));
        }
    }
}

fn looking(query: SearchQuery) -> Question {
    Question::Search(Box::new(SearchQuery { limit: 20, ..query }))
}

const QUESTIONS: [(&str, Ask); 8] = [
    ("need asks, category given", |maker, id| asking(maker, id, Side::Need, true)),
    ("offer asks, category given", |maker, id| asking(maker, id, Side::Offer, true)),
    ("need asks, no category", |maker, id| asking(maker, id, Side::Need, false)),
    ("offer asks, no category", |maker, id| asking(maker, id, Side::Offer, false)),
    ("search: words", |maker, _| looking(SearchQuery { text: Some(maker.words()), ..Default::default() })),
    ("search: words, near, category", |maker, _| {
        let (text, (_, near)) = (Some(maker.words()), maker.city());
        let category = Some(maker.category());
        looking(SearchQuery { text, near: Some(near), radius_km: Some(300.0), category, ..Default::default() })
    }),
    ("search: nothing, newest", |_, _| looking(SearchQuery::default())),
    ("search: words, facets", |maker, _| {
        looking(SearchQuery { text: Some(maker.words()), facets: true, ..Default::default() })
    }),
];

/// What this thread has had of a processor: other programs that want it too do not count.
fn own_time() -> Duration {
    nix::time::clock_gettime(nix::time::ClockId::CLOCK_THREAD_CPUTIME_ID).map_or(Duration::ZERO, Duration::from)
}

struct Times(Vec<Duration>);

impl Times {
    fn of(mut times: Vec<Duration>) -> Self {
        times.sort();
        Self(times)
    }

    /// Milliseconds.
    fn quantile(&self, share: f64) -> f64 {
        let at = ((self.0.len() as f64 * share) as usize).min(self.0.len().saturating_sub(1));
        self.0.get(at).map_or(0.0, |time| time.as_secs_f64() * 1e3)
    }
}

fn measure(listings: u64) {
    let mut out = String::new();
    let (reference, policy) = (market::reference(), Policy::default());
    let mut maker = Maker::new(&reference, market::LARGE, 1);
    let start = resident();
    let items: Vec<Item> = maker.items(0, listings).collect();
    let listed = resident();
    let mut market = Market::new();
    for item in &items {
        market.upsert(item.clone());
    }
    let before = resident();
    let time = Instant::now();
    let index = Index::of(items);
    let built = time.elapsed();
    let per_listing = |bytes: usize| bytes as f64 / listings as f64;
    let _ =
        writeln!(out, "{listings} listings, {} categories, {} cities", market::LARGE.categories, market::LARGE.cities);
    let _ = writeln!(
        out,
        "index: built in {:.2} s, {:.0} bytes a listing (resident: {:.0} more); listings themselves {:.0}",
        built.as_secs_f64(),
        per_listing(index.bytes()),
        per_listing(resident().saturating_sub(before)),
        per_listing(listed.saturating_sub(start)),
    );
    let statistics = Statistics::compute(market.iter(), &reference, &policy, 1, market::now());
    let ctx = Context::new(&reference, &policy, &statistics, market::now());
    let _ = writeln!(out, "\n{:<32}{:>8}{:>28}{:>22}", "", "ratio", "index p50 p95 p99, ms", "everything p50, ms");
    let all = usize::try_from(4_000_000 / listings.max(1)).unwrap_or(8).clamp(8, 60);
    for (name, ask) in QUESTIONS {
        let questions: Vec<Question> = (0..1000).map(|id| ask(&mut maker, id)).collect();
        let snapshot = index.snapshot();
        let mut wrong = 0;
        let slow = Times::of(
            questions
                .iter()
                .take(all)
                .map(|question| {
                    let time = own_time();
                    let right = question.of_all(&market, &ctx);
                    let took = own_time().saturating_sub(time);
                    wrong += usize::from(question.of_index(&snapshot, &ctx) != right);
                    took
                })
                .collect(),
        );
        let fast = ask_all(&questions, || index.snapshot(), &ctx);
        let line = line(name, &fast, Some(&slow), wrong);
        print!("{line}");
        out.push_str(&line);
    }
    let questions: Vec<Question> = (0..1000).map(|id| asking(&mut maker, id, Side::Need, true)).collect();
    let (fast, writes, visible) = beside_writes(&index, &questions, &mut maker, listings, &ctx);
    let line = line("need asks, writes beside", &fast, None, 0);
    out.push_str(&line);
    let _ = writeln!(
        out,
        "writes: {writes:.0} a second beside the questions, visible after p50 {:.3} p99 {:.3} ms",
        visible.quantile(0.5),
        visible.quantile(0.99)
    );
    println!("\n{out}");
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("target/bench");
    let written = std::fs::create_dir_all(&folder).and_then(|()| std::fs::write(folder.join("matching.txt"), &out));
    if let Err(error) = written {
        eprintln!("{error}");
    }
}

fn only(question: u64, listings: u64) {
    let (reference, policy) = (market::reference(), Policy::default());
    let mut maker = Maker::new(&reference, market::LARGE, 1);
    let items: Vec<Item> = maker.items(0, listings).collect();
    let market: Vec<_> = items.iter().take(20_000).cloned().map(std::sync::Arc::new).collect();
    let index = Index::of(items);
    let statistics = Statistics::compute(&market, &reference, &policy, 1, market::now());
    let ctx = Context::new(&reference, &policy, &statistics, market::now());
    let (name, ask) = QUESTIONS[question as usize % QUESTIONS.len()];
    let questions: Vec<Question> = (0..1000).map(|id| ask(&mut maker, id)).collect();
    for _ in 0..5 {
        print!("{}", line(name, &ask_all(&questions, || index.snapshot(), &ctx), None, 0));
    }
}

fn ask_all(questions: &[Question], snapshot: impl Fn() -> std::sync::Arc<Snapshot>, ctx: &Context<'_>) -> Times {
    let ask = |question: &Question| {
        let time = own_time();
        std::hint::black_box(question.of_index(&snapshot(), ctx));
        own_time().saturating_sub(time)
    };
    Times::of(questions.iter().map(ask).collect())
}

fn line(name: &str, fast: &Times, slow: Option<&Times>, wrong: usize) -> String {
    let (p50, p95, p99) = (fast.quantile(0.5), fast.quantile(0.95), fast.quantile(0.99));
    let (ratio, slow) = match slow {
        Some(slow) => (format!("{:.0} ×", slow.quantile(0.5) / p50), format!("{:.1}", slow.quantile(0.5))),
        None => (String::new(), String::new()),
    };
    let wrong = if wrong > 0 { format!("  {wrong} WRONG") } else { String::new() };
    format!("{name:<32}{ratio:>8}{:>28}{slow:>22}{wrong}\n", format!("{p50:.3} {p95:.3} {p99:.3}"))
}

/// One thread asks, one writes a thousand times a second, one puts partitions in order.
fn beside_writes(
    index: &Index,
    questions: &[Question],
    maker: &mut Maker,
    listings: u64,
    ctx: &Context<'_>,
) -> (Times, f64, Times) {
    let done = AtomicBool::new(false);
    std::thread::scope(|threads| {
        let writer = threads.spawn(|| {
            let (start, mut times) = (Instant::now(), Vec::new());
            while !done.load(Ordering::Acquire) {
                let id = maker.dice.below(listings);
                let item = Item { version: 2 + times.len() as i32, ..maker.item(id) };
                let time = Instant::now();
                index.apply(Change::Upsert(item.into()));
                times.push(time.elapsed());
                std::thread::sleep(Duration::from_millis(1).saturating_sub(time.elapsed()));
            }
            (times.len() as f64 / start.elapsed().as_secs_f64(), Times::of(times))
        });
        threads.spawn(|| {
            while !done.load(Ordering::Acquire) {
                if index.rebuild() == 0 {
                    std::thread::sleep(Duration::from_millis(20));
                }
            }
        });
        let fast = ask_all(questions, || index.snapshot(), ctx);
        done.store(true, Ordering::Release);
        let (writes, visible) = writer.join().unwrap_or_else(|_| (0.0, Times(Vec::new())));
        (fast, writes, visible)
    })
}

/// Bytes of this process in memory.
fn resident() -> usize {
    let pages = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    pages.split_whitespace().nth(1).and_then(|pages| pages.parse::<usize>().ok()).unwrap_or(0) * 4096
}
