//! Columns as the domain wants them: `numeric` as exact decimals, `jsonb` as what it stands for.

use diesel::deserialize::{self, FromSql};
use diesel::pg::data_types::PgNumeric;
use diesel::pg::{Pg, PgValue};
use diesel::serialize::{self, Output, ToSql};
use diesel::sql_types::{Jsonb, Numeric};
use diesel::{AsExpression, FromSqlRow};
use serde::de::DeserializeOwned;

use crate::domain::decimal::Decimal;

/// A `numeric(19, 6)`.
#[derive(Debug, Clone, Copy, AsExpression, FromSqlRow)]
#[diesel(sql_type = Numeric)]
pub struct DecimalColumn(pub Decimal);

/// PostgreSQL keeps base-10000 digits; two of them after the point hold eight decimals, of which six are ours.
const BASE: i128 = 10_000;

impl ToSql<Numeric, Pg> for DecimalColumn {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
        let mut rest = i128::from(self.0.millionths()) * 100;
        let mut digits = Vec::new();
        while rest > 0 || digits.len() < 3 {
            digits.push((rest % BASE) as i16);
            rest /= BASE;
        }
        digits.reverse();
        let weight = digits.len() as i16 - 3;
        ToSql::<Numeric, Pg>::to_sql(&PgNumeric::Positive { weight, scale: 6, digits }, &mut out.reborrow())
    }
}

impl FromSql<Numeric, Pg> for DecimalColumn {
    fn from_sql(bytes: PgValue<'_>) -> deserialize::Result<Self> {
        let PgNumeric::Positive { weight, digits, .. } = FromSql::<Numeric, Pg>::from_sql(bytes)? else {
            return Err("a negative or not-a-number value in a column of decimals ≥ 0".into());
        };
        let mut hundred_millionths: i128 = 0;
        for position in (-2..=weight).rev() {
            let digit = digits.get(usize::try_from(weight - position)?).copied().unwrap_or(0);
            hundred_millionths = hundred_millionths * BASE + i128::from(digit);
        }
        let millionths = i64::try_from(hundred_millionths / 100)?;
        Decimal::from_millionths(millionths).map(Self).ok_or_else(|| "out of range".into())
    }
}

/// A `jsonb` column as its text, to be parsed straight into its type, and where there is time for it.
#[derive(Debug, FromSqlRow)]
pub struct JsonText(Box<[u8]>);

/// What PostgreSQL sends before the text.
const JSONB_VERSION: u8 = 1;

impl JsonText {
    pub fn parse<T: DeserializeOwned>(&self) -> serde_json::Result<T> {
        serde_json::from_slice(&self.0)
    }
}

impl FromSql<Jsonb, Pg> for JsonText {
    fn from_sql(value: PgValue<'_>) -> deserialize::Result<Self> {
        match value.as_bytes().split_first() {
            Some((&JSONB_VERSION, text)) => Ok(Self(text.into())),
            _ => Err("a jsonb of another version".into()),
        }
    }
}

/// Reads a code the schema's CHECK constraints know; anything else is a fault of ours.
pub fn parse_code<T: std::str::FromStr>(text: &str) -> Result<T, super::Error> {
    text.parse().map_err(|_| super::Error::Fault(format!("unknown code `{text}` in a row")))
}

/// The same of a column of codes.
pub fn parse_codes<T: std::str::FromStr>(texts: &[String]) -> Result<Vec<T>, super::Error> {
    texts.iter().map(|text| parse_code(text)).collect()
}

/// As they are written into a column.
pub fn codes<T: Copy>(values: &[T]) -> Vec<&'static str>
where
    &'static str: From<T>,
{
    values.iter().map(|value| <&'static str>::from(*value)).collect()
}
