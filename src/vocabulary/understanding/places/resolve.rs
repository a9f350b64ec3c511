//! From names to regions: names that follow each other lie in each other; a hint or the usual reading decides the rest.

use super::super::source::Text;
use super::gazetteer::{Entry, Form, Gazetteer, Zone};
use super::scan::Mention;

/// Names that together mean one region.
#[derive(Debug, Clone)]
pub(super) struct Chain {
    pub start: usize,
    pub end: usize,
    /// End of the part that is written without a gap: an address goes on from here.
    pub joined: usize,
    pub code: String,
    pub retired: Option<String>,
    pub confidence: f64,
}

/// A chain on its way, with what it may still mean.
#[derive(Debug, Clone)]
struct Open {
    start: usize,
    end: usize,
    joined: usize,
    entries: Vec<Entry>,
    /// Names before the last one.
    parents: usize,
    /// A later name, apart from the others, made it narrower.
    apart: bool,
}

/// A name further away than this belongs to another place.
const FARTHEST: usize = 40;

pub(super) fn chains(text: &Text, gazetteer: &Gazetteer, mentions: &[Mention], hint: Option<&str>) -> Vec<Chain> {
    let mut done = Vec::new();
    let mut open: Option<Open> = None;
    for mention in mentions {
        let Some(chain) = open.as_mut() else {
            open = Some(Open::of(mention));
            continue;
        };
        let gap = text.slice(chain.joined, mention.start.min(chain.joined + FARTHEST));
        let adjacent = is_joint(&gap);
        let breaks = gap.contains(['\n', ';', '。', '到', '至', '→']) || gap == "-" && chain.parents > 0;
        if !breaks && mention.start - chain.end <= FARTHEST && narrow(gazetteer, chain, mention, adjacent) {
            continue;
        }
        if let Some(chain) = open.replace(Open::of(mention)) {
            done.extend(finish(text, gazetteer, chain, hint));
        }
    }
    if let Some(chain) = open {
        done.extend(finish(text, gazetteer, chain, hint));
    }
    done
}

fn is_joint(gap: &str) -> bool {
    matches!(gap, "" | " " | "," | ", " | "·" | "-" | "." | "/" | "省" | "市" | "  " | "(" | "、" | "的" | " - ")
}

impl Open {
    fn of(mention: &Mention) -> Self {
        Self {
            start: mention.start,
            end: mention.end,
            joined: mention.end,
            entries: mention.entries.clone(),
            parents: 0,
            apart: false,
        }
    }
}

/// Takes the mention into the chain, if it lies in it, repeats it, or contains it.
fn narrow(gazetteer: &Gazetteer, chain: &mut Open, mention: &Mention, adjacent: bool) -> bool {
    let within =
        |entry: &Entry, outer: &Entry| entry.code != outer.code && gazetteer.is_within(&entry.code, &outer.code);
    let inside: Vec<Entry> = mention
        .entries
        .iter()
        .filter(|entry| adjacent || entry.form == Form::Full && !entry.common)
        .filter(|entry| chain.entries.iter().any(|outer| within(entry, outer)))
        .cloned()
        .collect();
    if !inside.is_empty() {
        let plain = chain.joined == chain.end && adjacent;
        chain.entries = inside;
        chain.end = mention.end;
        chain.parents += 1;
        (chain.joined, chain.apart) = if plain { (mention.end, chain.apart) } else { (chain.joined, true) };
        return true;
    }
    let repeated = mention.entries.iter().any(|entry| {
        chain.entries.iter().any(|known| known.code == entry.code || gazetteer.is_within(&known.code, &entry.code))
    });
    if repeated {
        let kept: Vec<Entry> = chain
            .entries
            .iter()
            .filter(|known| mention.entries.iter().any(|entry| gazetteer.is_within(&known.code, &entry.code)))
            .cloned()
            .collect();
        if adjacent && (chain.entries.len() > kept.len() || chain.parents == 0) {
            (chain.end, chain.joined) = (mention.end, mention.end);
            chain.parents += 1;
        }
        chain.entries = kept;
        return true;
    }
    false
}

