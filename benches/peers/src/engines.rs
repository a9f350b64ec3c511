//! The index, PostgreSQL and tantivy on the same listings, the same questions, in one run.

use std::fmt::Write as _;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use duijie::domain::listing::Side;
use duijie::domain::reference::Reference;
use duijie::matching::{Change, Context, Index, Item, Policy, Statistics};
use tokio::runtime::Runtime;

use crate::Fault;
use crate::lucene::Tantivy;
use crate::market::{self, Dice, Maker};
use crate::plain::{self, Categories, Question, Row};
use crate::postgres::Postgres;
use crate::times::Times;

/// Writes a second beside the questions.
const WRITES: f64 = 500.0;
/// How often tantivy makes its updates seen.
const COMMIT: Duration = Duration::from_secs(1);

type Answers = Vec<Vec<i64>>;

/// Answers with how long each took.
struct Asked {
    times: Times,
    answers: Answers,
}

fn ask_all(questions: &[Question], mut ask: impl FnMut(&Question) -> Result<Vec<i64>, Fault>) -> Result<Asked, Fault> {
    // Caches warm, as in a program that has run for a while.
    for question in questions.iter().take(20) {
        ask(question)?;
    }
    let (mut times, mut answers) = (Vec::new(), Vec::new());
    for question in questions {
        let started = Instant::now();
        let answer = ask(question)?;
        times.push(started.elapsed());
        answers.push(answer);
    }
    Ok(Asked { times: Times::of(times), answers })
}

fn ask_postgres(questions: &[Question], postgres: &Postgres, runtime: &Runtime) -> Result<Asked, Fault> {
    let (mut times, mut answers) = (Vec::new(), Vec::new());
    for (round, question) in questions.iter().take(20).chain(questions).enumerate() {
        let statement = runtime.block_on(postgres.prepare(question))?;
        let started = Instant::now();
        let answer = runtime.block_on(postgres.ask(question, &statement))?;
        if round >= 20.min(questions.len()) {
            times.push(started.elapsed());
            answers.push(answer);
        }
    }
    Ok(Asked { times: Times::of(times), answers })
}

pub fn engines(runtime: &Runtime, url: &str, listings: u64, questions: usize) -> Result<String, Fault> {
    let (reference, policy) = (market::reference(), Policy::default());
    let (mut maker, categories) = (Maker::new(&reference, market::LARGE, 1), Categories::new(&reference));
    let items: Vec<Item> = (0..listings).map(|id| plain::item(&mut maker, id)).collect();
    let rows: Vec<Row> = items.iter().map(|item| Row::of(item, &categories, &policy)).collect();
    let mut out = format!("{listings} listings, {questions} questions of each sort, the best 10\n");

    let started = Instant::now();
    let index = Index::of(items);
    let built = [("index", started.elapsed(), index.bytes() as f64)];
    let started = Instant::now();
    let postgres = runtime.block_on(Postgres::of(url, &rows))?;
    let built_postgres = ("PostgreSQL", started.elapsed(), runtime.block_on(postgres.bytes())? as f64);
    let started = Instant::now();
    let tantivy = Tantivy::of(&rows)?;
    let built_tantivy = ("tantivy", started.elapsed(), tantivy.bytes() as f64);
    drop(rows);
    for (name, took, bytes) in built.into_iter().chain([built_postgres, built_tantivy]) {
        writeln!(
            out,
            "{name:<12}built in {:>6.1} s, {:>5.0} bytes a listing",
            took.as_secs_f64(),
            bytes / listings as f64
        )?;
    }

    let snapshot = index.snapshot();
    let statistics = Statistics::compute(snapshot.iter(), &reference, &policy, 1, market::now());
    drop(snapshot);
    let ctx = Context::new(&reference, &policy, &statistics, market::now());
    writeln!(
        out,
        "\n{:<34}{:>12}{:>12}{:>10}{:>10}{:>10}   {}",
        "", "× p50", "× p99", "p50 ms", "p95", "p99", "same answers"
    )?;
    let ours = |question: &Question| -> Result<Vec<i64>, Fault> {
        let found = index.snapshot().find_matches(&question.item, 10, &ctx);
        Ok(found.matches.iter().map(|found| found.id.as_u128() as i64).collect())
    };
    // As little as the peers answer with.
    let ranked = |question: &Question| -> Result<Vec<i64>, Fault> {
        let found = index.snapshot().rank(&question.item, 10, &ctx);
        Ok(found.iter().map(|found| found.id.as_u128() as i64).collect())
    };
    let mut next = 10_000_000_u64;
    for (name, side, words) in [
        ("need asks", Side::Need, false),
        ("offer asks", Side::Offer, false),
        ("need asks, with words", Side::Need, true),
        ("offer asks, with words", Side::Offer, true),
    ] {
        let asked = make_questions(&mut maker, &mut next, side, words, questions, &categories, &ctx);
        if name == "need asks" && std::env::var("BENCH_EXPLAIN").is_ok() {
            for question in asked.iter().take(3) {
                eprintln!("{}", runtime.block_on(postgres.explain(question))?);
            }
        }
        let own = ask_all(&asked, ours)?;
        let bare = ask_all(&asked, ranked)?;
        let pg = ask_postgres(&asked, &postgres, runtime)?;
        let lucene = ask_all(&asked, |question| tantivy.ask(question))?;
        report(&mut out, name, &own, &[("its ids alone", &bare), ("PostgreSQL", &pg), ("tantivy", &lucene)], words)?;
    }

    for (name, side) in [("need asks", Side::Need), ("offer asks", Side::Offer)] {
        let name = format!("{name}, {WRITES} writes/s");
        let asked = make_questions(&mut maker, &mut next, side, false, questions, &categories, &ctx);
        let mut write = Write::new(&reference, listings);
        let own = beside(
            || ask_all(&asked, ours),
            |done| {
                std::thread::scope(|threads| {
                    threads.spawn(|| {
                        while !done.load(Ordering::Acquire) {
                            if index.rebuild() == 0 {
                                std::thread::sleep(Duration::from_millis(20));
                            }
                        }
                    });
                    paced(done, || {
                        index.apply(Change::Upsert(write.item().into()));
                        Ok(())
                    })
                })
            },
        )?;
        let mut write = Write::new(&reference, listings);
        let pg = beside(
            || ask_postgres(&asked, &postgres, runtime),
            |done| {
                let writer = runtime.block_on(Postgres::beside(url))?;
                let updates = runtime.block_on(writer.prepare_updates())?;
                paced(done, || runtime.block_on(writer.update(&Row::of(&write.item(), &categories, &policy), &updates)))
            },
        )?;
        let mut write = Write::new(&reference, listings);
        let lucene = beside(
            || ask_all(&asked, |question| tantivy.ask(question)),
            |done| {
                let (mut writer, mut committed) = (tantivy.writer()?, Instant::now());
                paced(done, || {
                    writer.update(&Row::of(&write.item(), &categories, &policy))?;
                    if committed.elapsed() >= COMMIT {
                        writer.commit()?;
                        committed = Instant::now();
                    }
                    Ok(())
                })
            },
        )?;
        report(&mut out, &name, &own, &[("PostgreSQL", &pg), ("tantivy", &lucene)], true)?;
    }
    Ok(out)
}

