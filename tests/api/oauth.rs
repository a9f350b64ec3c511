//! `/v1/oauth`: people agree, apps exchange codes and refresh, and both take it back.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use duijie::app::tokens::{self, Bearer};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::market::{need, with};
use crate::support::{Client, Member, Pkce, Request, TestApp, faults, form, id, together};

const AUTHORIZATIONS: &str = "/v1/accounts/me/authorizations";

fn text(value: &Value, name: &str) -> String {
    value[name].as_str().unwrap_or_else(|| panic!("no {name} in {value}")).to_owned()
}

fn caller(app: &TestApp, tokens: &Value) -> Client {
    app.anonymous().with_token(&text(tokens, "access_token"))
}

fn refresh(app: &TestApp, client: &Value, token: &str) -> Request {
    let client_id = id(client).to_string();
    let fields = [("grant_type", "refresh_token"), ("client_id", client_id.as_str()), ("refresh_token", token)];
    form(app.anonymous().post("/v1/oauth/token"), &fields)
}

/// A person who agreed to a public app, and what it got.
async fn agreed(app: &TestApp, person: &Member, owner: &Member, changes: Value) -> (Value, Value) {
    let client = owner.register(json!({"public": true})).await;
    let pkce = Pkce::new();
    let code = person.agree(&client, &pkce, changes).await;
    let tokens = app.exchange(&client, None, &code, &pkce.verifier).await.expect(200).json();
    (client, tokens)
}

/// What a token says of itself.
fn claims(token: &str) -> Value {
    let payload = URL_SAFE_NO_PAD.decode(token.split('.').nth(1).unwrap()).unwrap();
    serde_json::from_slice(&payload).unwrap()
}

#[tokio::test]
async fn a_token_of_an_app_says_whose_it_is_and_for_what_and_holds_for_no_more() {
    let app = TestApp::start().await;
    let (owner, person) = (app.verified("owner").await, app.member("person").await);
    let own = claims(person.access_token());
    assert!(own.get("client_id").is_none() && own.get("scope").is_none(), "{own}");
    let (client, tokens) = agreed(&app, &person, &owner, json!({})).await;
    let said = claims(&text(&tokens, "access_token"));
    assert_eq!((&said["client_id"], &said["scope"]), (&json!(id(&client)), &tokens["scope"]));
    assert_eq!(said["sub"], json!(person.account_id));
    caller(&app, &tokens).get("/v1/listings?q=x").await.expect(200);

    // One of fewer scopes is asked for: it holds for these alone, and the next one for all again.
    let client_id = id(&client).to_string();
    let refresh_token = text(&tokens, "refresh_token");
    let fields = [
        ("grant_type", "refresh_token"),
        ("client_id", &client_id),
        ("refresh_token", &refresh_token),
        ("scope", "enterprises:read"),
    ];
    let narrow = form(app.anonymous().post("/v1/oauth/token"), &fields).await.expect(200).json();
    assert_eq!(
        (&narrow["scope"], &claims(&text(&narrow, "access_token"))["scope"]),
        (&json!("enterprises:read"), &json!("enterprises:read"))
    );
    caller(&app, &narrow).get("/v1/enterprises").await.expect(200);
    caller(&app, &narrow).get("/v1/listings?q=x").await.problem(403, "insufficient_scope");
    let next = refresh(&app, &client, &text(&narrow, "refresh_token")).await.expect(200).json();
    assert_eq!(next["scope"], tokens["scope"]);

    // Signed by the installation, and still neither a person's nor another app's: as no code of it would make them.
    let session = claims(&text(&next, "access_token"))["sid"].as_str().unwrap().parse().unwrap();
    let bearer = |client| Bearer { account_id: person.account_id, session_id: session, client };
    let of = |app_id, scopes: &str| {
        Some(tokens::Client { app_id, scopes: scopes.split(' ').map(|s| s.parse().unwrap()).collect() })
    };
    let issued = |bearer: Bearer| {
        let lifetime = std::time::Duration::from_secs(600);
        app.anonymous().with_token(&tokens::issue(&app.inner().keys(), &bearer, chrono::Utc::now(), lifetime).unwrap())
    };
    let genuine = issued(bearer(of(id(&client), "listings:read listings:write")));
    genuine.get("/v1/listings?q=x").await.expect(200);
    genuine.post("/v1/listings").json(need()).await.problem(403, "insufficient_scope");
    issued(bearer(None)).get("/v1/listings?q=x").await.problem(401, "token_invalid");
    issued(bearer(of(Uuid::now_v7(), "listings:read"))).get("/v1/listings?q=x").await.problem(401, "token_invalid");
    let own = Bearer { client: of(id(&client), "listings:read"), ..crate::sessions::caller_of_session(&person) };
    issued(own).get("/v1/listings?q=x").await.problem(401, "token_invalid");
}

