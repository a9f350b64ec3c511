//! Where mail and text messages go.

use std::collections::BTreeMap;

use super::Source;
use crate::domain::delivery::Template;

#[derive(Debug, Clone)]
pub struct OutgoingConfig {
    /// `DUIJIE_MAIL`.
    pub mail: Sink,
    /// `DUIJIE_MAIL_FROM`, as in a mail's head.
    pub mail_from: Option<String>,
    /// `DUIJIE_TEXT`.
    pub text: Sink,
    /// `DUIJIE_TEXT_KEY`, sent to the gateway as a bearer token.
    pub text_key: Option<String>,
    /// `DUIJIE_TEXT_SIGNATURE`, the registered name before each text message.
    pub text_signature: Option<String>,
    /// `DUIJIE_TEXT_TEMPLATES`, the gateway's code for each template.
    pub text_templates: BTreeMap<String, String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sink {
    /// `outgoing.jsonl` in the data folder.
    File,
    Log,
    /// Of a mail server or a gateway.
    Url(String),
}

impl OutgoingConfig {
    pub(super) fn read(source: &mut Source) -> Self {
        let mail = "file, log, smtps://user:password@host or smtp://user:password@host?tls=required (without TLS only to this machine)";
        let text = "file, log, or a URL that begins with https:// (http:// only to this machine)";
        let config = Self {
            mail: source.checked("DUIJIE_MAIL", mail, mail_sink).unwrap_or(Sink::File),
            mail_from: source.parsed("DUIJIE_MAIL_FROM", "a mail address"),
            text: source.checked("DUIJIE_TEXT", text, text_sink).unwrap_or(Sink::File),
            text_key: source.parsed("DUIJIE_TEXT_KEY", "a key"),
            text_signature: source.parsed("DUIJIE_TEXT_SIGNATURE", "a name"),
            text_templates: source
                .list("DUIJIE_TEXT_TEMPLATES", "template=code pairs, by commas: see .env.sample", template)
                .into_iter()
                .collect(),
        };
        if matches!(config.mail, Sink::Url(_)) && config.mail_from.is_none() {
            source.refuse("DUIJIE_MAIL_FROM", "is required with a mail server: Duijie <no-reply@duijie.example>");
        }
        if matches!(config.text, Sink::Url(_)) && config.text_templates.is_empty() {
            source.refuse("DUIJIE_TEXT_TEMPLATES", "is required with a gateway: one_time_code=SMS_123456");
        }
        config
    }
}

fn sink(text: &str, url: impl Fn(&str) -> bool) -> Option<Sink> {
    match text {
        "file" => Some(Sink::File),
        "log" => Some(Sink::Log),
        other => (url(other) && !other.contains(char::is_whitespace)).then(|| Sink::Url(other.to_owned())),
    }
}

fn mail_sink(text: &str) -> Option<Sink> {
    let encrypted = |query: &str| query.split('&').any(|pair| pair == "tls=required");
    sink(text, |url| match url.split_once("://") {
        Some(("smtps", rest)) => !rest.is_empty(),
        Some(("smtp", rest)) => rest.split_once('?').is_some_and(|(_, query)| encrypted(query)) || is_local(rest),
        _ => false,
    })
}

fn text_sink(text: &str) -> Option<Sink> {
    sink(text, |url| match url.split_once("://") {
        Some(("https", rest)) => !rest.is_empty(),
        Some(("http", rest)) => is_local(rest),
        _ => false,
    })
}

/// Whether what stands behind the scheme of a URL names this machine.
fn is_local(rest: &str) -> bool {
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = authority.rsplit('@').next().unwrap_or_default();
    let host = host.rsplit_once(':').filter(|(_, port)| port.bytes().all(|b| b.is_ascii_digit())).map_or(host, |h| h.0);
    matches!(host, "localhost" | "127.0.0.1" | "[::1]")
}

fn template(text: &str) -> Option<(String, String)> {
    let (name, code) = text.split_once('=')?;
    (name.parse::<Template>().is_ok() && !code.is_empty()).then(|| (name.to_owned(), code.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_go_over_tls_or_stay_on_this_machine() {
        let url = |text: &str| Some(Sink::Url(text.to_owned()));
        for text in ["smtps://u:p@mail.example", "smtp://mail.example:587?tls=required", "smtp://127.0.0.1:25"] {
            assert_eq!(mail_sink(text), url(text), "{text}");
        }
        for text in
            ["smtp://mail.example", "smtp://mail.example?tls=opportunistic", "smtp://127.0.0.1.example", "x", ""]
        {
            assert_eq!(mail_sink(text), None, "{text}");
        }
        for text in ["https://sms.example/send", "http://localhost:9000/send", "http://[::1]:9000"] {
            assert_eq!(text_sink(text), url(text), "{text}");
        }
        for text in ["http://sms.example/send", "http://localhost@sms.example", "https://", "ftp://x"] {
            assert_eq!(text_sink(text), None, "{text}");
        }
        assert_eq!(mail_sink("file"), Some(Sink::File));
        assert_eq!(template("one_time_code=SMS_1"), Some(("one_time_code".to_owned(), "SMS_1".to_owned())));
        assert_eq!((template("nonsense=SMS_1"), template("one_time_code=")), (None, None));
    }
}