/// Questions that have not expired.
fn make_questions(
    maker: &mut Maker,
    next: &mut u64,
    side: Side,
    words: bool,
    count: usize,
    categories: &Categories,
    ctx: &Context<'_>,
) -> Vec<Question> {
    let mut made = Vec::with_capacity(count);
    while made.len() < count {
        *next += 1;
        let item = plain::item(maker, *next);
        if item.side() == side && item.is_open(market::now()) {
            made.push(Question::new(item, words, categories, ctx));
        }
    }
    made
}

struct Write {
    maker: Maker,
    listings: u64,
    version: i32,
}

impl Write {
    /// From the same categories as the market.
    fn new(reference: &Reference, listings: u64) -> Self {
        let mut maker = Maker::new(reference, market::LARGE, 1);
        maker.dice = Dice(77);
        Self { maker, listings, version: 1 }
    }

    /// Another listing of an id that may be taken.
    fn item(&mut self) -> Item {
        self.version += 1;
        let id = self.maker.dice.below(self.listings);
        Item { version: self.version, ..plain::item(&mut self.maker, id) }
    }
}

/// Asks while another thread writes.
fn beside(
    ask: impl FnOnce() -> Result<Asked, Fault>,
    write: impl FnOnce(&AtomicBool) -> Result<u64, Fault> + Send,
) -> Result<Asked, Fault> {
    let (done, started) = (AtomicBool::new(false), Instant::now());
    std::thread::scope(|threads| {
        let writer = threads.spawn(|| write(&done));
        let asked = ask();
        done.store(true, Ordering::Release);
        let written = writer.join().map_err(|_| "the writer panicked")??;
        let rate = written as f64 / started.elapsed().as_secs_f64();
        if rate < WRITES * 0.8 {
            eprintln!("only {rate:.0} writes a second");
        }
        asked
    })
}

fn paced(done: &AtomicBool, mut write: impl FnMut() -> Result<(), Fault>) -> Result<u64, Fault> {
    let (started, mut written) = (Instant::now(), 0_u64);
    while !done.load(Ordering::Acquire) {
        write()?;
        written += 1;
        let due = Duration::from_secs_f64(written as f64 / WRITES);
        std::thread::sleep(due.saturating_sub(started.elapsed()));
    }
    Ok(written)
}

fn report(out: &mut String, name: &str, own: &Asked, peers: &[(&str, &Asked)], loosely: bool) -> Result<(), Fault> {
    let line = format!("{:<34}{:>12}{:>12}{}\n", format!("{name}: index"), 1, 1, own.times.line());
    eprint!("{line}");
    out.push_str(&line);
    for (peer, asked) in peers {
        let times = |share| asked.times.quantile(share) / own.times.quantile(share);
        let same = own.answers.iter().zip(&asked.answers).filter(|(a, b)| a == b).count();
        let shared: f64 = own.answers.iter().zip(&asked.answers).map(|(a, b)| overlap(a, b)).sum();
        let count = own.answers.len();
        let same = if loosely {
            format!("{:.0} % of listings", 100.0 * shared / count as f64)
        } else {
            format!("{same} of {count}")
        };
        let line = format!(
            "{:<34}{:>12.1}{:>12.1}{}   {same}\n",
            format!("  {peer}"),
            times(0.5),
            times(0.99),
            asked.times.line()
        );
        eprint!("{line}");
        out.push_str(&line);
    }
    Ok(())
}

/// The share of one list that is in the other.
fn overlap(a: &[i64], b: &[i64]) -> f64 {
    if a.is_empty() && b.is_empty() {
        1.0
    } else {
        a.iter().filter(|id| b.contains(id)).count() as f64 / a.len().max(b.len()) as f64
    }
}