#[tokio::test]
async fn strangers_agree_only_to_what_somebody_verified_answers_for() {
    let app = TestApp::start().await;
    let (owner, person) = (app.member("owner").await, app.member("person").await);
    let client = owner.register(json!({})).await;
    let query = format!("client_id={}&redirect_uri=https://erp.example/callback&scope=listings:read", id(&client));
    let preview = format!("/v1/oauth/authorizations/preview?{query}");
    let input = json!({"client_id": id(&client), "redirect_uri": "https://erp.example/callback", "scope": "listings:read",
        "code_challenge": Pkce::new().challenge, "code_challenge_method": "S256"});
    let agree = |who: &Member| who.post("/v1/oauth/authorizations").json(input.clone());
    person.get(&preview).await.problem(409, "app_enterprise_unverified");
    agree(&person).await.problem(409, "app_enterprise_unverified");
    owner.get(&preview).await.expect(200);
    agree(&owner).await.expect(201);
    let standing =
        |status: &str| format!("UPDATE enterprises SET status = '{status}' WHERE id = '{}'", owner.enterprise_id());
    app.database.execute(&standing("verified")).await;
    person.get(&preview).await.expect(200);
    agree(&person).await.expect(201);
    app.database.execute(&standing("suspended")).await;
    agree(&person).await.problem(409, "app_enterprise_unverified");
}

#[tokio::test]
async fn a_person_lets_an_app_act_for_them_and_takes_it_back() {
    let app = TestApp::start().await;
    let (owner, person) = (app.verified("owner").await, app.member("person").await);
    let client = owner.register(json!({})).await;
    let key = owner.key(&client, json!({})).await;
    let query = format!(
        "client_id={}&redirect_uri=https://erp.example/callback&scope=enterprises:read%20listings:read",
        id(&client)
    );
    let asked =
        person.get(&format!("/v1/oauth/authorizations/preview?{query}")).language("en").await.expect(200).json();
    assert_eq!(asked["app"]["name"], "仓库同步");
    assert_eq!(asked["app"]["owner"]["enterprise_id"], json!(owner.enterprise_id()));
    let words: Vec<&str> =
        asked["scopes"].as_array().unwrap().iter().map(|scope| scope["label"].as_str().unwrap()).collect();
    assert_eq!(words, ["Read listings", "Read enterprises"]);

    let pkce = Pkce::new();
    let code = person.agree(&client, &pkce, json!({})).await;
    let given = app.exchange(&client, Some(&key), &code, &pkce.verifier).await.expect(200);
    assert_eq!(given.header("cache-control"), "no-store");
    let tokens = given.json();
    assert_eq!(tokens["scope"], "listings:read enterprises:read");
    let caller = caller(&app, &tokens);
    let own = caller.get("/v1/enterprises").await.expect(200).json();
    assert_eq!(own["items"][0]["id"], json!(person.enterprise_id()), "it acts as the person");
    caller.post("/v1/listings").json(need()).await.problem(403, "insufficient_scope");
    for (method, path) in
        [("GET", "/v1/accounts/me"), ("DELETE", "/v1/sessions/current"), ("GET", AUTHORIZATIONS), ("GET", "/v1/apps")]
    {
        caller.request(method, path).await.problem(403, "no_app");
    }

    let listed = person.get(AUTHORIZATIONS).await.expect(200).json();
    assert_eq!(listed["items"].as_array().unwrap().len(), 1, "{listed}");
    assert_eq!(listed["items"][0]["app"]["client_id"], json!(id(&client)));
    let one = format!("{AUTHORIZATIONS}/{}", id(&listed["items"][0]));
    owner.delete(&one).await.problem(404, "not_found");
    caller.get("/v1/enterprises").await.expect(200);
    person.delete(&one).await.expect(204);
    caller.get("/v1/enterprises").await.problem(401, "session_ended");
    let client_id = id(&client).to_string();
    let fields = [
        ("grant_type", "refresh_token"),
        ("client_id", client_id.as_str()),
        ("client_secret", key["key"].as_str().unwrap()),
    ];
    let token = text(&tokens, "refresh_token");
    let problem =
        form(app.anonymous().post("/v1/oauth/token"), &[&fields[..], &[("refresh_token", token.as_str())]].concat())
            .await;
    assert_eq!(problem.problem(400, "refresh_token_invalid")["error"], "invalid_grant");
    person.delete(&one).await.problem(404, "not_found");
    assert_eq!(person.get(AUTHORIZATIONS).await.expect(200).json()["items"], json!([]));
    person.get("/v1/accounts/me").await.expect(200);
}

