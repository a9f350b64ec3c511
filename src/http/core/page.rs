//! Cursor pages: one row more than asked for tells whether there is a next page.

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::api::Api;
use super::problem::Problem;
use super::{answer, cursor};

pub const DEFAULT_LIMIT: i64 = 20;

/// Where a page begins and how long it is.
pub struct Paging<K> {
    pub after: Option<K>,
    pub limit: i64,
    scope: String,
}

impl<K: Serialize + DeserializeOwned> Paging<K> {
    pub fn read(api: &Api, scope: &str, limit: Option<i64>, cursor: Option<&str>) -> Result<Self, Problem> {
        let after = cursor.map(|text| cursor::decode(&api.app.secrets, scope, text)).transpose()?;
        Ok(Self { after, limit: limit.unwrap_or(DEFAULT_LIMIT), scope: scope.to_owned() })
    }

    /// Cuts `limit + 1` fetched rows to the page, with the cursor of the next one.
    pub fn finish<T>(
        &self,
        api: &Api,
        mut rows: Vec<T>,
        key: impl Fn(&T) -> K,
    ) -> Result<(Vec<T>, Option<String>), Problem> {
        let limit = usize::try_from(self.limit).unwrap_or(usize::MAX);
        let more = rows.len() > limit;
        rows.truncate(limit);
        let last = rows.last().filter(|_| more).map(key);
        let next = last.map(|key| self.cursor(api, key)).transpose()?;
        Ok((rows, next))
    }

    /// The cursor of the page after `key`.
    pub fn cursor(&self, api: &Api, key: K) -> Result<String, Problem> {
        cursor::encode(&api.app.secrets, &self.scope, key)
    }
}

/// The page with its `Link: rel="next"`.
pub fn respond(
    request: &HttpRequest,
    next_cursor: Option<&str>,
    page: &impl Serialize,
) -> Result<HttpResponse, Problem> {
    let mut response = answer::plain(page)?;
    if let Some(cursor) = next_cursor {
        let kept = request.query_string().split('&').filter(|pair| !pair.is_empty() && !pair.starts_with("cursor="));
        let query: Vec<String> = kept.map(str::to_owned).chain([format!("cursor={cursor}")]).collect();
        let link = format!("<{}?{}>; rel=\"next\"", request.path(), query.join("&"));
        if let Ok(value) = header::HeaderValue::from_str(&link) {
            response.headers_mut().insert(header::LINK, value);
        }
    }
    Ok(response)
}
