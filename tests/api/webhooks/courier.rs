//! One attempt: to whom, for how long, and how much is read. Without a database.

use std::collections::VecDeque;
use std::net::IpAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use duijie::app::webhooks::targets::Lookup;
use duijie::domain::webhook::WebhookError;
use duijie::domain::webhook_target::Reach;
use duijie::outgoing::webhooks::{Courier, Limits};
use futures_util::FutureExt;

use crate::support::{Answer, Receiver};

/// A resolver that answers with each of these in turn, and counts how often it was asked.
fn answers(lists: &[&[&str]]) -> (Lookup, Arc<AtomicUsize>) {
    let parse = |list: &&[&str]| -> Vec<IpAddr> { list.iter().map(|address| address.parse().unwrap()).collect() };
    let lists: Mutex<VecDeque<Vec<IpAddr>>> = Mutex::new(lists.iter().map(parse).collect());
    let asked = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&asked);
    let lookup: Lookup = Arc::new(move |_| {
        counted.fetch_add(1, Ordering::SeqCst);
        let next = lists.lock().unwrap().pop_front().ok_or(std::io::ErrorKind::NotFound.into());
        futures_util::future::ready(next).boxed()
    });
    (lookup, asked)
}

fn courier(reach: Reach, limits: Limits, lookup: Lookup) -> Courier {
    Courier::new(reach, limits, lookup).unwrap()
}

fn quick() -> Limits {
    Limits { time: Duration::from_millis(500), ..Limits::default() }
}

async fn post(courier: &Courier, url: &str) -> Result<u16, (Option<u16>, WebhookError)> {
    courier.post(url, [], "{}".to_owned()).await
}

#[tokio::test]
async fn no_address_of_this_machine_or_its_network_is_sent_to() {
    let receiver = Receiver::start(Answer::Status(204)).await;
    let port = receiver.address.port();
    let courier = courier(Reach::Public, quick(), answers(&[]).0);
    let hosts = [
        "127.0.0.1",
        "127.1",
        "0x7f000001",
        "2130706433",
        "0177.0.0.1",
        "[::ffff:127.0.0.1]",
        "[::1]",
        "localhost",
        "localhost.",
        "0.0.0.0",
        "169.254.169.254",
        "[64:ff9b::7f00:1]",
        "[2002:7f00:1::]",
    ];
    for host in hosts {
        for scheme in ["https", "http"] {
            let sent = post(&courier, &format!("{scheme}://{host}:{port}/hook")).await;
            assert_eq!(sent, Err((None, WebhookError::TargetRefused)), "{scheme} {host}");
        }
    }
    assert_eq!(receiver.connections(), 0);
}

#[tokio::test]
async fn a_name_is_sent_to_where_all_of_its_addresses_may_be() {
    let receiver = Receiver::start(Answer::Status(204)).await;
    let url = format!("https://erp.example:{}/hook", receiver.address.port());
    for addresses in [&["127.0.0.1"][..], &["::ffff:127.0.0.1"], &["8.8.8.8", "127.0.0.1"], &["10.0.0.1"], &["fe80::1"]]
    {
        let courier = courier(Reach::Public, quick(), answers(&[addresses]).0);
        assert_eq!(post(&courier, &url).await, Err((None, WebhookError::TargetRefused)), "{addresses:?}");
    }
    for none in [answers(&[]).0, answers(&[&[]]).0] {
        let courier = courier(Reach::Public, quick(), none);
        assert_eq!(post(&courier, &url).await, Err((None, WebhookError::NameUnresolved)));
    }
    assert_eq!(receiver.connections(), 0);
}

/// Checked and connected to is one and the same answer of the resolver; the next attempt asks anew.
#[tokio::test]
async fn a_name_that_flips_gains_nothing() {
    let (first, second) = (Receiver::at("127.0.0.2:0", Answer::Status(204)).await, "127.0.0.3");
    let port = first.address.port();
    let other = Receiver::at(&format!("{second}:{port}"), Answer::Status(204)).await;
    let (lookup, asked) = answers(&[&["127.0.0.2"], &["169.254.169.254"], &["127.0.0.3"]]);
    let in_sandbox = courier(Reach::Loopback, quick(), lookup);
    let url = format!("http://erp.example:{port}/hook");
    assert_eq!(post(&in_sandbox, &url).await, Ok(204));
    assert_eq!((asked.load(Ordering::SeqCst), first.connections(), other.connections()), (1, 1, 0));
    assert_eq!(post(&in_sandbox, &url).await, Err((None, WebhookError::TargetRefused)));
    assert_eq!((asked.load(Ordering::SeqCst), first.connections()), (2, 1), "no connection is kept");

    // In 2d00::/8, which is nobody's yet.
    let (lookup, _) = answers(&[&["2d00::1"], &["127.0.0.2"]]);
    let live = courier(Reach::Public, quick(), lookup);
    let url = format!("https://erp.example:{port}/hook");
    let unreachable = post(&live, &url).await.unwrap_err();
    assert!(matches!(unreachable, (None, WebhookError::ConnectionFailed | WebhookError::TimedOut)), "{unreachable:?}");
    assert_eq!(post(&live, &url).await, Err((None, WebhookError::TargetRefused)));
    assert_eq!(first.connections(), 1);
}