#[tokio::test]
async fn what_is_asked_is_checked_before_anybody_is_sent_anywhere() {
    let app = TestApp::start().await;
    let owner = app.verified("owner").await;
    let client = owner.register(json!({})).await;
    let input = json!({"client_id": id(&client), "redirect_uri": "https://erp.example/callback", "scope": "listings:read",
        "code_challenge": Pkce::new().challenge, "code_challenge_method": "S256"});
    for (change, place, code) in [
        (json!({"client_id": uuid::Uuid::now_v7()}), "/client_id", "app_unknown"),
        (json!({"redirect_uri": "https://erp.example/callback/"}), "/redirect_uri", "redirect_uri_differs"),
        (json!({"redirect_uri": "https://evil.example/callback"}), "/redirect_uri", "redirect_uri_differs"),
        (json!({"scope": "listings:read nonsense"}), "/scope", "scope_unknown"),
        (json!({"scope": "matches:read"}), "/scope", "scope_not_of_app"),
        (json!({"scope": " "}), "/scope", "required"),
        // No way around PKCE.
        (json!({"code_challenge_method": "plain"}), "/code_challenge_method", "pattern"),
        (json!({"code_challenge_method": null}), "/code_challenge_method", "wrong_type"),
        (json!({"code_challenge": null}), "/code_challenge", "wrong_type"),
        (json!({"code_challenge": "short"}), "/code_challenge", "too_short"),
    ] {
        let mut asked = input.clone();
        asked.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        let problem = owner.post("/v1/oauth/authorizations").json(asked).await.problem(422, "invalid");
        let (found, wanted) = (faults(&problem), (place.to_owned(), code.to_owned()));
        assert!(found.contains(&wanted), "{change}: {found:?}");
    }
    for name in ["code_challenge", "code_challenge_method"] {
        let mut asked = input.clone();
        asked.as_object_mut().unwrap().remove(name);
        let problem = owner.post("/v1/oauth/authorizations").json(asked).await.problem(422, "invalid");
        assert_eq!(faults(&problem), [(format!("/{name}"), "required".to_owned())]);
    }
    let query = format!("client_id={}&redirect_uri=https://evil.example/&scope=nonsense", id(&client));
    let problem =
        owner.get(&format!("/v1/oauth/authorizations/preview?{query}")).await.problem(400, "parameters_invalid");
    assert_eq!(faults(&problem).len(), 2, "{problem}");
    let other = app.member("other").await;
    let foreign = with(&input, json!({"enterprise_id": other.enterprise_id()}));
    owner.post("/v1/oauth/authorizations").json(foreign).await.problem(403, "not_member");
    app.anonymous().post("/v1/oauth/authorizations").json(input.clone()).await.problem(401, "token_required");
    let key = owner.key(&client, json!({})).await;
    let itself = app.anonymous().with_token(&app.app_token(&client, &key, &[]).await);
    itself.post("/v1/oauth/authorizations").json(input).await.problem(403, "no_app");
    assert_eq!(app.database.count("SELECT count(*) FROM authorization_codes").await, 0);
}

