//! Ids of another tenant's things in queries and bodies tell no more than unknown ones.

use serde_json::json;
use uuid::Uuid;

use super::told;
use super::world::World;
use crate::support::TestApp;

#[tokio::test]
async fn what_is_named_in_queries_and_bodies_is_as_unknown_as_in_paths() {
    let app = TestApp::builder().set("DUIJIE_MODERATION", "verified_first").start().await;
    let world = World::build(&app).await;
    let stranger = app.member("stranger").await;
    let own = stranger.enterprise_path();
    let nobody = Uuid::now_v7();
    for list in ["/v1/bundles", "/v1/matches", "/v1/contact-requests"] {
        let of = async |id: Uuid| stranger.get(&format!("{list}?listing_id={id}")).await;
        let (known, unknown) = (of(world.hidden).await, of(nobody).await);
        assert_eq!(told(&known, &world.hidden.to_string()), told(&unknown, &nobody.to_string()), "{list}");
    }
    for (path, theirs) in [("verifications", world.file), ("credentials", world.file), ("transfer", world.person)] {
        let body = |id: Uuid| match path {
            "verifications" => json!({"method": "licence", "evidence": [id]}),
            "credentials" => json!({"scheme": "iso9001", "number": "1", "issuer": "x", "evidence": [id]}),
            _ => json!({"account_id": id}),
        };
        let with = async |id: Uuid| stranger.post(&format!("{own}/{path}")).json(body(id)).await;
        let (known, unknown) = (with(theirs).await, with(nobody).await);
        assert_eq!(known.status, 422, "{}", known.shown());
        assert_eq!(told(&known, &theirs.to_string()), told(&unknown, &nobody.to_string()), "{path}");
    }
}
