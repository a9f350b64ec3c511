use super::measures::{measure, randomisation_p, wins_ties_losses};
use super::*;
use crate::domain::shipped;
use std::sync::LazyLock;

static KNOWLEDGE: LazyLock<Knowledge> = LazyLock::new(|| Knowledge::new(shipped::reference().unwrap()));

fn near(a: f64, b: f64) -> bool {
    (a - b).abs() < 1e-9
}

#[test]
fn who_finds_nothing_gains_nothing() {
    assert!(measure(&[], &[2]).unwrap().ndcg_at_10.is_sign_positive());
}

#[test]
fn the_measures_are_those_computed_by_hand() {
    // Gains 3, 0, 1 at discounts 1, log2 3, 2; ideal 7, 3, 1.
    let found = measure(&[2, 0, 1], &[3, 2, 1, 0]).unwrap();
    let (dcg, ideal) = (3.0 + 1.0 / 2.0, 7.0 + 3.0 / 3_f64.log2() + 1.0 / 2.0);
    assert!(near(found.ndcg_at_10, dcg / ideal), "{found:?}");
    assert!(near(found.mrr, 1.0) && near(found.recall_at_100, 2.0 / 3.0));

    let late = measure(&[0, 0, 0, 1], &[1]).unwrap();
    assert!(near(late.mrr, 0.25) && near(late.ndcg_at_10, 1.0 / 5_f64.log2()) && near(late.recall_at_100, 1.0));

    let mut eleventh = vec![0; 10];
    eleventh.push(1);
    let beyond = measure(&eleventh, &[1, 1]).unwrap();
    assert!(near(beyond.ndcg_at_10, 0.0) && near(beyond.mrr, 1.0 / 11.0) && near(beyond.recall_at_100, 0.5));

    let mut hundredth = vec![0; 100];
    hundredth.push(1);
    assert!(near(measure(&hundredth, &[1]).unwrap().recall_at_100, 0.0));
    assert_eq!(measure(&[], &[2]).unwrap(), Measures::default());
    assert_eq!(measure(&[0], &[0]), None);
}

#[test]
fn a_difference_is_significant_or_not() {
    assert_eq!(wins_ties_losses(&[0.2, 0.0, -0.1, 0.3]), (2, 1, 1));
    assert!(near(randomisation_p(&[0.0; 8]), 1.0));
    // Of 1,024 signs two are as far: 2 / 1024.
    let sure = randomisation_p(&[0.1; 10]);
    assert!((sure - 2.0 / 1024.0).abs() < 0.002, "{sure}");
    assert!(randomisation_p(&[0.1, -0.1, 0.2, -0.2]) > 0.9);
    assert!(near(randomisation_p(&[0.1; 10]), sure));
}

#[test]
fn the_baseline_cuts_chinese_into_characters_and_pairs() {
    assert_eq!(bm25::terms("医用口罩"), ["医", "用", "口", "罩", "医用", "用口", "口罩"]);
    assert_eq!(bm25::terms("The ＫＮ９５ masks, 口罩"), ["kn95", "mask", "口", "罩", "口罩"]);
}

#[test]
fn the_baseline_scores_as_lucene_does() {
    let documents = texts("d", "a\tred mask\nb\tred red glove\nc\tgown".as_bytes(), &KNOWLEDGE.reference.categories);
    let query = texts("q", b"1\tred", &KNOWLEDGE.reference.categories).unwrap().texts.remove(0);
    let ranked = Bm25::new(&documents.unwrap().texts).rank(&query);
    let idf = (1.0 + (3.0 - 2.0 + 0.5) / (2.0 + 0.5_f64)).ln();
    let score = |count: f64, length: f64| idf * count / (count + 0.9 * (0.7 + 0.3 * length / 2.0));
    let expected = [(1, score(2.0, 3.0)), (0, score(1.0, 2.0))];
    assert_eq!(ranked.len(), 2);
    assert!(
        ranked.iter().zip(expected).all(|(r, (document, s))| r.document == document && near(r.score, s)),
        "{ranked:?}"
    );
}

