//! Evidence files: what is taken, who reads it, and that nothing is left behind.

use std::path::PathBuf;

use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::{Member, Request, Response, TestApp, id, together};

const PDF: &[u8] = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n";

fn path(of: &Member) -> String {
    format!("{}/files", of.enterprise_path())
}

fn upload(who: &Member, path: &str, name: &str, bytes: impl Into<Vec<u8>>) -> Request {
    let request = who.post(path).header("content-type", "application/octet-stream").body(bytes.into());
    request.header("content-disposition", format!("attachment; filename*=UTF-8''{name}"))
}

async fn put(owner: &Member, name: &str, bytes: &[u8]) -> Value {
    upload(owner, &path(owner), name, bytes).await.expect(201).json()
}

fn pdf(text: &str) -> Vec<u8> {
    [PDF, text.as_bytes()].concat()
}

fn stored(app: &TestApp) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![app.folder.path.join("files")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            if entry.path().is_dir() { folders.push(entry.path()) } else { found.push(entry.path()) }
        }
    }
    found
}

#[tokio::test]
async fn a_file_comes_back_as_it_was_to_those_it_concerns() {
    let app = TestApp::start().await;
    let (owner, stranger) = (app.member("wang").await, app.member("stranger").await);
    let place = owner.patch(&owner.enterprise_path()).if_match("*").merge_patch(json!({"region_code": "410305"}));
    place.await.expect(200);
    app.anonymous().post(&path(&owner)).body(PDF).await.problem(401, "token_required");
    upload(&stranger, &path(&owner), "x", PDF).await.problem(403, "not_owner");
    let file = put(&owner, "%E8%90%A5%E4%B8%9A%E6%89%A7%E7%85%A7.pdf", PDF).await;
    assert_eq!(
        (&file["name"], &file["type"], &file["size"]),
        (&json!("营业执照.pdf"), &json!("pdf"), &json!(PDF.len()))
    );
    let again = upload(&owner, &path(&owner), "other.pdf", PDF).await.expect(200).json();
    assert_eq!(again, file, "the same bytes are the same file");
    assert_eq!(stored(&app).len(), 1, "{:?}", stored(&app));

    let download = format!("/v1/files/{}", id(&file));
    let read = owner.get(&download).await.expect(200);
    assert_eq!(read.body, PDF);
    assert_eq!(read.header("content-type"), "application/pdf");
    assert_eq!(read.header("x-content-type-options"), "nosniff");
    assert_eq!(read.header("cache-control"), "private, no-store");
    assert!(read.header("content-security-policy").starts_with("default-src 'none'"));
    let disposition = read.header("content-disposition");
    assert!(disposition.starts_with("attachment; filename*=UTF-8''%E8%90%A5"), "{disposition}");

    // To everybody else it is as if there were none.
    let unknown = stranger.get(&format!("/v1/files/{}", Uuid::now_v7())).await.problem(404, "not_found");
    let hidden = stranger.get(&download).await.problem(404, "not_found");
    assert_eq!((&unknown["detail"], &unknown["title"]), (&hidden["detail"], &hidden["title"]));
    stranger.delete(&download).await.problem(404, "not_found");
    stranger.get(&path(&owner)).await.problem(403, "not_member");
    app.official("far", "moderator", "420000").await.get(&download).await.problem(404, "not_found");
    for role in ["admin", "moderator", "officer"] {
        app.official(role, role, "410000").await.get(&download).await.expect(200);
    }
    let reads = "SELECT count(*) FROM events WHERE type = 'file.read' AND cardinality(enterprise_ids) = 1";
    app.sequence().await;
    assert_eq!(app.database.count(reads).await, 3, "each reading by others than members is recorded");
    let moderator = app.official("near", "moderator", "410300").await;
    moderator.delete(&download).await.problem(403, "not_owner");

    assert_eq!(owner.get(&path(&owner)).await.expect(200).json()["items"], json!([file]));
    for _ in 0..2 {
        owner.delete(&download).idempotency_key("gone").await.expect(204);
    }
    owner.get(&download).await.problem(404, "not_found");
    assert!(stored(&app).is_empty());
}

