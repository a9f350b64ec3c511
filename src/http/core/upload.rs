//! A file as the body of a request: taken as it comes, refused as soon as it is too long or nothing that is taken.

use std::time::Duration;

use actix_web::http::StatusCode;
use actix_web::http::header::{self, DispositionParam};
use actix_web::{HttpRequest, web};
use futures_util::StreamExt;

use super::problem::Problem;
use crate::app::files::{Arrived, Upload};
use crate::domain::evidence::LARGEST;

/// A file must have arrived within this time.
const MAX_TIME: Duration = Duration::from_secs(60);

/// What may be said of the body: `Content-Length`, where the client states one.
pub fn declared_size(request: &HttpRequest) -> Result<Option<usize>, Problem> {
    if request.headers().contains_key(header::CONTENT_ENCODING) {
        return Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "content_encoding_unsupported"));
    }
    let declared = request.headers().get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse().ok());
    if declared.is_some_and(|length: usize| length > LARGEST) { Err(too_large()) } else { Ok(declared) }
}

/// The file's name as `Content-Disposition` gives it; empty where it gives none.
pub fn file_name(request: &HttpRequest) -> Result<String, Problem> {
    let Some(value) = request.headers().get(header::CONTENT_DISPOSITION) else { return Ok(String::new()) };
    let invalid = |_| Problem::bad_header("Content-Disposition");
    let disposition = header::ContentDisposition::from_raw(value).map_err(invalid)?;
    let extended = disposition.parameters.iter().find_map(|parameter| match parameter {
        DispositionParam::FilenameExt(name) => String::from_utf8(name.value.clone()).ok(),
        _ => None,
    });
    Ok(extended.or_else(|| disposition.get_filename().map(str::to_owned)).unwrap_or_default())
}

pub async fn receive(mut payload: web::Payload, mut upload: Upload) -> Result<Arrived, Problem> {
    let read = async {
        while let Some(chunk) = payload.next().await {
            let chunk = chunk.map_err(|error| Problem::bad_request("body_unreadable", error))?;
            if upload.size() + chunk.len() > LARGEST {
                return Err(too_large());
            }
            upload.take(&chunk).await.map_err(Problem::from)?;
            if !upload.is_acceptable() {
                return Err(not_taken());
            }
        }
        Ok(())
    };
    let outcome = match tokio::time::timeout(MAX_TIME, read).await {
        Ok(outcome) => outcome,
        Err(_) => {
            let problem = Problem::new(StatusCode::REQUEST_TIMEOUT, "file_too_slow");
            Err(problem.header(header::CONNECTION, "close"))
        }
    };
    match outcome {
        Ok(()) => upload.finish().await.map_err(Problem::from)?.ok_or_else(not_taken),
        Err(problem) => {
            upload.abort().await;
            Err(problem)
        }
    }
}

fn too_large() -> Problem {
    let problem = Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "file_too_large");
    problem.with("maximum", (LARGEST >> 20).to_string()).header(header::CONNECTION, "close")
}

fn not_taken() -> Problem {
    Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "file_type_unsupported").header(header::CONNECTION, "close")
}