#[tokio::test]
async fn a_code_is_bound_to_app_address_and_verifier_and_lives_a_minute() {
    let app = TestApp::start().await;
    let owner = app.verified("owner").await;
    let (client, other) =
        (owner.register(json!({"public": true})).await, owner.register(json!({"public": true})).await);
    let pkce = Pkce::new();
    let code = owner.agree(&client, &pkce, json!({})).await;
    let name = id(&client).to_string();
    let ask = |address: &str, verifier: &str| {
        let fields = [
            ("grant_type", "authorization_code"),
            ("client_id", name.as_str()),
            ("code", code.as_str()),
            ("redirect_uri", address),
            ("code_verifier", verifier),
        ];
        form(app.anonymous().post("/v1/oauth/token"), &fields)
    };
    let callback = "https://erp.example/callback";
    app.exchange(&other, None, &code, &pkce.verifier).await.problem(400, "code_invalid");
    ask("https://erp.example/other", &pkce.verifier).await.problem(400, "redirect_uri_differs");
    ask(callback, &Pkce::new().verifier).await.problem(400, "code_verifier_wrong");
    // The challenge itself is no verifier: that would be the method "plain".
    ask(callback, &pkce.challenge).await.problem(400, "code_verifier_wrong");
    ask(callback, "").await.problem(400, "token_request_invalid");
    app.exchange(&client, None, "nonsense", &pkce.verifier).await.problem(400, "code_invalid");
    app.database.execute("UPDATE authorization_codes SET expires_at = now()").await;
    ask(callback, &pkce.verifier).await.problem(400, "code_invalid");
    app.database.execute("UPDATE authorization_codes SET expires_at = now() + interval '60 seconds'").await;
    ask(callback, &pkce.verifier).await.expect(200);
    let dump = app.database.value("SELECT string_agg(t::text, ' ') FROM authorization_codes t").await;
    assert!(!dump.contains(&code), "only its hash is kept");

    // A confidential app has to show its key.
    let confidential = owner.register(json!({})).await;
    let (pkce, key) = (Pkce::new(), owner.key(&confidential, json!({})).await);
    let code = owner.agree(&confidential, &pkce, json!({})).await;
    app.exchange(&confidential, None, &code, &pkce.verifier).await.problem(401, "client_invalid");
    app.exchange(&confidential, Some(&key), &code, &pkce.verifier).await.expect(200);
}

#[tokio::test]
async fn a_code_used_again_revokes_what_it_gave() {
    let app = TestApp::start().await;
    let owner = app.verified("owner").await;
    let client = owner.register(json!({"public": true})).await;
    let pkce = Pkce::new();
    let code = owner.agree(&client, &pkce, json!({})).await;
    let tokens = app.exchange(&client, None, &code, &pkce.verifier).await.expect(200).json();
    let caller = caller(&app, &tokens);
    caller.get("/v1/enterprises").await.expect(200);
    let problem = app.exchange(&client, None, &code, &pkce.verifier).await.problem(400, "code_reused");
    assert_eq!(problem["error"], "invalid_grant");
    caller.get("/v1/enterprises").await.problem(401, "session_ended");
    refresh(&app, &client, &text(&tokens, "refresh_token")).await.problem(400, "refresh_token_invalid");
}

#[tokio::test]
async fn parallel_exchanges_of_one_code_give_one_token() {
    let app = TestApp::start().await;
    let owner = app.verified("owner").await;
    let client = owner.register(json!({"public": true})).await;
    let pkce = Pkce::new();
    let code = owner.agree(&client, &pkce, json!({})).await;
    let answers = together((0..10).map(|_| app.exchange(&client, None, &code, &pkce.verifier))).await;
    let given = answers.iter().filter(|answer| answer.status == 200).count();
    assert_eq!(given, 1);
    answers
        .into_iter()
        .filter(|answer| answer.status != 200)
        .for_each(|answer| drop(answer.problem(400, "code_reused")));
    assert_eq!(app.database.count("SELECT count(*) FROM sessions WHERE app_id IS NOT NULL").await, 1);
}