#[tokio::test]
async fn a_sandbox_leaves_its_machine_by_tls_alone() {
    let receiver = Receiver::start(Answer::Status(200)).await;
    let port = receiver.address.port();
    let (lookup, _) = answers(&[&["127.0.0.1"], &["8.8.8.8"]]);
    let courier = courier(Reach::Loopback, quick(), lookup);
    let url = format!("http://erp.example:{port}/hook");
    assert_eq!(post(&courier, &url).await, Ok(200));
    for url in [url, "http://8.8.8.8/".to_owned(), "http://10.0.0.1/".to_owned(), "https://10.0.0.1/".to_owned()] {
        assert_eq!(post(&courier, &url).await, Err((None, WebhookError::TargetRefused)), "{url}");
    }
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let target = Receiver::start(Answer::Status(200)).await;
    let receiver = Receiver::start(Answer::Redirect(target.url())).await;
    let courier = courier(Reach::Loopback, quick(), answers(&[]).0);
    assert_eq!(post(&courier, &receiver.url()).await, Err((Some(302), WebhookError::Redirected)));
    assert_eq!(target.connections(), 0);
}

#[tokio::test]
async fn an_answer_is_read_up_to_a_bound() {
    let receiver = Receiver::start(Answer::Endless).await;
    let limits = Limits { time: Duration::from_secs(5), ..Limits::default() };
    assert_eq!(limits.bytes, 65_536);
    let (courier, started) = (courier(Reach::Loopback, limits, answers(&[]).0), Instant::now());
    assert_eq!(post(&courier, &receiver.url()).await, Ok(200));
    assert!(started.elapsed() < limits.time / 2, "{:?}", started.elapsed());
}

#[tokio::test]
async fn a_slow_receiver_is_waited_for_up_to_a_bound() {
    assert_eq!(Limits::default().time, Duration::from_secs(15));
    let receiver = Receiver::start(Answer::Slow(Duration::from_secs(30))).await;
    let (courier, started) = (courier(Reach::Loopback, quick(), answers(&[]).0), Instant::now());
    assert_eq!(post(&courier, &receiver.url()).await, Err((None, WebhookError::TimedOut)));
    assert!(started.elapsed() >= quick().time && started.elapsed() < quick().time * 4, "{:?}", started.elapsed());
    // So is one whose answer does not come to an end in time.
    receiver.answer(Answer::Endless);
    let endless = Limits { bytes: usize::MAX, ..quick() };
    let patient = Courier::new(Reach::Loopback, endless, answers(&[]).0).unwrap();
    assert_eq!(post(&patient, &receiver.url()).await, Err((Some(200), WebhookError::TimedOut)));
}

#[tokio::test]
async fn only_2xx_is_success() {
    let receiver = Receiver::start(Answer::Status(200)).await;
    let courier = courier(Reach::Loopback, quick(), answers(&[]).0);
    for status in [200, 201, 202, 204, 299] {
        receiver.answer(Answer::Status(status));
        assert_eq!(post(&courier, &receiver.url()).await, Ok(status));
    }
    for (status, error) in [
        (300, WebhookError::Redirected),
        (304, WebhookError::Redirected),
        (400, WebhookError::StatusRefused),
        (404, WebhookError::StatusRefused),
        (410, WebhookError::Gone),
        (429, WebhookError::StatusRefused),
        (500, WebhookError::StatusRefused),
        (503, WebhookError::StatusRefused),
    ] {
        receiver.answer(Answer::Status(status));
        assert_eq!(post(&courier, &receiver.url()).await, Err((Some(status), error)));
    }
    let nobody = format!("http://127.0.0.1:{}/", {
        let free = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        free.local_addr().unwrap().port()
    });
    assert_eq!(post(&courier, &nobody).await, Err((None, WebhookError::ConnectionFailed)));
}