#[tokio::test]
async fn only_what_the_bytes_say_counts() {
    let app = TestApp::start().await;
    let owner = app.member("wang").await;
    let refused: Vec<&[u8]> = vec![
        b"<html><script>alert(1)</script></html>",
        b"MZ\x90\0\x03\0\0\0\x04\0\0\0",
        b"PK\x03\x04aaaaaaaaaaaa",
        b"%PD",
        b"",
    ];
    for bytes in refused {
        let request = upload(&owner, &path(&owner), "licence.pdf", bytes);
        request.await.problem(415, "file_type_unsupported");
    }
    let png = [b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".as_slice(), b"....."].concat();
    let file = put(&owner, "..%2F..%2Fetc%2Fpasswd.html", &png).await;
    assert_eq!((&file["type"], &file["name"]), (&json!("png"), &json!("passwd.html.png")));
    assert_eq!(owner.get(&format!("/v1/files/{}", id(&file))).await.expect(200).header("content-type"), "image/png");
    let zipped = upload(&owner, &path(&owner), "a.pdf", PDF).header("content-encoding", "gzip");
    zipped.await.problem(415, "content_encoding_unsupported");
    assert_eq!(stored(&app).len(), 1, "what was refused is gone: {:?}", stored(&app));
    let folder = app.folder.path.join("files").join(owner.enterprise_id().to_string());
    assert_eq!(stored(&app), [folder.join(id(&file).to_string())], "no name becomes a path");
}

#[tokio::test]
async fn size_and_room_are_bounded() {
    let app = TestApp::builder().set("DUIJIE_FILES_QUOTA_MB", "1").start().await;
    let owner = app.member("wang").await;
    let large = pdf(&"x".repeat(10 << 20));
    upload(&owner, &path(&owner), "a.pdf", large.clone()).await.problem(413, "file_too_large");
    // Without a length it is refused when too much has come.
    let chunks: Vec<Result<Vec<u8>, std::io::Error>> = large.chunks(1 << 16).map(|chunk| Ok(chunk.to_vec())).collect();
    let stream = reqwest_stream(chunks);
    let request = owner.post(&path(&owner)).header("content-type", "application/octet-stream").body(stream);
    request.await.problem(413, "file_too_large");
    let too_much = pdf(&"y".repeat(1 << 20));
    upload(&owner, &path(&owner), "a.pdf", too_much).await.problem(409, "file_quota_reached");
    // Room for one of them: of several at once one is taken.
    let half = |i: u8| [PDF, vec![i; 600 << 10].as_slice()].concat();
    let target = path(&owner);
    let answers = together((0..4).map(|i| upload(&owner, &target, "a.pdf", half(i)))).await;
    let mut statuses: Vec<u16> = answers.iter().map(|answer: &Response| answer.status).collect();
    statuses.sort();
    assert_eq!(statuses, [201, 409, 409, 409]);
    assert_eq!(stored(&app).len(), 1, "{:?}", stored(&app));
}

fn reqwest_stream(chunks: Vec<Result<Vec<u8>, std::io::Error>>) -> reqwest::Body {
    reqwest::Body::wrap_stream(futures_util::stream::iter(chunks))
}

#[tokio::test]
async fn what_nothing_refers_to_is_swept() {
    let app = TestApp::start().await;
    let owner = app.member("wang").await;
    let (old, used, fresh) = (
        put(&owner, "a.pdf", &pdf("1")).await,
        put(&owner, "b.pdf", &pdf("2")).await,
        put(&owner, "c.pdf", &pdf("3")).await,
    );
    let application = json!({"method": "licence", "evidence": [id(&used)]});
    owner.post(&format!("{}/verifications", owner.enterprise_path())).json(application).await.expect(201);
    owner.delete(&format!("/v1/files/{}", id(&used))).await.problem(409, "file_in_use");
    let age = |file: &Value| {
        format!("UPDATE evidence_files SET created_at = now() - interval '8 d' WHERE id = '{}'", id(file))
    };
    app.database.execute(&age(&old)).await;
    app.database.execute(&age(&used)).await;
    // Bytes of an upload whose process died, old and new.
    let folder = app.folder.path.join("files").join(owner.enterprise_id().to_string());
    let (stray, under_way) = (folder.join(Uuid::now_v7().to_string()), folder.join(Uuid::now_v7().to_string()));
    for stray in [&stray, &under_way] {
        std::fs::write(stray, PDF).unwrap();
    }
    let past = std::time::SystemTime::now() - std::time::Duration::from_secs(7200);
    std::fs::File::options().write(true).open(&stray).unwrap().set_modified(past).unwrap();
    assert_eq!(app.inner().sweep_files().await.unwrap(), 2);
    let mut kept = [folder.join(id(&used).to_string()), folder.join(id(&fresh).to_string()), under_way];
    kept.sort();
    let mut left = stored(&app);
    left.sort();
    assert_eq!(left, kept);
    owner.get(&format!("/v1/files/{}", id(&old))).await.problem(404, "not_found");
    assert_eq!(app.inner().sweep_files().await.unwrap(), 0);
}
