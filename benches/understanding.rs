//! How long texts take to be understood: `cargo bench --bench understanding`.
//!
//! The titles are the lines and clauses of the messages the tests read; every one is read in every round.

mod corpus;

use std::hint::black_box;
use std::time::{Duration, Instant};

use corpus::{today, understanding};

const ROUNDS: usize = 40;
const REGION: Option<&str> = Some("410300");

fn main() {
    let started = Instant::now();
    let reader = understanding();
    println!("names, units, regions and standards indexed in {:.1?}\n", started.elapsed());
    let (messages, titles) = (corpus::messages(), corpus::titles());
    println!(
        "{:<34}{:>7}{:>9}{:>9}{:>9}{:>9}{:>12}",
        "", "texts", "p50 µs", "p99 µs", "max µs", "mean µs", "ns a char"
    );
    row("understand_title, titles", &titles, |text| drop(black_box(reader.understand_title(text, today(), REGION))));
    row("categories_in, titles", &titles, |text| drop(black_box(reader.vocabulary.categories_in(text))));
    row("quantities, titles", &titles, |text| drop(black_box(reader.quantities(text))));
    row("prices, titles", &titles, |text| drop(black_box(reader.prices(text))));
    row("dates, titles", &titles, |text| drop(black_box(reader.dates(text, today()))));
    row("places, titles", &titles, |text| drop(black_box(reader.places(text, REGION))));
    row("standards, titles", &titles, |text| drop(black_box(reader.standards(text))));
    row("understand_message, messages", &messages, |text| {
        drop(black_box(reader.understand_message(text, today(), REGION)))
    });
    let long = [messages.join("\n")];
    row("understand_title, all in one", &long, |text| drop(black_box(reader.understand_title(text, today(), REGION))));
    row("understand_message, all in one", &long, |text| {
        drop(black_box(reader.understand_message(text, today(), REGION)))
    });
}

fn row(name: &str, texts: &[String], read: impl Fn(&str)) {
    let mut times: Vec<Duration> = Vec::with_capacity(texts.len() * ROUNDS);
    for _ in 0..ROUNDS {
        for text in texts {
            let started = Instant::now();
            read(text);
            times.push(started.elapsed());
        }
    }
    times.sort_unstable();
    let characters: usize = texts.iter().map(|text| text.chars().count()).sum();
    let total: Duration = times.iter().sum();
    let micros = |time: Duration| time.as_nanos() as f64 / 1000.0;
    let at = |share: f64| micros(times[((times.len() - 1) as f64 * share) as usize]);
    println!(
        "{name:<34}{:>7}{:>9.1}{:>9.1}{:>9.1}{:>9.1}{:>12.0}",
        texts.len(),
        at(0.5),
        at(0.99),
        at(1.0),
        micros(total) / times.len() as f64,
        total.as_nanos() as f64 / (characters * ROUNDS) as f64,
    );
}
