//! The only place that knows actix and utoipa: the route table, handlers, wire types.

use actix_web::dev::HttpServiceFactory;
use actix_web::middleware::{Compress, from_fn};
use actix_web::{App, web};
use serde_json::Value;
use utoipa_actix_web::service_config::ServiceConfig;
use utoipa_actix_web::{AppExt, OpenApiFactory};

mod account_admin;
mod accounts;
mod app_keys;
mod appeals;
mod apps;
mod audit;
mod briefs;
mod bundles;
mod consents;
mod contact_requests;
mod contacts;
pub mod core;
mod credentials;
mod docs;
mod enterprises;
mod files;
mod flags;
mod health;
mod invitations;
mod keys;
mod listings;
mod mandates;
mod match_rows;
mod matches;
mod members;
mod moderation;
mod moderation_policies;
mod notifications;
mod oauth;
mod personal_data;
mod policies;
mod reference;
mod relations;
mod reports;
mod roster;
mod routes;
mod search;
mod second_factors;
mod serve;
mod sessions;
mod verifications;
mod webhook_deliveries;
mod webhooks;
mod wire;
mod workbook;

pub use serve::{Serving, serve, shapes};

/// What operations are registered with: the OpenAPI document, or the server, which would make it anew on every worker.
trait Registry {
    fn service(&mut self, operation: impl HttpServiceFactory + OpenApiFactory + 'static) -> &mut Self;
}

impl Registry for ServiceConfig<'_> {
    fn service(&mut self, operation: impl HttpServiceFactory + OpenApiFactory + 'static) -> &mut Self {
        ServiceConfig::service(self, operation)
    }
}

impl Registry for web::ServiceConfig {
    fn service(&mut self, operation: impl HttpServiceFactory + OpenApiFactory + 'static) -> &mut Self {
        web::ServiceConfig::service(self, operation)
    }
}