fn finish(text: &Text, gazetteer: &Gazetteer, mut chain: Open, hint: Option<&str>) -> Option<Chain> {
    let hinted = by_hint(gazetteer, &mut chain.entries, hint);
    let choices = chain.entries.len();
    let best = chain.entries.into_iter().min_by_key(|entry| preference(gazetteer, entry))?;
    let mut confidence = standing(text, &best, chain.parents, hinted, (chain.start, chain.end))?;
    if choices > 1 && !(best.level < 3 || hinted && choices == 2) {
        confidence *= if choices == 2 { 0.6 } else { 0.4 };
    }
    if chain.apart {
        confidence *= 0.95;
    }
    if best.retired.is_some() {
        confidence *= 0.95;
    }
    let (code, joined) = with_zone(text, gazetteer, &best, chain.joined);
    let end = chain.end.max(joined);
    Some(Chain { start: chain.start, end, joined, code, retired: best.retired, confidence: confidence.min(0.99) })
}

/// Keeps what lies in the hint's prefecture, else in its province.
fn by_hint(gazetteer: &Gazetteer, entries: &mut Vec<Entry>, hint: Option<&str>) -> bool {
    let Some(hint) = hint.filter(|hint| hint.len() == 6 && hint.is_ascii()) else { return false };
    for outer in [hint.to_owned(), format!("{}00", &hint[..4]), format!("{}0000", &hint[..2])] {
        let near: Vec<Entry> = entries.iter().filter(|e| gazetteer.is_within(&e.code, &outer)).cloned().collect();
        if !near.is_empty() {
            *entries = near;
            return true;
        }
    }
    false
}

/// The usual reading first: greater regions, then municipalities, then those of provincial capitals.
fn preference(gazetteer: &Gazetteer, entry: &Entry) -> (u8, u8, String) {
    let code = entry.code.as_str();
    let parent = gazetteer.region(code).and_then(|region| region.parent.as_deref()).unwrap_or(code);
    let municipality = matches!(code.get(..2), Some("11" | "12" | "31" | "50"));
    let capital = parent.get(2..4) == Some("01");
    let retired = u8::from(entry.retired.is_some()) * 4;
    let full = if entry.form == Form::Full { 0 } else { entry.level };
    (
        full + retired,
        if municipality {
            0
        } else if capital {
            1
        } else {
            2
        },
        entry.code.clone(),
    )
}

/// How surely a name standing so is a place; `None`: it is not taken for one.
fn standing(text: &Text, entry: &Entry, parents: usize, hinted: bool, (start, end): (usize, usize)) -> Option<f64> {
    let named = parents > 0;
    Some(match (entry.form, entry.level) {
        (Form::Full, _) if entry.common => {
            if named {
                0.9
            } else if hinted {
                0.6
            } else {
                return None;
            }
        }
        (Form::Full, _) => {
            if named {
                0.98
            } else {
                0.93
            }
        }
        (Form::Short, 1 | 2) => {
            if named {
                0.93
            } else {
                0.88
            }
        }
        (Form::Short, _) if named => 0.88,
        (Form::Short, _) if entry.common => (hinted && led_in(text, start, end)).then_some(0.65)?,
        (Form::Short, _) => {
            if hinted {
                0.85
            } else if led_in(text, start, end) {
                0.75
            } else {
                0.6
            }
        }
        (Form::Nickname, _) => 0.8,
        (Form::English, 1 | 2) => {
            if named {
                0.9
            } else {
                0.85
            }
        }
        (Form::English, _) if named => 0.85,
        (Form::English, _) if entry.common => hinted.then_some(0.5)?,
        (Form::English, _) => 0.65,
        (Form::Abbreviation, _) => 0.6,
    })
}

/// Behind 送到, 在, 发往 …, or alone between signs.
fn led_in(text: &Text, start: usize, end: usize) -> bool {
    let leads = ["到", "在", "至", "往", "发", "于", "地址:", "地址", "来自", "从", "去", "地点", "地点:"];
    let apart = |c: Option<char>| c.is_none_or(|c| !super::super::source::is_word(c));
    text.any_before(text.skip_back(start), &leads).is_some() || apart(text.before(start)) && apart(text.get(end))
}

/// 洛阳高新区, 苏州经开区: the zone, if the reference data has it; its name belongs to the place in any case.
fn with_zone(text: &Text, gazetteer: &Gazetteer, best: &Entry, end: usize) -> (String, usize) {
    let high = ["高新技术产业开发区", "国家高新技术产业开发区", "高新技术开发区", "高新开发区", "高新区"];
    let economic = ["国家经济技术开发区", "经济技术开发区", "经济开发区", "经开区", "开发区"];
    for (zone, words) in [(Zone::HighTech, high), (Zone::Economic, economic)] {
        if let Some(after) = text.any_at(end, &words) {
            let code = gazetteer.zone(&best.code, zone).unwrap_or(&best.code);
            return (code.to_owned(), after);
        }
    }
    (best.code.clone(), end)
}