#[test]
fn faults_of_a_file_name_the_line_and_what_is_wrong() {
    let categories = &KNOWLEDGE.reference.categories;
    let told = |content: &str| match texts("f", content.as_bytes(), categories) {
        Ok(read) => panic!("{read:?}"),
        Err(faults) => faults.iter().map(Fault::to_string).collect::<Vec<_>>().join("\n"),
    };
    assert!(told("").contains("f: there is no text"));
    assert_eq!(told("a\tone\n\nb"), "f:3: no tab between id and text");
    assert!(told("a\tone\na\ttwo").starts_with("f:2: the id a is that of line 1 too"));
    assert!(told("{\"id\": 1}").contains("neither `title` nor `text`"));
    assert!(told("{\"id\": 1, \"text\": \"x\", \"side\": \"buy\"}").contains("`side` is \"buy\""));
    assert!(told("{\"id\": 1, \"text\": \"x\", \"category\": \"nothing\"}").contains("no category \"nothing\""));
    assert!(told("{\"id\": 1, \"text\": \"x\"}\n{").starts_with("f:2: no JSON"));
    assert!(told("{\"id\": \"a b\", \"text\": \"x\"}").contains("space"));

    let told = |content: &str| match judgements("r", content.as_bytes()) {
        Ok(read) => panic!("{read:?}"),
        Err(faults) => faults.iter().map(Fault::to_string).collect::<Vec<_>>().join("\n"),
    };
    assert_eq!(told("q 0 d x"), "r:1: the grade \"x\" is no whole number");
    assert!(told("q 0").starts_with("r:1: 2 columns"));
    assert!(told("q 0 d 1\nq 0 d 2").contains("judged 1 and 2"));
    assert!(told("q 0 d 99").contains("above"));
}

#[test]
fn the_usual_forms_of_files_are_read() {
    let categories = &KNOWLEDGE.reference.categories;
    let beir = "{\"_id\": \"d1\", \"title\": \"Mask\", \"text\": \"box of 50\", \"metadata\": {}}";
    let read = texts("f", beir.as_bytes(), categories).unwrap();
    let text = &read.texts[0];
    assert_eq!((text.id.as_str(), text.title.as_str(), text.description.as_deref()), ("d1", "Mask", Some("box of 50")));
    assert!(read.unused.contains("metadata") && text.language == "en");
    let (_, _, errors) = encoding_rs::GB18030.encode("1\t口罩");
    assert!(!errors);
    let chinese = encoding_rs::GB18030.encode("1\t口罩").0;
    assert_eq!(texts("f", &chinese, categories).unwrap().texts[0].language, "zh-CN");
    let judged = judgements("r", b"query-id\tcorpus-id\tscore\nq\td\t2\nq\te\t-1").unwrap();
    assert_eq!((judged["q"]["d"], judged["q"]["e"]), (2, 0));
}

/// Invented for this test.
const DOCUMENTS: &str = r#"{"id": "a", "title": "KN95口罩 现货", "side": "offer"}
{"id": "b", "title": "Surgical masks, 50 pcs/box", "side": "offer"}
{"id": "c", "title": "丁腈手套", "side": "offer"}
{"id": "d", "title": "Nitrile gloves, powder free", "side": "offer"}
{"id": "e", "title": "熔喷布 25克", "side": "offer"}
{"id": "f", "title": "Forklift truck, 3 t", "side": "offer"}"#;
const QUERIES: &str = "1\tKN95 respirator\n2\t医用外科口罩\n3\tnitrile gloves\n4\tmeltblown fabric";
const JUDGED: &str = "1 0 a 3\n1 0 b 1\n2 0 b 3\n3 0 c 3\n3 0 d 3\n4 0 e 2\n4 0 gone 1";

fn collection() -> Collection {
    let categories = &KNOWLEDGE.reference.categories;
    Collection {
        queries: texts("q", QUERIES.as_bytes(), categories).unwrap(),
        documents: texts("d", DOCUMENTS.as_bytes(), categories).unwrap(),
        judgements: judgements("r", JUDGED.as_bytes()).unwrap(),
    }
}

#[test]
fn both_systems_find_across_languages_what_the_baseline_cannot() {
    let settings = Settings { search: true, matching: true, kind: None, now: chrono::Utc::now() };
    let (report, runs) = evaluate(&collection(), &settings, &KNOWLEDGE);
    let row = |group: &str, system| report.rows.iter().find(|row| row.group == group && row.system == system).unwrap();
    for system in [System::Search, System::Matching] {
        let (ours, baseline) = (row("en-zh", system), row("en-zh", System::Bm25));
        assert_eq!((ours.queries, ours.measures.mrr, baseline.measures.mrr < 0.5), (3, 1.0, true), "{report:#?}");
        assert_eq!(row("zh-en", system).measures.mrr, 1.0);
        assert_eq!(row("all", system).against_bm25.unwrap().losses, 0);
    }
    // `gone` is never found: half of what query 4 asks for.
    assert!(row("all", System::Search).measures.recall_at_100 < 1.0);
    assert!(report.notes.iter().any(|note| note.starts_with("1 judgements are of documents that are not there")));
    let lines = runs[0].trec(&collection().queries.texts, &collection().documents.texts);
    let first: Vec<&str> = lines.lines().next().unwrap().split(' ').collect();
    assert_eq!((first[0], first[1], first[3], first[5]), ("1", "Q0", "1", "duijie-search"));
}
