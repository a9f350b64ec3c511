//! `/v1/enterprises/{id}/files` and `/v1/files/{id}`

use actix_web::body::SizedStream;
use actix_web::http::StatusCode;
use actix_web::http::header::{self, ContentEncoding};
use actix_web::{HttpRequest, HttpResponse, delete, get, post, web};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use utoipa::IntoParams;
use uuid::Uuid;

use super::core::api::Api;
use super::core::parameters::{Id, Parameters};
use super::core::problem::Problem;
use super::core::write::{Authenticated, RetryHeaders, Write};
use super::core::{answer, page, upload};
use super::credentials::nothing;
use super::members::PageQuery;
use super::wire::file::{File, FileContent, FilePage};
use crate::app::files::{self as use_cases, Place};
use crate::app::idempotency::Answer;
use crate::app::{self, Transaction};
use crate::domain::evidence::EvidenceFile;

/// What may come with a file.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
#[allow(dead_code)]
pub struct FileHeaders {
    /// The file's name, for people: `attachment; filename*=UTF-8''licence.pdf` (RFC 6266).
    #[param(rename = "Content-Disposition", max_length = 1024, example = "attachment; filename=\"licence.pdf\"")]
    content_disposition: Option<String>,
}

/// Upload a file
///
/// By an owner: the bytes themselves are the body. What the file is, is told by its bytes, whatever name and media type
/// say. The same bytes again are the file that is there (200). A file nothing refers to for a week is deleted.
#[utoipa::path(tag = "enterprises", operation_id = "create_file", security(("bearer" = [])), params(FileHeaders,
    ("id" = Uuid, Path, description = "The enterprise.")),
    request_body(content((FileContent = "application/octet-stream"))),
    responses((status = 200, description = "The file that was there.", body = File),
        (status = 201, description = "The file.", body = File),
        (status = 403, description = "`not_owner`."),
        (status = 409, description = "`file_quota_reached` or `too_many_files`."),
        (status = 413, description = "`file_too_large`: more than 10 MiB."),
        (status = 415, description = "`file_type_unsupported`: no PDF, JPEG, PNG, WebP or HEIC.")))]
#[post("/v1/enterprises/{id}/files")]
pub async fn create(
    request: HttpRequest,
    api: web::Data<Api>,
    write: Write,
    path: Parameters<Id>,
    payload: web::Payload,
) -> Result<HttpResponse, Problem> {
    let (id, caller) = (path.value.id, write.caller.clone());
    let (declared, name) = (upload::declared_size(&request)?, upload::file_name(&request)?);
    let begun = api.read(|app| async move { app.begin_upload(&caller, id, declared).await }).await?;
    let arrived = upload::receive(payload, begun).await?;
    let place = arrived.place;
    let work = async move |tx: &mut Transaction<'_>| use_cases::create(tx, arrived, &name).await;
    let answered = api.write(write.command(&[0; 32]), work, move |file| taken(file, place)).await;
    if !matches!(&answered, Ok(response) if response.status() == StatusCode::CREATED) {
        discard(&api, place).await;
    }
    answered
}

fn taken(file: &EvidenceFile, place: Place) -> Result<Answer, app::Error> {
    let wire = File::from(file.clone());
    if file.place() == place { answer::created(&wire) } else { answer::done(&wire) }
}

/// Bytes that belong to no file; what cannot be deleted now is swept later.
async fn discard(api: &Api, place: Place) {
    if let Err(error) = api.app.files.delete(place).await {
        tracing::warn!(?error, "bytes without a file are left to the sweep");
    }
}

/// List files
///
/// For members of the enterprise, newest first.
#[utoipa::path(tag = "enterprises", operation_id = "list_files", security(("bearer" = [])), params(PageQuery,
    ("id" = Uuid, Path, description = "The enterprise.")),
    responses((status = 200, description = "A page.", body = FilePage),
        (status = 403, description = "`not_member`.")))]
#[get("/v1/enterprises/{id}/files")]
pub async fn list(
    request: HttpRequest,
    api: web::Data<Api>,
    caller: Authenticated,
    path: Parameters<Id>,
    query: Parameters<PageQuery>,
) -> Result<HttpResponse, Problem> {
    let paging = page::Paging::<Uuid>::read(&api, &query.scope, query.value.limit, query.value.cursor.as_deref())?;
    let (id, before, fetch) = (path.value.id, paging.after, paging.limit + 1);
    let files = api.read(|app| async move { app.list_files(&caller.0, id, before, fetch).await }).await?;
    let (files, next_cursor) = paging.finish(&api, files, |file| file.id)?;
    let items = files.into_iter().map(File::from).collect();
    page::respond(&request, next_cursor.as_deref(), &FilePage { items, next_cursor: next_cursor.clone() })
}

/// Download a file
///
/// For members of the enterprise, and for administrators, moderators and officers in whose region it lies, whose reading
/// is recorded. To anybody else it does not exist.
#[utoipa::path(tag = "enterprises", operation_id = "download_file", security(("bearer" = [])),
    params(("id" = Uuid, Path, description = "The file.")),
    responses((status = 200, description = "The bytes, to be saved and not shown.", content((FileContent = "application/pdf"),
        (FileContent = "image/jpeg"), (FileContent = "image/png"), (FileContent = "image/webp"), (FileContent = "image/heic")))))]
#[get("/v1/files/{id}")]
pub async fn download(
    api: web::Data<Api>,
    caller: Authenticated,
    path: Parameters<Id>,
) -> Result<HttpResponse, Problem> {
    let (file, bytes) = api.read(|app| async move { app.open_file(&caller.0, path.value.id).await }).await?;
    let name = utf8_percent_encode(&file.name, NON_ALPHANUMERIC);
    let size = u64::try_from(file.size).unwrap_or_default();
    let bytes =
        futures_util::StreamExt::map(bytes, |chunk| chunk.map_err(|error| std::io::Error::other(format!("{error:?}"))));
    Ok(HttpResponse::Ok()
        .content_type(file.file_type.media_type())
        .insert_header((header::CONTENT_DISPOSITION, format!("attachment; filename*=UTF-8''{name}")))
        .insert_header(ContentEncoding::Identity)
        .body(SizedStream::new(size, bytes)))
}

/// Delete a file
///
/// By an owner, while neither an application nor a credential refers to it.
#[utoipa::path(tag = "enterprises", operation_id = "delete_file", security(("bearer" = [])), params(RetryHeaders,
    ("id" = Uuid, Path, description = "The file.")),
    responses((status = 204, description = "Deleted."), (status = 403, description = "`not_owner`."),
        (status = 409, description = "`file_in_use`.")))]
#[delete("/v1/files/{id}")]
pub async fn delete(api: web::Data<Api>, write: Write, path: Parameters<Id>) -> Result<HttpResponse, Problem> {
    let id = path.value.id;
    let place = std::sync::Arc::new(std::sync::OnceLock::new());
    let deleted = std::sync::Arc::clone(&place);
    let work = async move |tx: &mut Transaction<'_>| {
        use_cases::delete(tx, id).await.map(|place| {
            let _ = deleted.set(place);
        })
    };
    let answered = api.write(write.command(&[0; 32]), work, nothing).await?;
    if let Some(place) = place.get() {
        discard(&api, *place).await;
    }
    Ok(answered)
}
