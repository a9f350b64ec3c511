//! The OpenAPI document: collected from the handlers, completed with what the conventions add to each of them.

use serde_json::{Map, Value, json};

use super::{kinds, samples, webhooks};
use crate::domain::access::{self, Rule, Who};
use crate::domain::message::{self, Language};
use crate::domain::violation::Params;

/// Completes what utoipa collected.
pub fn complete(mut document: Value) -> Value {
    document["openapi"] = "3.1.0".into();
    document["info"] = info();
    document["servers"] = json!([{ "url": "/", "description": "This server" }]);
    document["tags"] = tags();
    document["webhooks"] = webhooks::section();
    document["components"]["securitySchemes"] = json!({
        "bearer": { "type": "http", "scheme": "bearer", "bearerFormat": "JWT",
            "description": "The access token of `POST /v1/sessions`; it lives ten minutes." }
    });
    document["components"]["headers"] = headers();
    if let Some(schemas) = document["components"]["schemas"].as_object_mut() {
        kinds::add(schemas);
    }
    close_input(&mut document);
    add_patches(&mut document);
    if let Some(schemas) = document["components"]["schemas"].as_object_mut() {
        kinds::finish(schemas);
    }
    let mut used = Map::new();
    let versioned = versioned_schemas(&document);
    for (_, item) in document["paths"].as_object_mut().into_iter().flatten() {
        for (_, operation) in item.as_object_mut().into_iter().flatten().filter(|(_, o)| o["operationId"].is_string()) {
            complete_operation(operation, &versioned, &mut used);
        }
    }
    document["components"]["responses"] = Value::Object(used);
    samples::finish(&mut document);
    document
}

/// The same document, as a sandbox serves it.
pub fn of_sandbox(document: &Value) -> Value {
    let mut document = document.clone();
    document["info"]["title"] = "Duijie 对接 (sandbox 沙箱)".into();
    document["info"]["x-environment"] = "sandbox".into();
    let description = document["info"]["description"].as_str().unwrap_or_default();
    document["info"]["description"] =
        format!("This is a sandbox: an invented city to try programs on. Its keys begin with `djt_`.\n\n{description}")
            .into();
    document
}

fn info() -> Value {
    json!({
        "title": "Duijie 对接",
        "version": env!("CARGO_PKG_VERSION"),
        "summary": "Supply-demand matchmaking marketplace",
        "description": "Enterprises post needs and offers; a matching engine pairs them both ways, exactly, with reasons.\n\n\
            Each operation says in `x-access` who may call it: `anyone`, any `account`, `members` of the enterprise concerned \
            in one of `roles`, people of the `platform` with one of `roles` in the region concerned; and the `scope` an app \
            needs (null: no app may, but for what anyone may).\n\n\
            Errors are RFC 9457 problem documents with every fault at once, in Chinese (the default) or English by \
            `Accept-Language`. Writes may carry `Idempotency-Key`; changes carry `If-Match`. Lists are cursor pages. \
            Money and quantities are decimal strings; units are UN/CEFACT Rec 20; places are GB/T 2260 codes and WGS-84 points.",
        "license": { "name": "MIT OR Apache-2.0", "identifier": "MIT OR Apache-2.0" },
        "contact": { "name": "Duijie" }
    })
}

fn tags() -> Value {
    json!([
        { "name": "accounts", "description": "People: signing up, signing in, staying signed in." },
        { "name": "enterprises", "description": "Bodies that need and offer, and who acts for them." },
        { "name": "listings", "description": "Needs and offers: posting, changing, searching." },
        { "name": "matches", "description": "Ranked counterparts with reasons." },
        { "name": "bundles", "description": "Several suppliers for one need." },
        { "name": "contact", "description": "Asking for contact, and contact data: masked until policy or agreement opens it." },
        { "name": "apps", "description": "Programs of third parties: registering them, their keys and tokens, and people who let them act." },
        { "name": "webhooks", "description": "Being told of events: endpoints of an enterprise, and what was sent to them." },
        { "name": "reference", "description": "Categories, regions, units, currencies, industries, occupations, standards, kinds and the labels of codes." },
        { "name": "moderation", "description": "What waits for a moderator, what was decided and why, reports, appeals and the policy." },
        { "name": "administration", "description": "For those with a role of the platform: the matching policy." },
        { "name": "operating", "description": "Health and this document." }
    ])
}