#[tokio::test]
async fn refresh_tokens_of_apps_rotate_and_belong_to_their_app() {
    let app = TestApp::start().await;
    let owner = app.verified("owner").await;
    let (client, tokens) = agreed(&app, &owner, &owner, json!({})).await;
    let other = owner.register(json!({"public": true})).await;
    let first = text(&tokens, "refresh_token");
    refresh(&app, &other, &first).await.problem(400, "refresh_token_invalid");
    // Neither kind of token goes where the other belongs.
    app.anonymous()
        .post("/v1/sessions/refresh")
        .json(json!({"refresh_token": first}))
        .await
        .problem(401, "refresh_token_invalid");
    refresh(&app, &client, owner.refresh_token()).await.problem(400, "refresh_token_invalid");

    let answers = together((0..10).map(|_| refresh(&app, &client, &first))).await;
    let mut successors: Vec<String> =
        answers.into_iter().map(|answer| text(&answer.expect(200).json(), "refresh_token")).collect();
    successors.dedup();
    assert_eq!(successors.len(), 1, "ten uses leave one successor");
    let third = refresh(&app, &client, &successors[0]).await.expect(200).json();
    caller(&app, &third).get("/v1/enterprises").await.expect(200);
    refresh(&app, &client, &first).await.problem(400, "refresh_token_reused");
    caller(&app, &third).get("/v1/enterprises").await.problem(401, "session_ended");
    refresh(&app, &client, &text(&third, "refresh_token")).await.problem(400, "refresh_token_invalid");
    owner.get("/v1/accounts/me").await.expect(200);
}

#[tokio::test]
async fn an_agreement_for_one_enterprise_is_no_agreement_for_another() {
    let app = TestApp::start().await;
    let (owner, person) = (app.verified("owner").await, app.member("person").await);
    let second = person.claim(&crate::support::uscc::next()).await;
    let scope = "listings:read listings:write enterprises:read";
    let only = json!({"enterprise_id": person.enterprise_id(), "scope": scope});
    let (client, tokens) = agreed(&app, &person, &owner, only.clone()).await;
    let delegate = caller(&app, &tokens);
    let own = delegate.get("/v1/enterprises").await.expect(200).json();
    let ids: Vec<&Value> = own["items"].as_array().unwrap().iter().map(|one| &one["id"]).collect();
    assert_eq!(ids, [&json!(person.enterprise_id())]);
    let post = async |enterprise: uuid::Uuid| {
        delegate.post("/v1/listings").json(with(&need(), json!({"enterprise_id": enterprise}))).await
    };
    post(person.enterprise_id()).await.expect(201);
    post(id(&second)).await.problem(403, "not_trader");
    // An owner's app is a trader at most.
    let wide = owner.register(json!({"public": true, "scopes": ["enterprises:write"]})).await;
    let pkce = Pkce::new();
    let code = person
        .agree(&wide, &pkce, json!({"enterprise_id": person.enterprise_id(), "scope": "enterprises:write"}))
        .await;
    let manager = app.exchange(&wide, None, &code, &pkce.verifier).await.expect(200).json();
    let change = caller(&app, &manager)
        .patch(&person.enterprise_path())
        .if_match("*")
        .merge_patch(json!({"employees": 5}))
        .await;
    change.problem(403, "not_owner");

    // It ends with the role of who agreed, and comes back only with another agreement.
    let role =
        |role: &str| format!("UPDATE memberships SET role = '{role}' WHERE account_id = '{}'", person.account_id);
    app.database.execute(&role("viewer")).await;
    delegate.get("/v1/enterprises").await.problem(401, "session_ended");
    let pkce = Pkce::new();
    let code = person.agree(&client, &pkce, only).await;
    let lesser = app.exchange(&client, None, &code, &pkce.verifier).await.expect(200).json();
    let lesser = caller(&app, &lesser);
    lesser.get("/v1/enterprises").await.expect(200);
    lesser
        .post("/v1/listings")
        .json(with(&need(), json!({"enterprise_id": person.enterprise_id()})))
        .await
        .problem(403, "not_trader");
    app.database.execute(&format!("DELETE FROM memberships WHERE account_id = '{}'", person.account_id)).await;
    lesser.get("/v1/enterprises").await.problem(401, "session_ended");
}

