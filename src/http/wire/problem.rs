//! The schema of problem documents, which `core::problem` writes.

use utoipa::ToSchema;

use crate::http::health::IndexLag;

/// RFC 9457. `code` is stable; texts are in the reader's language.
#[derive(ToSchema)]
#[allow(dead_code)]
pub struct Problem {
    /// `urn:duijie:problem:` and the code.
    #[schema(max_length = 200)]
    r#type: String,
    #[schema(max_length = 200)]
    title: String,
    #[schema(minimum = 400, maximum = 599)]
    status: i32,
    #[schema(max_length = 2000)]
    detail: String,
    /// The path of the request.
    #[schema(max_length = 2000)]
    instance: String,
    #[schema(max_length = 100)]
    code: String,
    #[schema(max_length = 64)]
    request_id: String,
    /// Every fault at once, up to a thousand.
    #[schema(max_items = 1000)]
    errors: Option<Vec<Fault>>,
    /// Only at the endpoints of OAuth 2: the error of RFC 6749, 5.2.
    #[schema(max_length = 100)]
    error: Option<String>,
    /// Only with `error`: for the app's programmer, in English.
    #[schema(max_length = 2000)]
    error_description: Option<String>,
    /// Only with `index_behind`.
    index: Option<IndexLag>,
}

/// One fault, in the body (`pointer`) or in a parameter (`parameter`).
#[derive(ToSchema)]
#[allow(dead_code)]
pub struct Fault {
    /// JSON pointer (RFC 6901) into the body.
    #[schema(max_length = 2000)]
    pointer: Option<String>,
    /// Name of a path or query parameter.
    #[schema(max_length = 2000)]
    parameter: Option<String>,
    #[schema(max_length = 100)]
    code: String,
    #[schema(max_length = 2000)]
    detail: String,
}