/// `required`: there on every response that names it.
fn headers() -> Value {
    let field = |required: bool, description: &str, example: &str| json!({ "description": description, "required": required, "schema": { "type": "string" }, "example": example });
    json!({
        "X-Request-Id": field(true, "Names this request in logs; a client may choose it.", "0192f0c1-7a3b-7c11-9d5e-3f1d2c4b5a69"),
        "RateLimit-Policy": field(false, "Bucket, quota and window in seconds (IETF draft).", "\"credential\";q=1200;w=60"),
        "RateLimit": field(false, "What is left of the bucket, and the seconds until it is full.", "\"credential\";r=1187;t=1"),
        "ETag": field(true, "`\"<version>-<hash>\"`, for `If-Match` and `If-None-Match`.", "\"1-q83vEjRWeJq83v\""),
        "Location": field(true, "Where the new resource is.", "/v1/enterprises/0192f0c1-7a3b-7c11-9d5e-3f1d2c4b5a69"),
        "Link": field(false, "`rel=\"next\"`: the next page, where there is one.", "</v1/enterprises?cursor=eyJrIjoi>; rel=\"next\""),
        "Idempotency-Replayed": field(false, "`true` when the stored answer of an earlier request is repeated.", "true"),
        "Retry-After": field(false, "Seconds to wait before trying again.", "2"),
        "InsufficientScope": field(false, "The scope an app lacks (RFC 6750).", "Bearer error=\"insufficient_scope\", scope=\"listings:write\""),
        "WWW-Authenticate": field(true, "The kind of credentials wanted (RFC 6750).", "Bearer")
    })
}

/// Unknown fields are refused: every object a request body can hold is closed.
fn close_input(document: &mut Value) {
    let mut wanted: Vec<String> = Vec::new();
    for (_, item) in document["paths"].as_object().into_iter().flatten() {
        for (_, operation) in item.as_object().into_iter().flatten() {
            referenced(&operation["requestBody"], &mut wanted);
        }
    }
    let mut next = 0;
    while let Some(name) = wanted.get(next).cloned() {
        next += 1;
        let schema = &mut document["components"]["schemas"][&name];
        if schema["properties"].is_object() && schema.get("additionalProperties").is_none() {
            schema["additionalProperties"] = false.into();
        }
        referenced(&schema.clone(), &mut wanted);
    }
}

/// The components `schema` needs, directly or through others: a validator built with all of them would be slow to make.
pub fn needed_by(schema: &Value, components: &Value) -> Value {
    let (mut names, mut schemas, mut next) = (Vec::new(), Map::new(), 0);
    referenced(schema, &mut names);
    while let Some(name) = names.get(next).cloned() {
        next += 1;
        referenced(&components["schemas"][&name], &mut names);
        schemas.insert(name.clone(), components["schemas"][&name].clone());
    }
    json!({ "schemas": schemas })
}

/// Adds the names of components `value` refers to.
pub fn referenced(value: &Value, names: &mut Vec<String>) {
    match value {
        Value::Object(object) => {
            if let Some(name) = object.get("$ref").and_then(Value::as_str).and_then(|target| target.rsplit('/').next())
                && !names.iter().any(|known| known == name)
            {
                names.push(name.to_owned());
            }
            object.values().for_each(|value| referenced(value, names));
        }
        Value::Array(items) => items.iter().for_each(|value| referenced(value, names)),
        _ => {}
    }
}

/// For each `XInput` whose resource can be patched: `XPatch`, where every field may also be null (RFC 7396).
fn add_patches(document: &mut Value) {
    let Some(schemas) = document["components"]["schemas"].as_object_mut() else { return };
    let patches: Vec<(String, String)> = schemas
        .keys()
        .filter_map(|name| name.strip_suffix("Patch").map(|stem| (name.clone(), format!("{stem}Fields"))))
        .collect();
    for (patch, fields) in patches {
        let Some(source) = schemas.get(&fields).or_else(|| schemas.get(&fields.replace("Fields", "Input"))) else {
            continue;
        };
        let example = schemas.get(&patch).and_then(|schema| schema.get("example")).cloned();
        let mut schema = source.clone();
        loosen(&mut schema, schemas);
        if let Some(object) = schema.as_object_mut() {
            object.insert("description".into(), "RFC 7396 merge patch: a field given replaces, null removes.".into());
            object.extend(example.map(|example| ("example".to_owned(), example)));
        }
        schemas.insert(patch, schema);
    }
    add_profiles(schemas);
}