#[tokio::test]
async fn agreeing_again_replaces_what_was_agreed_to() {
    let app = TestApp::start().await;
    let owner = app.verified("owner").await;
    let (client, tokens) = agreed(&app, &owner, &owner, json!({})).await;
    caller(&app, &tokens).get("/v1/listings?q=x").await.expect(200);
    owner.agree(&client, &Pkce::new(), json!({"scope": "enterprises:read"})).await;
    caller(&app, &tokens).get("/v1/listings?q=x").await.problem(403, "insufficient_scope");
    let listed = owner.get(AUTHORIZATIONS).await.expect(200).json();
    assert_eq!(listed["items"].as_array().unwrap().len(), 1);
    assert_eq!(listed["items"][0]["scopes"], json!(["enterprises:read"]));
    let pkce = Pkce::new();
    let consents = (0..6).map(|_| {
        let input = json!({"client_id": id(&client), "redirect_uri": "https://erp.example/callback", "scope": "listings:read",
            "code_challenge": pkce.challenge, "code_challenge_method": "S256", "enterprise_id": owner.enterprise_id()});
        owner.post("/v1/oauth/authorizations").json(input)
    });
    together(consents).await.into_iter().for_each(|answer| drop(answer.expect(201)));
    let listed = owner.get(&format!("{AUTHORIZATIONS}?limit=1")).await.expect(200).json();
    let cursor = text(&listed, "next_cursor");
    let rest = owner.get(&format!("{AUTHORIZATIONS}?limit=1&cursor={cursor}")).await.expect(200).json();
    assert!(rest["items"].as_array().unwrap().len() == 1 && rest.get("next_cursor").is_none(), "{rest}");
}

#[tokio::test]
async fn a_disabled_person_has_no_apps() {
    let app = TestApp::start().await;
    let (owner, person) = (app.verified("owner").await, app.member("person").await);
    let (_, everywhere) = agreed(&app, &person, &owner, json!({})).await;
    let (_, there) = agreed(&app, &person, &owner, json!({"enterprise_id": person.enterprise_id()})).await;
    let disable = format!("UPDATE accounts SET status = 'disabled' WHERE id = '{}'", person.account_id);
    app.database.execute(&disable).await;
    caller(&app, &everywhere).get("/v1/enterprises").await.problem(401, "session_ended");
    caller(&app, &there).get("/v1/enterprises").await.problem(401, "session_ended");
}

#[tokio::test]
async fn an_app_gives_tokens_back() {
    let app = TestApp::start().await;
    let owner = app.verified("owner").await;
    let (client, tokens) = agreed(&app, &owner, &owner, json!({})).await;
    let other = owner.register(json!({"public": true})).await;
    let revoke = async |client: &Value, token: &str| {
        let client_id = id(client).to_string();
        form(app.anonymous().post("/v1/oauth/revoke"), &[("client_id", client_id.as_str()), ("token", token)]).await
    };
    revoke(&client, "nonsense").await.expect(200);
    revoke(&other, &text(&tokens, "refresh_token")).await.expect(200);
    revoke(&client, owner.access_token()).await.expect(200);
    caller(&app, &tokens).get("/v1/enterprises").await.expect(200);
    owner.get("/v1/accounts/me").await.expect(200);
    revoke(&client, &text(&tokens, "access_token")).await.expect(200);
    caller(&app, &tokens).get("/v1/enterprises").await.problem(401, "session_ended");
    refresh(&app, &client, &text(&tokens, "refresh_token")).await.problem(400, "refresh_token_invalid");
    form(app.anonymous().post("/v1/oauth/revoke"), &[("token", "x")]).await.problem(401, "client_invalid");
}

#[tokio::test]
async fn clients_read_how_it_is_done() {
    let app = TestApp::builder().set("DUIJIE_PUBLIC_URL", "https://duijie.example").start().await;
    let server = app.anonymous().get("/.well-known/oauth-authorization-server").await.expect(200).json();
    assert_eq!(server["issuer"], "https://duijie.example");
    assert_eq!(server["token_endpoint"], "https://duijie.example/v1/oauth/token");
    assert_eq!(server["code_challenge_methods_supported"], json!(["S256"]));
    assert!(server["scopes_supported"].as_array().unwrap().contains(&json!("listings:read")));
}
