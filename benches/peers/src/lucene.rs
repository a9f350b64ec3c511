//! tantivy: the category by inverted index, everything else from fast fields in one collector, in memory, one thread.

use duijie::domain::listing::Side;
use duijie::domain::place::Point;
use tantivy::collector::{Collector, SegmentCollector};
use tantivy::columnar::Column;
use tantivy::query::TermSetQuery;
use tantivy::schema::{FAST, Field, INDEXED, NumericOptions, Schema};
use tantivy::{DocId, Index, IndexReader, IndexWriter, ReloadPolicy, Score, SegmentReader, TantivyDocument, Term};

use crate::Fault;
use crate::plain::{Facts, Question, Row};

const WRITER_BYTES: usize = 200_000_000;
const FLOATS: [&str; 8] = ["quantity", "min_order", "money", "radius", "lon", "lat", "urgency", "full"];
const WHOLES: [&str; 8] = ["ready", "lead", "needed", "until", "confirmed", "created", "enterprise", "partial"];

pub struct Tantivy {
    index: Index,
    reader: IndexReader,
    fields: Fields,
}

#[derive(Clone)]
struct Fields {
    id: Field,
    /// Side and category.
    slot: Field,
    words: Field,
    floats: Vec<Field>,
    wholes: Vec<Field>,
}

fn slot(side: Side, category: i32) -> u64 {
    (category as u64) << 1 | u64::from(side == Side::Offer)
}

impl Tantivy {
    pub fn of(rows: &[Row]) -> Result<Self, Fault> {
        let mut schema = Schema::builder();
        let fields = Fields {
            id: schema.add_u64_field("id", INDEXED | FAST),
            slot: schema.add_u64_field("slot", INDEXED),
            words: schema.add_u64_field("words", NumericOptions::default().set_fast()),
            floats: FLOATS.map(|name| schema.add_f64_field(name, FAST)).into(),
            wholes: WHOLES.map(|name| schema.add_i64_field(name, FAST)).into(),
        };
        let index = Index::create_in_ram(schema.build());
        let mut writer: IndexWriter = index.writer_with_num_threads(1, WRITER_BYTES)?;
        for row in rows {
            writer.add_document(fields.document(row))?;
        }
        writer.commit()?;
        let segments = index.searchable_segment_ids()?;
        writer.merge(&segments).wait()?;
        writer.wait_merging_threads()?;
        let reader = index.reader_builder().reload_policy(ReloadPolicy::Manual).try_into()?;
        Ok(Self { index, reader, fields })
    }

    pub fn bytes(&self) -> u64 {
        self.reader.searcher().space_usage().map_or(0, |usage| usage.total().get_bytes())
    }

    pub fn ask(&self, question: &Question) -> Result<Vec<i64>, Fault> {
        let side = question.row.side.opposite();
        let term = |category: &i32| Term::from_field_u64(self.fields.slot, slot(side, *category));
        let query = TermSetQuery::new(question.categories.iter().map(term));
        let best = self.reader.searcher().search(&query, &Best(question))?;
        Ok(best.into_iter().map(|(_, _, _, id)| id).collect())
    }

    pub fn writer(&self) -> Result<Writer, Fault> {
        let writer = self.index.writer_with_num_threads(1, WRITER_BYTES)?;
        Ok(Writer { writer, fields: self.fields.clone(), reader: self.reader.clone() })
    }
}

pub struct Writer {
    writer: IndexWriter,
    fields: Fields,
    reader: IndexReader,
}

impl Writer {
    pub fn update(&mut self, row: &Row) -> Result<(), Fault> {
        self.writer.delete_term(Term::from_field_u64(self.fields.id, row.id as u64));
        self.writer.add_document(self.fields.document(row))?;
        Ok(())
    }

    /// Only now is anything seen of the updates.
    pub fn commit(&mut self) -> Result<(), Fault> {
        self.writer.commit()?;
        Ok(self.reader.reload()?)
    }
}

impl Fields {
    fn document(&self, row: &Row) -> TantivyDocument {
        let mut document = TantivyDocument::default();
        document.add_u64(self.id, row.id as u64);
        document.add_u64(self.slot, slot(row.side, row.category));
        for word in &row.words {
            document.add_u64(self.words, *word as u64);
        }
        let Point { longitude, latitude } = row.place;
        let floats = [row.quantity, row.min_order, row.money, row.radius, longitude, latitude, row.urgency, row.full];
        for (field, value) in self.floats.iter().zip(floats) {
            document.add_f64(*field, value);
        }
        let (ready, lead, needed) = (row.ready.into(), row.lead.into(), row.needed.into());
        let wholes = [ready, lead, needed, row.until, row.confirmed, row.created, row.enterprise, row.partial.into()];
        for (field, value) in self.wholes.iter().zip(wholes) {
            document.add_i64(*field, value);
        }
        document
    }
}