/// For each `XProfile`: the fields of `XInput` as they are read.
fn add_profiles(schemas: &mut Map<String, Value>) {
    let names: Vec<String> =
        schemas.keys().filter_map(|name| name.strip_suffix("Profile").map(str::to_owned)).collect();
    for stem in names {
        let Some(mut schema) = schemas.get(&format!("{stem}Input")).cloned() else { continue };
        if let Some(object) = schema.as_object_mut() {
            for name in ["additionalProperties", "examples", "example"] {
                object.remove(name);
            }
            object.insert("description".into(), "What its members wrote, as it is read.".into());
        }
        if let Some(properties) = schema["properties"].as_object_mut() {
            properties.remove("datum");
        }
        schemas.insert(format!("{stem}Profile"), schema);
    }
}

/// Every field may be left out or null, also in the objects inside: a merge patch goes into those too.
fn loosen(schema: &mut Value, schemas: &Map<String, Value>) {
    for (_, property) in schema["properties"].as_object_mut().into_iter().flatten() {
        if let Some(mut inner) = object_behind(property, schemas).cloned() {
            loosen(&mut inner, schemas);
            *property = inner;
        }
        nullable(property);
    }
    if let Some(object) = schema.as_object_mut() {
        for name in ["required", "examples", "example"] {
            object.remove(name);
        }
        object.insert("additionalProperties".into(), false.into());
    }
}

/// The component with fields that a property refers to, alone or as the one choice beside null.
fn object_behind<'s>(property: &Value, schemas: &'s Map<String, Value>) -> Option<&'s Value> {
    let choices = ["oneOf", "anyOf"].iter().filter_map(|key| property[key].as_array()).flatten();
    let mut targets = choices.chain([property]).filter_map(|choice| choice["$ref"].as_str());
    let target = targets.next().filter(|_| targets.next().is_none())?;
    schemas.get(target.rsplit('/').next()?).filter(|schema| schema["properties"].is_object())
}

fn nullable(property: &mut Value) {
    match property.get_mut("type") {
        Some(Value::String(single)) => property["type"] = json!([single.clone(), "null"]),
        Some(Value::Array(types)) if types.iter().any(|t| t == "null") => {}
        Some(Value::Array(types)) => types.push("null".into()),
        _ => {
            let wanted = property.take();
            *property = json!({ "anyOf": [wanted, { "type": "null" }] });
        }
    }
    if let Some(allowed) = property.get_mut("enum").and_then(Value::as_array_mut) {
        allowed.push(Value::Null);
    }
}

/// Components with a `version`: their answers have an ETag, and a created one a Location.
fn versioned_schemas(document: &Value) -> Vec<String> {
    let schemas = document["components"]["schemas"].as_object().into_iter().flatten();
    let resolved = |part: &Value| match part["$ref"].as_str() {
        Some(target) => document.pointer(target.trim_start_matches('#')).unwrap_or(&Value::Null)["properties"].clone(),
        None => part["properties"].clone(),
    };
    let has_version = |schema: &Value| {
        let parts = ["allOf", "oneOf"].into_iter().filter_map(|key| schema[key].as_array()).flatten().chain([schema]);
        parts.into_iter().any(|part| resolved(part)["version"].is_object())
    };
    schemas.filter(|(_, schema)| has_version(schema)).map(|(name, _)| format!("#/components/schemas/{name}")).collect()
}

/// A body that may be left out is written by utoipa as "the schema or null"; it is never null.
fn plain_optional_body(operation: &mut Value) {
    for (_, media) in operation["requestBody"]["content"].as_object_mut().into_iter().flatten() {
        let mut names = Vec::new();
        referenced(&media["schema"]["oneOf"], &mut names);
        if let [only] = &names[..] {
            media["schema"] = json!({ "$ref": format!("#/components/schemas/{only}") });
        }
    }
}

fn complete_operation(operation: &mut Value, versioned: &[String], used: &mut Map<String, Value>) {
    if operation.get("requestBody").is_some() {
        plain_optional_body(operation);
    }
    let statuses = problem_statuses(operation);
    if let Some(rule) = rule_of(operation) {
        operation["x-access"] = access(rule);
    }
    let cacheable = operation["responses"]["304"].is_object();
    let repeatable = has_header(operation, "Idempotency-Key");
    let paged = operation["parameters"].as_array().is_some_and(|all| all.iter().any(|p| p["name"] == "cursor"));
    let responses = &mut operation["responses"];
    for (status, response) in responses.as_object_mut().into_iter().flatten() {
        if status.starts_with('2') || status == "304" {
            let body = response["content"]["application/json"]["schema"]["$ref"].as_str();
            let versioned = body.is_some_and(|body| versioned.iter().any(|name| name == body));
            let wanted = [
                ("ETag", cacheable || versioned),
                ("Location", versioned && status == "201"),
                ("Link", paged),
                ("Idempotency-Replayed", repeatable),
            ];
            let names = wanted.into_iter().filter(|(_, wanted)| *wanted).map(|(name, _)| name);
            add_headers(response, ["X-Request-Id", "RateLimit", "RateLimit-Policy"].into_iter().chain(names));
        } else {
            let description = response["description"].as_str().unwrap_or_default().to_owned();
            *response = problem_response(status, Some(description));
        }
    }
    for status in statuses {
        if !responses[status].is_object() {
            used.entry(format!("Problem{status}")).or_insert_with(|| problem_response(status, None));
            responses[status] = json!({ "$ref": format!("#/components/responses/Problem{status}") });
        }
    }
}

