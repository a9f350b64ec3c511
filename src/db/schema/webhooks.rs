//! Webhooks of enterprises.

diesel::table! {
    webhook_endpoints (id) {
        id -> Uuid,
        enterprise_id -> Uuid,
        url -> Text,
        description -> Nullable<Text>,
        event_types -> Array<Text>,
        enabled -> Bool,
        enabled_at -> Timestamptz,
        stop_reason -> Nullable<Text>,
        stopped_at -> Nullable<Timestamptz>,
        last_success_at -> Nullable<Timestamptz>,
        sealed_secret -> Bytea,
        sealed_former -> Nullable<Bytea>,
        former_until -> Nullable<Timestamptz>,
        version -> Int4,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
    }
}

diesel::table! {
    webhook_deliveries (id) {
        id -> Uuid,
        endpoint_id -> Uuid,
        event_id -> Uuid,
        event_type -> Text,
        body -> Text,
        status -> Text,
        attempts -> Int4,
        tries -> Int4,
        created_at -> Timestamptz,
        began_at -> Timestamptz,
        due_at -> Timestamptz,
        leased_until -> Nullable<Timestamptz>,
        ended_at -> Nullable<Timestamptz>,
        response_status -> Nullable<Int4>,
        error -> Nullable<Text>,
    }
}

diesel::table! {
    webhook_attempts (delivery_id, number) {
        delivery_id -> Uuid,
        number -> Int4,
        at -> Timestamptz,
        duration_ms -> Int4,
        response_status -> Nullable<Int4>,
        error -> Nullable<Text>,
    }
}
