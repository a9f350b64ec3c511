//! Messages that leave: written with what they tell of, sent after the commit, tried again.

use std::os::unix::fs::PermissionsExt;

use duijie::app::idempotency::Answer;
use duijie::app::{Caller, Command, Error, Origin};
use duijie::domain::access;
use duijie::domain::account::Login;
use duijie::domain::delivery::{Message, Template};
use duijie::domain::message::Language;
use serde_json::Value;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use uuid::Uuid;

use crate::support::TestApp;

fn message(to: Login) -> Message {
    let parameters = [("code", "271828".to_owned()), ("minutes", "10".to_owned())];
    Message::new(to, Template::OneTimeCode, parameters, Language::En)
}

fn email(name: &str) -> Login {
    Login::Email(format!("{name}@example.cn"))
}

/// Posts the message in a transaction that ends as told.
async fn post(app: &TestApp, message: Message, outcome: Result<(), Error>) {
    let caller = Caller {
        account_id: Uuid::now_v7(),
        session_id: Uuid::now_v7(),
        scopes: None,
        app: None,
        rule: access::rule("find_own_account").unwrap(),
        origin: Origin::default(),
    };
    let command = Command { caller, idempotency: None, if_match: None };
    let render = |_: &()| Ok(Answer { status: 204, headers: Vec::new(), body: Vec::new(), replayed: false });
    let work = async move |tx: &mut duijie::app::Transaction<'_>| {
        tx.send(&message).await?;
        outcome
    };
    let _ = app.inner().write(command, work, render).await;
}

/// Makes what waits due now, and sends it.
async fn again(app: &TestApp) {
    app.database.execute("UPDATE outbox SET due_at = now() WHERE ended_at IS NULL").await;
    app.deliver().await;
}

#[tokio::test]
async fn a_message_is_sent_once_what_it_tells_of_has_committed() {
    let app = TestApp::start().await;
    post(&app, message(email("rolled-back")), Err(Error::NotFound)).await;
    post(&app, message(email("wang")), Ok(())).await;
    // Until it is sent, neither whom it goes to nor what it says can be read in the database.
    let row = app.database.value("SELECT encode(sealed, 'escape') || outbox::text FROM outbox").await;
    assert!(!row.contains("271828") && !row.contains("wang@example.cn"), "{row}");
    let letters = app.letters("wang@example.cn").await;
    assert_eq!(letters.len(), 1);
    assert_eq!(
        (&letters[0]["template"], &letters[0]["parameters"]["code"]),
        (&"one_time_code".into(), &"271828".into())
    );
    assert!(letters[0]["text"].as_str().unwrap().contains("code is 271828"), "{letters:?}");
    assert!(app.letters("rolled-back@example.cn").await.is_empty());
    let row =
        app.database.value("SELECT sealed IS NULL AND ended_at IS NOT NULL AND failure IS NULL FROM outbox").await;
    assert_eq!(row, "t", "what it said is forgotten");
    let file = std::fs::metadata(app.folder.path.join("outgoing.jsonl")).unwrap();
    assert_eq!(file.permissions().mode() & 0o777, 0o600);
    app.deliver().await;
    assert_eq!(app.letters("wang@example.cn").await.len(), 1, "once");
}

#[tokio::test]
async fn some_go_only_to_those_who_have_an_account() {
    let app = TestApp::start().await;
    app.account("wang").await;
    app.account("gone").await;
    app.database.execute("UPDATE accounts SET status = 'disabled' WHERE email = 'gone@example.cn'").await;
    for name in ["wang", "nobody", "gone"] {
        post(&app, Message { only_to_account: true, ..message(email(name)) }, Ok(())).await;
    }
    assert_eq!(app.letters("wang@example.cn").await.len(), 1);
    assert!(app.letters("nobody@example.cn").await.is_empty());
    assert!(app.letters("gone@example.cn").await.is_empty());
    assert_eq!(app.database.count("SELECT count(*) FROM outbox WHERE failure = 'no account'").await, 2);
}

#[tokio::test]
async fn what_fails_is_tried_again_with_growing_pauses_and_given_up_in_the_end() {
    let app = TestApp::start().await;
    // A folder where the file should be: nothing can be appended to it.
    let path = app.folder.path.join("outgoing.jsonl");
    std::fs::create_dir(&path).unwrap();
    post(&app, message(email("wang")), Ok(())).await;
    let mut pauses = Vec::new();
    for _ in 0..7 {
        again(&app).await;
        pauses.push(app.database.count("SELECT round(extract(epoch FROM due_at - now())) FROM outbox").await);
    }
    assert!(pauses.windows(2).all(|pair| pair[0] < pair[1]), "{pauses:?}");
    std::fs::remove_dir(&path).unwrap();
    app.deliver().await;
    assert!(app.letters("wang@example.cn").await.is_empty(), "not before its time");
    again(&app).await;
    assert_eq!(app.letters("wang@example.cn").await.len(), 1);

    std::fs::remove_file(&path).unwrap();
    std::fs::create_dir(&path).unwrap();
    post(&app, message(email("li")), Ok(())).await;
    for _ in 0..8 {
        again(&app).await;
    }
    assert_eq!(app.database.count("SELECT count(*) FROM outbox WHERE ended_at IS NULL").await, 0);
    let kept = app.database.count("SELECT count(*) FROM outbox WHERE failure IS NOT NULL AND sealed IS NULL").await;
    assert_eq!(kept, 1, "given up, and forgotten but for the fact");
}

