//! What still refers to retired codes of the reference data.

use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Bool, Nullable, Text};
use diesel_async::RunQueryDsl;

use super::super::{Connection, Error};

/// References of one kind to one retired code.
#[derive(Debug, Clone, PartialEq, Eq, QueryableByName)]
pub struct Usage {
    #[diesel(sql_type = Text)]
    pub code: String,
    #[diesel(sql_type = Text)]
    pub name_zh: String,
    #[diesel(sql_type = Text)]
    pub name_en: String,
    #[diesel(sql_type = Nullable<Text>)]
    pub replaced_by: Option<String>,
    /// Where the code stands, such as `listings.category`.
    #[diesel(sql_type = Text)]
    pub place: String,
    #[diesel(sql_type = BigInt)]
    pub count: i64,
    /// Up to 20 of those that refer to it: ids, or codes of reference data.
    #[diesel(sql_type = Array<Text>)]
    pub ids: Vec<String>,
}

/// Whether an item is retired: by an edition without it, or by what its document says.
const RETIRED: &str = "(retired_at IS NOT NULL OR document ->> 'valid_to' IS NOT NULL \
    OR document ->> 'replaced_by' IS NOT NULL)";

pub(super) fn is_retired() -> diesel::expression::SqlLiteral<Bool> {
    diesel::dsl::sql::<Bool>(RETIRED)
}

/// Places of a scheme's codes: the name of the place, and a query of `(code, id)`. Listings that are over and retired
/// items are history, and do not count.
fn places(scheme: &str) -> &'static [(&'static str, &'static str)] {
    match scheme {
        "categories" => &[
            ("listings.category", "SELECT terms ->> 'category', id::text FROM live"),
            (
                "categories.substitutes",
                "SELECT s ->> 'code', code FROM items, jsonb_array_elements(document -> 'substitutes') s WHERE scheme = 'categories'",
            ),
            (
                "categories.also_within",
                "SELECT w, code FROM items, jsonb_array_elements_text(document -> 'also_within') w WHERE scheme = 'categories'",
            ),
            ("categories.parent", "SELECT document ->> 'parent', code FROM items WHERE scheme = 'categories'"),
        ],
        "currencies" => &[
            ("listings.price.currency", "SELECT terms #>> '{price,currency}', id::text FROM live"),
            ("listings.max_price.currency", "SELECT terms #>> '{max_price,currency}', id::text FROM live"),
            ("listings.attributes.pay.currency", "SELECT terms #>> '{attributes,pay,currency}', id::text FROM live"),
            (
                "listings.attributes.amount.currency",
                "SELECT terms #>> '{attributes,amount,currency}', id::text FROM live",
            ),
        ],
        "industries" => &[
            ("enterprises.industry_code", "SELECT profile ->> 'industry_code', id::text FROM enterprises"),
            (
                "enterprises.industry_code (class)",
                "SELECT left(profile ->> 'industry_code', 2), id::text FROM enterprises WHERE length(profile ->> 'industry_code') > 2",
            ),
            ("industries.parent", "SELECT document ->> 'parent', code FROM items WHERE scheme = 'industries'"),
        ],
        "occupations" => &[
            ("listings.attributes.occupation", "SELECT terms #>> '{attributes,occupation}', id::text FROM live"),
            ("occupations.parent", "SELECT document ->> 'parent', code FROM items WHERE scheme = 'occupations'"),
        ],
        "regions" => &[
            ("listings.region_code", "SELECT terms ->> 'region_code', id::text FROM live"),
            (
                "listings.attributes.stops.region_code",
                "SELECT DISTINCT s ->> 'region_code', id::text FROM live, jsonb_path_query(terms, '$.attributes.stops[*]') s",
            ),
            ("enterprises.region_code", "SELECT profile ->> 'region_code', id::text FROM enterprises"),
            ("regions.parent", "SELECT document ->> 'parent', code FROM items WHERE scheme = 'regions'"),
        ],
        "standards" => &[
            (
                "categories.standards",
                "SELECT s, code FROM items, jsonb_array_elements_text(document -> 'standards') s WHERE scheme = 'categories'",
            ),
            (
                "standards.satisfies",
                "SELECT concat_ws(' ', s ->> 'designation', s ->> 'level'), code FROM items, jsonb_array_elements(document -> 'satisfies') s WHERE scheme = 'standards'",
            ),
        ],
        "units" => &[
            ("listings.unit_code", "SELECT terms ->> 'unit_code', id::text FROM live"),
            ("listings.price.per", "SELECT terms #>> '{price,per}', id::text FROM live"),
            ("listings.attributes.pay.per", "SELECT terms #>> '{attributes,pay,per}', id::text FROM live"),
            (
                "categories.units",
                "SELECT u, code FROM items, jsonb_array_elements_text(document -> 'units') u WHERE scheme = 'categories'",
            ),
        ],
        _ => &[],
    }
}

/// Every kind of reference to a retired code of the scheme, by code.
pub async fn usage(connection: &mut Connection, scheme: &str) -> Result<Vec<Usage>, Error> {
    let mut found: Vec<Usage> = Vec::new();
    for (place, query) in places(scheme) {
        let sql = format!(
            "WITH live AS (SELECT id, terms FROM listings WHERE status NOT IN ('fulfilled', 'withdrawn')),
                  items AS (SELECT * FROM reference_items WHERE NOT {RETIRED}),
                  gone AS (SELECT code, document FROM reference_items WHERE scheme = $1 AND {RETIRED}),
                  refers (code, id) AS ({query})
             SELECT gone.code, count(*) AS count, $2 AS place,
                    coalesce(document #>> '{{names,zh-CN}}', document #>> '{{title,zh-CN}}', '') AS name_zh,
                    coalesce(document #>> '{{names,en}}', document #>> '{{title,en}}', '') AS name_en,
                    document ->> 'replaced_by' AS replaced_by,
                    (array_agg(refers.id ORDER BY refers.id))[1:20] AS ids
             FROM gone JOIN refers ON refers.code = gone.code GROUP BY gone.code, document"
        );
        let query = diesel::sql_query(sql).bind::<Text, _>(scheme).bind::<Text, _>(*place);
        let rows: Vec<Usage> = query.load(connection).await?;
        found.extend(rows);
    }
    found.sort_by(|a, b| (&a.code, &a.place).cmp(&(&b.code, &b.place)));
    Ok(found)
}