/// Every operation, a line per resource, what is asked most first: a request's path is held against them in this order.
/// Registering a handler here also lists it in the OpenAPI document.
fn routes(config: &mut impl Registry) {
    config.service(search::search).service(listings::create).service(listings::find).service(listings::update);
    config.service(listings::create_many).service(listings::understand);
    config.service(listings::publish).service(listings::withdraw).service(listings::renew).service(listings::close);
    config.service(listings::confirm_urgency);
    config.service(listings::list_of_enterprise).service(matches::find).service(matches::preview);
    config.service(accounts::create).service(accounts::find_own).service(accounts::request_code);
    config.service(accounts::verify_contact).service(accounts::change_password).service(accounts::reset_password);
    config.service(accounts::deactivate);
    config.service(account_admin::list).service(account_admin::search).service(account_admin::find);
    config.service(account_admin::grant).service(account_admin::revoke);
    config.service(account_admin::disable).service(account_admin::restore).service(account_admin::reset_second_factor);
    config.service(second_factors::create).service(second_factors::confirm);
    config.service(second_factors::renew_recovery_codes).service(second_factors::delete);
    config.service(sessions::request_code).service(sessions::create).service(sessions::complete);
    config.service(sessions::refresh).service(sessions::list).service(sessions::delete_own);
    config.service(sessions::delete_one).service(sessions::delete_others).service(keys::list);
    config
        .service(enterprises::create)
        .service(enterprises::list_own)
        .service(enterprises::find)
        .service(enterprises::update)
        .service(enterprises::close);
    config.service(members::list).service(members::change_role).service(members::remove).service(members::leave);
    config.service(members::transfer);
    config.service(invitations::create).service(invitations::list).service(invitations::revoke);
    config.service(invitations::accept).service(invitations::decline);
    config.service(files::create).service(files::list).service(files::download).service(files::delete);
    config.service(enterprises::claim);
    config.service(verifications::create).service(verifications::list).service(verifications::withdraw);
    config.service(verifications::list_decisions);
    config.service(verifications::decide::list_pending).service(verifications::decide::find);
    config.service(verifications::decide::claim).service(verifications::decide::approve);
    config.service(verifications::decide::reject);
    config.service(verifications::standing::search).service(verifications::standing::list_decisions);
    config.service(verifications::standing::suspend).service(verifications::standing::restore);
    config.service(verifications::standing::merge).service(verifications::standing::except_uscc);
    config.service(mandates::create).service(mandates::list).service(mandates::revoke).service(mandates::list_acts);
    config.service(roster::load);
    config.service(bundles::plan).service(bundles::create).service(bundles::list);
    config.service(bundles::find).service(bundles::delete);
    config.service(match_rows::list).service(match_rows::find).service(match_rows::mark_viewed);
    config.service(match_rows::shortlist).service(match_rows::dismiss);
    config.service(notifications::list).service(notifications::read);
    config.service(routes::find);
    config.service(reference::categories::suggest).service(reference::categories::list);
    config.service(reference::regions::list).service(reference::units::list);
    config.service(reference::units::list_currencies).service(reference::classes::list_industries);
    config.service(reference::classes::list_occupations).service(reference::classes::list_standards);
    config.service(policies::list).service(policies::create).service(policies::find_current).service(policies::find);
    config.service(policies::find_in_use);
    config.service(credentials::create).service(credentials::list).service(credentials::accept);
    config.service(credentials::reject).service(credentials::block).service(credentials::unblock);
    config.service(credentials::list_blocks).service(credentials::list_pending);
    config.service(relations::declare).service(relations::withdraw).service(relations::list);
    config.service(relations::designate);
    config.service(audit::list).service(audit::list_own);
    config.service(contact_requests::create).service(contact_requests::list).service(contact_requests::find);
    config.service(contact_requests::accept).service(contact_requests::decline);
    config.service(contacts::find_of_listing).service(contacts::find_of_request).service(contacts::list_releases);
    config.service(consents::list_purposes).service(consents::create).service(consents::list);
    config.service(personal_data::export).service(personal_data::erase);
    config.service(apps::create).service(apps::list).service(apps::find).service(apps::update).service(apps::delete);
    config.service(apps::find_usage).service(apps::create_of_platform).service(apps::list_all).service(apps::regulate);
    config.service(app_keys::create).service(app_keys::list).service(app_keys::rotate).service(app_keys::revoke);
    config.service(webhooks::create).service(webhooks::list).service(webhooks::find).service(webhooks::update);
    config.service(webhooks::delete).service(webhooks::rotate_secret).service(webhooks::test);
    config.service(webhook_deliveries::list).service(webhook_deliveries::find).service(webhook_deliveries::replay);
    config.service(oauth::create_token).service(oauth::revoke_token).service(oauth::preview).service(oauth::authorize);
    config.service(oauth::list).service(oauth::revoke).service(oauth::find_server);
    config.service(moderation::list).service(moderation::statistics).service(moderation::find_case);
    config.service(moderation::claim).service(moderation::unclaim).service(moderation::approve);
    config.service(moderation::reject).service(moderation::request_changes).service(moderation::suspend);
    config.service(moderation::decide_many).service(moderation_policies::list);
    config.service(moderation_policies::find_current).service(moderation_policies::create);
    config.service(appeals::create).service(appeals::list).service(appeals::grant).service(appeals::deny);
    config.service(reports::create).service(reports::list).service(reports::resolve);
    config.service(flags::list).service(flags::give_answer).service(briefs::find).service(briefs::list_rows);
    config.service(reference::codes::find_kind).service(reference::codes::list);
    config.service(health::live).service(health::ready).service(docs::find_openapi);
}

/// The OpenAPI document, built from the handlers.
pub fn document() -> Value {
    let (_, collected) =
        App::new().into_utoipa_app().openapi(docs::seed()).configure(|config| routes(config)).split_for_parts();
    core::document::complete(serde_json::to_value(collected).unwrap_or_default())
}

fn with_cors(origins: &[String]) -> actix_cors::Cors {
    let methods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];
    let exposed = [
        "etag",
        "location",
        "link",
        "allow",
        "content-disposition",
        "deprecation",
        "sunset",
        "www-authenticate",
        "retry-after",
        "ratelimit",
        "ratelimit-policy",
        "x-request-id",
        "idempotency-replayed",
        "x-duijie-environment",
    ];
    let cors =
        actix_cors::Cors::default().allowed_methods(methods).allow_any_header().expose_headers(exposed).max_age(3600);
    origins.iter().fold(cors, |cors, origin| cors.allowed_origin(origin))
}

/// One worker's application. Middleware reads from the inside out: the last wrapped sees a request first.
fn application(
    api: web::Data<core::api::Api>,
    limits: web::Data<core::rate_limit::Limits>,
) -> App<
    impl actix_web::dev::ServiceFactory<
        actix_web::dev::ServiceRequest,
        Config = (),
        Response = actix_web::dev::ServiceResponse<impl actix_web::body::MessageBody>,
        Error = actix_web::Error,
        InitError = (),
    >,
> {
    let cors = with_cors(&api.config.cors_origins);
    App::new()
        .app_data(api)
        .app_data(limits)
        .configure(routes)
        .service(docs::redirect)
        .service(docs::pages())
        .wrap(from_fn(core::admit::admit))
        .wrap(cors)
        .wrap(Compress::default())
        .wrap(from_fn(core::context::context))
}