fn has_header(operation: &Value, name: &str) -> bool {
    operation["parameters"].as_array().is_some_and(|all| all.iter().any(|p| p["name"] == name))
}

fn rule_of(operation: &Value) -> Option<&'static Rule> {
    access::rule(operation["operationId"].as_str()?)
}

/// Who may call the operation, as the program enforces it.
fn access(rule: &Rule) -> Value {
    let (who, roles): (&str, Vec<&str>) = match rule.who {
        Who::Anyone => ("anyone", vec![]),
        Who::Account => ("account", vec![]),
        Who::Members(roles) => ("members", roles.iter().map(<&str>::from).collect()),
        Who::Platform(roles) => ("platform", roles.iter().map(<&str>::from).collect()),
    };
    json!({ "who": who, "roles": roles, "scope": rule.scope.map(<&str>::from) })
}

/// Statuses the conventions can give, by what the operation takes.
fn problem_statuses(operation: &Value) -> Vec<&'static str> {
    let mut statuses = vec!["400", "406", "429", "503"];
    let parameters = operation["parameters"].as_array().cloned().unwrap_or_default();
    if rule_of(operation).is_some_and(|rule| rule.who != Who::Anyone || rule.scope.is_some()) {
        statuses.push("403");
    }
    // A bad token is refused even where none is needed.
    statuses.push("401");
    if operation["requestBody"].is_object() {
        statuses.extend(["408", "413", "415", "422"]);
    }
    if has_header(operation, "Idempotency-Key") {
        statuses.extend(["409", "422"]);
    }
    if has_header(operation, "If-Match") {
        statuses.extend(["412", "428"]);
    }
    if parameters.iter().any(|p| p["in"] == "path") {
        statuses.push("404");
    }
    if parameters.iter().any(|p| p["name"] == "cursor") {
        statuses.push("410");
    }
    statuses
}

fn add_headers<'n>(response: &mut Value, names: impl IntoIterator<Item = &'n str>) {
    for name in names {
        response["headers"][name] = json!({ "$ref": format!("#/components/headers/{name}") });
    }
}

fn problem_response(status: &str, description: Option<String>) -> Value {
    let title = message::text(&format!("status_{status}"), &Params::new(), Language::En);
    let status: u16 = status.parse().unwrap_or(500);
    let mut response = json!({
        "description": description.filter(|d| !d.is_empty()).unwrap_or_else(|| title.clone()),
        "content": { "application/problem+json": {
            "schema": { "$ref": "#/components/schemas/Problem" },
            "example": {
                "type": format!("urn:duijie:problem:{}", example_code(status)),
                "title": title,
                "status": status,
                "detail": message::text(example_code(status), &Params::new(), Language::En),
                "instance": "/v1/enterprises",
                "code": example_code(status),
                "request_id": "0192f0c1-7a3b-7c11-9d5e-3f1d2c4b5a69"
            }
        } }
    });
    let special = match status {
        401 => Some("WWW-Authenticate"),
        409 | 429 | 503 => Some("Retry-After"),
        _ => None,
    };
    add_headers(&mut response, ["X-Request-Id", "RateLimit", "RateLimit-Policy"].into_iter().chain(special));
    if status == 403 {
        response["headers"]["WWW-Authenticate"] = json!({ "$ref": "#/components/headers/InsufficientScope" });
    }
    response
}

fn example_code(status: u16) -> &'static str {
    match status {
        400 => "parameters_invalid",
        401 => "token_expired",
        403 => "not_owner",
        404 => "not_found",
        406 => "encoding_not_acceptable",
        408 => "body_too_slow",
        409 => "idempotency_key_in_flight",
        410 => "cursor_expired",
        412 => "version_stale",
        413 => "body_too_large",
        415 => "media_type_unsupported",
        422 => "invalid",
        428 => "if_match_required",
        429 => "rate_limited",
        503 => "busy",
        _ => "internal",
    }
}
