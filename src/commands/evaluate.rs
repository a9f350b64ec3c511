//! `duijie evaluate`: measures search and matching by graded judgements.

use std::path::{Path, PathBuf};

use chrono::Utc;
use duijie::app::Knowledge;
use duijie::app::evaluation::{self, Collection, Fault as FileFault, Report, Row, Settings};
use duijie::domain::listing::Kind;
use duijie::domain::shipped;
use duijie::startup::Fault;

/// Faults shown of a file; the rest is counted.
const SHOWN: usize = 20;

pub struct Evaluation {
    pub queries: PathBuf,
    pub documents: PathBuf,
    pub qrels: PathBuf,
    pub search: bool,
    pub matching: bool,
    pub kind: Option<Kind>,
    pub run: Option<PathBuf>,
    pub json: bool,
}

/// Knows the reference data that ship with the program; needs no database.
pub fn evaluate(evaluation: &Evaluation) -> Result<(), Fault> {
    let knowledge = Knowledge::new(shipped::reference()?);
    let collection = read(evaluation, &knowledge)?;
    let Evaluation { search, matching, kind, .. } = *evaluation;
    let settings = Settings { search, matching, kind, now: Utc::now() };
    let (report, runs) = evaluation::evaluate(&collection, &settings, &knowledge);
    if let Some(path) = &evaluation.run {
        for run in &runs {
            let file = PathBuf::from(format!("{}.{}", path.display(), <&str>::from(run.system)));
            let lines = run.trec(&collection.queries.texts, &collection.documents.texts);
            std::fs::write(&file, lines).map_err(|error| format!("{}: {error}", file.display()))?;
        }
    }
    let text = if evaluation.json { serde_json::to_string_pretty(&report)? } else { table(&report) };
    println!("{text}");
    Ok(())
}

fn read(evaluation: &Evaluation, knowledge: &Knowledge) -> Result<Collection, Fault> {
    let categories = &knowledge.reference.categories;
    let (mut faults, mut texts) = (Vec::new(), Vec::new());
    for path in [&evaluation.queries, &evaluation.documents] {
        match evaluation::texts(&path.display().to_string(), &bytes(path)?, categories) {
            Ok(read) => texts.push(read),
            Err(found) => faults.extend(found),
        }
    }
    let judgements = evaluation::judgements(&evaluation.qrels.display().to_string(), &bytes(&evaluation.qrels)?);
    let judgements = judgements.map_err(|found| faults.extend(found)).unwrap_or_default();
    let (Some(documents), Some(queries), true) = (texts.pop(), texts.pop(), faults.is_empty()) else {
        return Err(told(&faults).into());
    };
    Ok(Collection { queries, documents, judgements })
}

fn bytes(path: &Path) -> Result<Vec<u8>, Fault> {
    Ok(std::fs::read(path).map_err(|error| format!("{}: {error}", path.display()))?)
}

fn told(faults: &[FileFault]) -> String {
    let mut lines: Vec<String> = faults.iter().take(SHOWN).map(FileFault::to_string).collect();
    if faults.len() > SHOWN {
        lines.push(format!("and {} more", faults.len() - SHOWN));
    }
    lines.join("\n")
}

fn table(report: &Report) -> String {
    let mut lines = vec![
        format!("{} queries, {} documents, {} judgements", report.queries, report.documents, report.judgements),
        "nDCG@10: gain 2^grade − 1, discount log2(rank + 1); MRR and recall@100: grade 1 and above".to_owned(),
        String::new(),
        format!(
            "{:<7}{:>8}  {:<10}{:>8}{:>8}{:>12}   {}",
            "group", "queries", "system", "nDCG@10", "MRR", "recall@100", "against BM25: wins, ties, losses, p"
        ),
    ];
    lines.extend(report.rows.iter().map(line));
    if !report.notes.is_empty() {
        lines.push(String::new());
        lines.extend(report.notes.iter().cloned());
    }
    lines.join("\n")
}

fn line(row: &Row) -> String {
    let compared = row.against_bm25.map_or_else(String::new, |against| {
        format!("{:>4}{:>5}{:>5}   {:.4}", against.wins, against.ties, against.losses, against.p)
    });
    let (measures, system) = (&row.measures, <&str>::from(row.system));
    let line = format!(
        "{:<7}{:>8}  {:<10}{:>8.4}{:>8.4}{:>12.4}   {compared}",
        row.group, row.queries, system, measures.ndcg_at_10, measures.mrr, measures.recall_at_100
    );
    line.trim_end().to_owned()
}