#[tokio::test]
async fn what_comes_too_late_is_not_sent() {
    let app = TestApp::start().await;
    post(&app, message(email("wang")), Ok(())).await;
    app.database.execute("UPDATE outbox SET expires_at = now() - interval '1 second'").await;
    assert!(app.letters("wang@example.cn").await.is_empty());
    assert_eq!(app.database.value("SELECT failure FROM outbox").await, "expired");
}

/// Answers requests with these statuses in turn, and tells what it was sent.
async fn gateway(statuses: &'static [u16]) -> (String, mpsc::UnboundedReceiver<(String, Value)>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/send", listener.local_addr().unwrap());
    let (tell, told) = mpsc::unbounded_channel();
    tokio::spawn(async move {
        for status in statuses {
            let (mut stream, _) = listener.accept().await.unwrap();
            let (mut head, mut byte) = (Vec::new(), [0]);
            while !head.ends_with(b"\r\n\r\n") {
                stream.read_exact(&mut byte).await.unwrap();
                head.push(byte[0]);
            }
            let head = String::from_utf8(head).unwrap().to_lowercase();
            let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap().parse().unwrap();
            let mut body = vec![0; length];
            stream.read_exact(&mut body).await.unwrap();
            tell.send((head, serde_json::from_slice(&body).unwrap())).unwrap();
            let answer = format!("HTTP/1.1 {status} x\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
            stream.write_all(answer.as_bytes()).await.unwrap();
        }
    });
    (url, told)
}

#[tokio::test]
async fn a_gateway_gets_the_code_of_its_text_and_the_parameters() {
    let (url, mut told) = gateway(&[500, 200, 400]).await;
    let builder = TestApp::builder().set("DUIJIE_TEXT", &url).set("DUIJIE_TEXT_KEY", "k3y");
    let builder = builder.set("DUIJIE_TEXT_SIGNATURE", "对接").set("DUIJIE_TEXT_TEMPLATES", "one_time_code=SMS_1");
    let app = builder.start().await;
    let mobile = || Login::Mobile("+8613800138000".to_owned());
    post(&app, message(mobile()), Ok(())).await;
    app.deliver().await;
    let (_, first) = told.recv().await.unwrap();
    again(&app).await;
    let (head, second) = told.recv().await.unwrap();
    assert_eq!(first, second, "the same message, so that the gateway can tell that it has it");
    assert!(head.contains("authorization: bearer k3y"), "{head}");
    assert!(head.contains(&format!("idempotency-key: {}", second["id"].as_str().unwrap())), "{head}");
    assert_eq!((&second["to"], &second["template_code"]), (&"+8613800138000".into(), &"SMS_1".into()));
    assert_eq!((&second["signature"], &second["parameters"]["code"]), (&"对接".into(), &"271828".into()));
    assert_eq!(app.database.count("SELECT count(*) FROM outbox WHERE ended_at IS NULL").await, 0);

    // What the gateway will never take is not tried again; nor is a template it has no text for.
    post(&app, message(mobile()), Ok(())).await;
    post(&app, Message::new(mobile(), Template::PasswordChanged, [], Language::Zh), Ok(())).await;
    app.deliver().await;
    assert_eq!(app.database.count("SELECT count(*) FROM outbox WHERE ended_at IS NULL").await, 0);
    assert_eq!(app.database.count("SELECT count(*) FROM outbox WHERE failure IS NOT NULL AND attempts = 1").await, 2);
}

/// Takes one mail, and tells it.
async fn mail_server() -> (String, mpsc::UnboundedReceiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("smtp://{}", listener.local_addr().unwrap());
    let (tell, told) = mpsc::unbounded_channel();
    tokio::spawn(async move {
        let (stream, _) = listener.accept().await.unwrap();
        let (reader, mut writer) = stream.into_split();
        let (mut lines, mut mail, mut in_data) = (BufReader::new(reader).lines(), String::new(), false);
        writer.write_all(b"220 test\r\n").await.unwrap();
        while let Ok(Some(line)) = lines.next_line().await {
            mail += &format!("{line}\n");
            let answer = match line.as_str() {
                "." if in_data => {
                    in_data = false;
                    "250 taken\r\n"
                }
                _ if in_data => continue,
                "DATA" => {
                    in_data = true;
                    "354 go on\r\n"
                }
                "QUIT" => "221 bye\r\n",
                _ => "250 fine\r\n",
            };
            writer.write_all(answer.as_bytes()).await.unwrap();
            if answer.starts_with("250 taken") {
                tell.send(mail.clone()).unwrap();
            }
        }
    });
    (url, told)
}

#[tokio::test]
async fn mail_goes_out_by_smtp() {
    let (url, mut told) = mail_server().await;
    let builder = TestApp::builder().set("DUIJIE_MAIL", &url).set("DUIJIE_MAIL_FROM", "对接 <no-reply@duijie.example>");
    let app = builder.start().await;
    post(&app, message(email("wang")), Ok(())).await;
    app.deliver().await;
    let mail = told.recv().await.unwrap();
    for part in
        ["RCPT TO:<wang@example.cn>", "MAIL FROM:<no-reply@duijie.example>", "Subject: Your one-time code", "271828"]
    {
        assert!(mail.contains(part), "{part} in {mail}");
    }
    assert!(mail.contains("Auto-Submitted: auto-generated"), "{mail}");
    assert_eq!(
        app.database.count("SELECT count(*) FROM outbox WHERE ended_at IS NOT NULL AND failure IS NULL").await,
        1
    );
}
