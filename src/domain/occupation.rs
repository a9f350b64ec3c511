//! What workers are called: the trades of the category tree and the occupations of ISCO-08, by any of their names in
//! either language.

use std::collections::HashMap;

use unicode_normalization::UnicodeNormalization;

use super::category::CategoryTree;
use super::classification::Classification;
use super::listing::Kind;

/// What a name stands for. Trades are categories of labor, the finer of the two; classes are codes of ISCO-08.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Occupation {
    pub trades: Vec<String>,
    pub classes: Vec<String>,
}

/// Occupations by their folded names.
#[derive(Debug, Clone, Default)]
pub struct OccupationNames {
    names: HashMap<String, Occupation>,
    /// Characters of the longest name.
    longest: usize,
}

/// Categories of labor that say how workers come, not what they do.
const NO_TRADES: [&str; 4] = ["labor", "labor.dispatch", "labor.shared", "labor.student"];

impl OccupationNames {
    pub fn new(categories: &CategoryTree, classes: &Classification) -> Self {
        let mut names = Self::default();
        let trades = categories.all().into_iter().filter(|c| c.kind == Kind::Labor && !NO_TRADES.contains(&&*c.code));
        for category in trades {
            let references = category.references.iter().filter(|reference| reference.scheme == "isco08");
            // The table of classes ends at three digits.
            let groups: Vec<&str> = references.filter_map(|reference| reference.code.get(..3)).collect();
            for name in all_names(&category.names.zh, &category.names.en, &category.aliases) {
                let known = names.entry(&name);
                add(&mut known.trades, &category.code);
                groups.iter().for_each(|group| add(&mut known.classes, group));
            }
        }
        for class in classes.all() {
            let code = std::iter::once(class.code.clone());
            for name in all_names(&class.names.zh, &class.names.en, &class.aliases).chain(code) {
                add(&mut names.entry(&name).classes, &class.code);
            }
        }
        names
    }

    fn entry(&mut self, name: &str) -> &mut Occupation {
        let folded = fold(name);
        self.longest = self.longest.max(folded.chars().count());
        self.names.entry(folded).or_default()
    }

    /// What `word` names: itself, else the longest name within it, the last of several: 数控车工 in 熟练数控车工.
    pub fn find(&self, word: &str) -> Option<&Occupation> {
        let folded = fold(word);
        if let Some(known) = self.names.get(&folded) {
            return Some(known);
        }
        let signs: Vec<char> = folded.chars().collect();
        (2..=self.longest.min(signs.len())).rev().find_map(|length| {
            let starts = (0..=signs.len() - length).rev().filter(|start| is_whole(&signs, *start, *start + length));
            starts
                .map(|start| &signs[start..start + length])
                .find_map(|part| self.names.get(&part.iter().collect::<String>()))
        })
    }
}

fn add(codes: &mut Vec<String>, code: &str) {
    if !codes.iter().any(|known| known == code) {
        codes.push(code.to_owned());
    }
}

/// 钳工与装配工 and "Fitters and assemblers" are two names each.
fn all_names<'a>(zh: &'a str, en: &'a str, aliases: &'a [String]) -> impl Iterator<Item = String> + 'a {
    let parts = zh.split(['与', '、']).filter(|part| part.ends_with(['工', '员', '师', '生', '机']));
    let plural = |part: &&str| !part.contains(' ') && part.ends_with('s');
    let pair = en.split(" and ").filter(plural);
    [zh, en].into_iter().chain(aliases.iter().map(String::as_str)).chain(parts).chain(pair).map(str::to_owned)
}

/// NFKC, lower case, one space between words of Latin letters and none elsewhere, English plurals cut.
pub fn fold(text: &str) -> String {
    let plain: String = text.nfkc().flat_map(char::to_lowercase).map(|c| if c == '-' { ' ' } else { c }).collect();
    let words = plain.split_whitespace().map(|word| match word.strip_suffix('s') {
        Some(stem) if stem.len() > 3 && stem.is_ascii() && !stem.ends_with('s') => stem,
        _ => word,
    });
    words.fold(String::with_capacity(plain.len()), |mut folded, word| {
        let ascii = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric());
        if ascii(folded.chars().last()) && ascii(word.chars().next()) {
            folded.push(' ');
        }
        folded.push_str(word);
        folded
    })
}

/// Whether no word of Latin letters or digits is cut at either end.
pub fn is_whole(signs: &[char], start: usize, end: usize) -> bool {
    let cut = |left: Option<&char>, right: Option<&char>| {
        left.zip(right).is_some_and(|(a, b)| a.is_ascii_alphanumeric() && b.is_ascii_alphanumeric())
    };
    !cut(start.checked_sub(1).and_then(|at| signs.get(at)), signs.get(start))
        && !cut(signs.get(end - 1), signs.get(end))
}

#[cfg(test)]
mod tests {
    use crate::domain::shipped;

    fn trades(word: &str) -> Vec<String> {
        let reference = shipped::shared();
        reference.occupation_names().find(word).map(|found| found.trades.clone()).unwrap_or_default()
    }

    #[test]
    fn names_are_found_in_both_languages_and_within_longer_ones() {
        for (word, trade) in [
            ("焊工", "labor.skilled.welder"),
            ("welders", "labor.skilled.welder"),
            ("Welder", "labor.skilled.welder"),
            ("持证电焊工", "labor.skilled.welder"),
            ("食品包装工", "labor.production.packer"),
            ("装配工", "labor.skilled.fitter"),
            ("forklift drivers", "labor.skilled.forklift"),
            ("Ｎurses", "labor.medical.nurse"),
        ] {
            assert!(trades(word).contains(&trade.to_owned()), "{word}: {:?}", trades(word));
        }
        let reference = shipped::shared();
        let classes = |word| reference.occupation_names().find(word).map(|found| found.classes.clone());
        assert_eq!(classes("721"), Some(vec!["721".to_owned()]));
        assert_eq!(classes("普工").unwrap().iter().filter(|class| *class == "93").count(), 1);
        assert_eq!(classes("qwxzj"), None);
        assert_eq!(trades("cookery"), Vec::<String>::new(), "no word is cut");
    }
}