/// Score (higher first), distance, creation, id.
type Rank = (i64, f64, i64, i64);

const TOP: usize = 10;

fn keep(best: &mut Vec<Rank>, rank: Rank) {
    let before = |a: &Rank, b: &Rank| b.0.cmp(&a.0).then(a.1.total_cmp(&b.1)).then((a.2, a.3).cmp(&(b.2, b.3))).is_lt();
    if best.len() < TOP || before(&rank, &best[TOP - 1]) {
        let at = best.partition_point(|held| before(held, &rank));
        best.insert(at, rank);
        best.truncate(TOP);
    }
}

struct Best<'q>(&'q Question);

impl Collector for Best<'_> {
    type Fruit = Vec<Rank>;
    type Child = BestOfSegment;

    fn for_segment(&self, _: u32, segment: &SegmentReader) -> tantivy::Result<BestOfSegment> {
        let fast = segment.fast_fields();
        let mut words = self.0.words.clone();
        words.sort_by_key(|(id, _)| *id as u64);
        Ok(BestOfSegment {
            question: self.0.clone(),
            words,
            id: fast.u64("id")?,
            said: fast.u64("words")?,
            floats: FLOATS.iter().map(|name| fast.f64(name)).collect::<Result<_, _>>()?,
            wholes: WHOLES.iter().map(|name| fast.i64(name)).collect::<Result<_, _>>()?,
            best: Vec::new(),
        })
    }

    fn requires_scoring(&self) -> bool {
        false
    }

    fn merge_fruits(&self, segments: Vec<Vec<Rank>>) -> tantivy::Result<Vec<Rank>> {
        let mut best = Vec::new();
        segments.into_iter().flatten().for_each(|rank| keep(&mut best, rank));
        Ok(best)
    }
}

struct BestOfSegment {
    question: Question,
    words: Vec<(i64, f64)>,
    id: Column<u64>,
    said: Column<u64>,
    floats: Vec<Column<f64>>,
    wholes: Vec<Column<i64>>,
    best: Vec<Rank>,
}

impl SegmentCollector for BestOfSegment {
    type Fruit = Vec<Rank>;

    fn collect(&mut self, doc: DocId, _: Score) {
        if let Some(rank) = self.rank(doc) {
            keep(&mut self.best, rank);
        }
    }

    fn harvest(self) -> Vec<Rank> {
        self.best
    }
}

impl BestOfSegment {
    fn float(&self, at: usize, doc: DocId) -> f64 {
        self.floats[at].first(doc).unwrap_or(0.0)
    }

    fn whole(&self, at: usize, doc: DocId) -> i64 {
        self.wholes[at].first(doc).unwrap_or(0)
    }

    fn rank(&self, doc: DocId) -> Option<Rank> {
        let question = &self.question;
        if self.whole(3, doc) <= question.now || self.whole(6, doc) == question.row.enterprise {
            return None;
        }
        let other = Facts {
            quantity: self.float(0, doc),
            min_order: self.float(1, doc),
            money: self.float(2, doc),
            radius: self.float(3, doc),
            urgency: self.float(6, doc),
            full: self.float(7, doc),
            ready: self.whole(0, doc) as i32,
            lead: self.whole(1, doc) as i32,
            needed: self.whole(2, doc) as i32,
            confirmed: self.whole(4, doc),
            partial: self.whole(7, doc) != 0,
        };
        // The cheap checks before the distance.
        if !question.admits(&other, 0.0) {
            return None;
        }
        let place = Point { longitude: self.float(4, doc), latitude: self.float(5, doc) };
        let (asking, offered) =
            if question.row.side == Side::Need { (question.row.place, place) } else { (place, question.row.place) };
        let distance = asking.distance_km(offered);
        if distance > question.row.radius.min(other.radius) {
            return None;
        }
        let shared = if self.words.is_empty() { 0.0 } else { self.shared(doc) };
        let id = self.id.first(doc).unwrap_or(0) as i64;
        Some((question.score(&other, distance, shared), distance, self.whole(5, doc), id))
    }

    fn shared(&self, doc: DocId) -> f64 {
        let worth =
            |word: u64| self.words.binary_search_by_key(&word, |(id, _)| *id as u64).map_or(0.0, |at| self.words[at].1);
        self.said.values_for_doc(doc).map(worth).sum()
    }
}
