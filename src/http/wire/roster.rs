//! The roster on the wire.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::app::roster::Loaded;
use crate::domain::roster::RosterRow;

/// Part of the bureau's roster.
#[derive(Deserialize, ToSchema)]
#[schema(example = json!({"entries": [{"uscc": "91440300708461136T", "legal_name": "洛阳示范轴承有限公司", "phone": "13800138000",
    "contact": "王芳"}]}))]
pub struct RosterInput {
    #[schema(min_items = 1, max_items = 1000)]
    pub entries: Vec<RosterEntryInput>,
}

#[derive(Deserialize, ToSchema)]
pub struct RosterEntryInput {
    #[schema(min_length = 18, max_length = 40, pattern = r"^[^\x00\r\n]*$")]
    uscc: String,
    #[schema(min_length = 1, max_length = 200, pattern = r"^[^\x00\r\n]*$")]
    legal_name: String,
    /// One that is no mobile number is left out: nothing can be sent there.
    #[schema(max_length = 40, pattern = r"^[^\x00\r\n]*$")]
    phone: Option<String>,
    #[schema(max_length = 100, pattern = r"^[^\x00\r\n]*$")]
    contact: Option<String>,
}

impl From<RosterEntryInput> for RosterRow {
    fn from(RosterEntryInput { uscc, legal_name, phone, contact }: RosterEntryInput) -> Self {
        Self { uscc, legal_name, phone, contact }
    }
}

/// What a load did.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"added": 950, "changed": 30, "unchanged": 20, "without_mobile": 112}))]
pub struct RosterLoad {
    #[schema(minimum = 0, maximum = 1000)]
    added: usize,
    #[schema(minimum = 0, maximum = 1000)]
    changed: usize,
    #[schema(minimum = 0, maximum = 1000)]
    unchanged: usize,
    /// Of all of them.
    #[schema(minimum = 0, maximum = 1000)]
    without_mobile: usize,
}

impl From<Loaded> for RosterLoad {
    fn from(Loaded { added, changed, unchanged, without_mobile }: Loaded) -> Self {
        Self { added, changed, unchanged, without_mobile }
    }
}
