//! `/v1/listings/{id}/flags`

use actix_web::{HttpResponse, get, post, web};
use serde::Deserialize;
use uuid::Uuid;

use super::core::answer;
use super::core::api::Api;
use super::core::body::Body;
use super::core::context::Reader;
use super::core::parameters::{Id, Parameters};
use super::core::problem::Problem;
use super::core::write::{MaybeAuthenticated, RetryHeaders, Write};
use super::wire::flag::{AnswerInput, FlagList, ListingFlag};
use crate::app::flags::{self as use_cases, Sight};
use crate::domain::flag;

/// List what the program noticed about a listing
///
/// Never a punishment: nothing happens to a listing because of a flag. Its poster sees each at once and may answer; moderators of
/// the place see all, also those that no longer hold. Others see only a price far from its reference, once the poster has answered
/// or had 24 hours to. The reference is a dated, published price, not the market's.
#[utoipa::path(tag = "listings", operation_id = "list_listing_flags", security((), ("bearer" = [])),
    params(("id" = Uuid, Path, description = "The listing.")),
    responses((status = 200, description = "Flags.", body = FlagList)))]
#[get("/v1/listings/{id}/flags")]
pub async fn list(
    reader: web::ReqData<Reader>,
    api: web::Data<Api>,
    caller: MaybeAuthenticated,
    path: Parameters<Id>,
) -> Result<HttpResponse, Problem> {
    let work =
        |app: std::sync::Arc<crate::app::App>| async move { app.list_flags(caller.0.as_ref(), path.value.id).await };
    let (flags, sight) = api.read(work).await?;
    let items = flags.into_iter().map(|flag| ListingFlag::render(flag, sight, reader.0)).collect();
    answer::plain(&FlagList { items })
}

#[derive(Deserialize)]
pub struct FlagPath {
    id: Uuid,
    flag: Uuid,
}

/// Answer a flag
///
/// By an owner or trader; another answer takes the place of the one before.
#[utoipa::path(tag = "listings", operation_id = "answer_listing_flag", security(("bearer" = [])), params(RetryHeaders,
    ("id" = Uuid, Path, description = "The listing."), ("flag" = Uuid, Path, description = "The flag.")),
    request_body = AnswerInput,
    responses((status = 200, description = "The flag, answered.", body = ListingFlag),
        (status = 403, description = "`not_trader`: visible, but not the caller's.")))]
#[post("/v1/listings/{id}/flags/{flag}/answer")]
pub async fn give_answer(
    reader: web::ReqData<Reader>,
    api: web::Data<Api>,
    write: Write,
    path: Parameters<FlagPath>,
    body: Body<AnswerInput>,
) -> Result<HttpResponse, Problem> {
    let (FlagPath { id, flag }, command, language) = (path.value, write.command(&body.digest), reader.0);
    let text = body.value.map(|input| input.text);
    let render =
        move |flag: &flag::ListingFlag| answer::done(&ListingFlag::render(flag.clone(), Sight::Member, language));
    api.write(command, async move |tx| use_cases::answer(tx, id, flag, text).await, render).await
}
