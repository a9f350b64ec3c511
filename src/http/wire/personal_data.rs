//! A person's data on the wire.

use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

/// Everything kept of a person: a list for each table, by name, of what it holds of them; `contact_entries` are those among
/// the contacts of their enterprises that name them.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"data": {"account": [{"id": "0192f0c1-7a3b-7c11-9d5e-3f1d2c4b5a69", "email": "wang@example.cn", "display_name": "王芳"}],
    "memberships": [{"enterprise_id": "0192f0c1-7a3b-7c11-9d5e-3f1d2c4b5a6a", "role": "owner"}]}}))]
pub struct AccountExport {
    #[schema(value_type = Object)]
    data: Map<String, Value>,
}

impl From<Map<String, Value>> for AccountExport {
    fn from(data: Map<String, Value>) -> Self {
        Self { data }
    }
}
