//! Whether answers take the same time, on a machine that does other things as well.

use std::time::{Duration, Instant};

use super::{Request, Response};

/// At least as many times each way is asked, and at most.
const ROUNDS: std::ops::RangeInclusive<usize> = 10..=200;

/// Asks each way in turn until the quickest answer of none took `most` times as long as that of another; all answers.
/// What `ask` does beside making the request is not counted.
///
/// # Panics
///
/// Where they still differ after the last round.
pub async fn assert_alike<const WAYS: usize>(most: u32, mut ask: impl AsyncFnMut(usize) -> Request) -> Vec<Response> {
    let mut answers = Vec::new();
    let rounds = until_alike::<WAYS>(most, async |way| {
        let request = ask(way).await;
        let started = Instant::now();
        answers.push(request.await);
        started.elapsed()
    });
    rounds.await;
    answers
}

/// The same of anything that takes time; how many rounds it took. Other work only ever adds time, so each round comes
/// closer to what an answer itself takes: noise goes, a shortcut stays.
async fn until_alike<const WAYS: usize>(most: u32, mut measure: impl AsyncFnMut(usize) -> Duration) -> usize {
    let mut quickest = [Duration::MAX; WAYS];
    for round in 1..=*ROUNDS.end() {
        for turn in 0..WAYS {
            // Another first each time, lest one always come where the machine's other work leaves off.
            let way = (turn + round) % WAYS;
            quickest[way] = quickest[way].min(measure(way).await);
        }
        let (least, longest) = (quickest.iter().min().unwrap(), quickest.iter().max().unwrap());
        if round >= *ROUNDS.start() && *longest < *least * most {
            return round;
        }
    }
    panic!("they differ by more than {most} times: {quickest:?}");
}

#[tokio::test]
#[should_panic(expected = "they differ")]
async fn a_shortcut_shows_through_noise() {
    let mut asked = 0;
    until_alike::<2>(2, async |way| {
        asked += 1;
        Duration::from_millis([9, 4][way] + asked % 5)
    })
    .await;
}

#[tokio::test]
async fn noise_does_not() {
    let mut asked = 0;
    let rounds = until_alike::<2>(2, async |way| {
        asked += 1;
        Duration::from_millis(if asked < 40 && way == 1 { 9 } else { 4 })
    });
    assert_eq!(rounds.await, 20);
}
