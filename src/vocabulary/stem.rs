//! One form of an English word: singular, and spelt as in America.
//!
//! Nobody is shown these forms: that premises become premize does no harm, as long as they do so everywhere.

use std::borrow::Cow;
use std::sync::LazyLock;

use foldhash::HashMap;
use regex::{Captures, Regex};

/// Shorter ones are names of models as often as words.
const SHORTEST: usize = 4;

/// Plurals that no ending tells, and what only looks like one.
const IRREGULAR: [(&str, &str); 20] = [
    ("atlas", "atlas"),
    ("buses", "bus"),
    ("calves", "calf"),
    ("canvas", "canvas"),
    ("children", "child"),
    ("feet", "foot"),
    ("gases", "gas"),
    ("halves", "half"),
    ("knives", "knife"),
    ("leaves", "leaf"),
    ("lens", "lens"),
    ("lenses", "lens"),
    ("loaves", "loaf"),
    ("mice", "mouse"),
    ("scarves", "scarf"),
    ("shelves", "shelf"),
    ("teeth", "tooth"),
    ("viruses", "virus"),
    ("wolves", "wolf"),
    ("women", "woman"),
];

/// What is spelt in Britain one way and in America the other: whole words, parts and ends of words.
const BRITISH: [(&str, &str); 39] = [
    ("aem", "em"),
    ("aluminium", "aluminum"),
    ("anaesth", "anesth"),
    ("armour", "armor"),
    ("^catalogue$", "catalog"),
    ("centre", "center"),
    ("colour", "color"),
    ("^defence$", "defense"),
    ("diarrhoea", "diarrhea"),
    ("fibre", "fiber"),
    ("flavour", "flavor"),
    ("foet", "fet"),
    ("^grey$", "gray"),
    ("gynaec", "gynec"),
    ("isation$", "ization"),
    ("ise$", "ize"),
    ("ised$", "ized"),
    ("iser$", "izer"),
    ("ising$", "izing"),
    ("jewellery", "jewelry"),
    ("labell", "label"),
    ("labour", "labor"),
    ("^licence$", "license"),
    ("litre$", "liter"),
    ("metre$", "meter"),
    ("mould", "mold"),
    ("odour", "odor"),
    ("oedem", "edem"),
    ("paed", "ped"),
    ("^plough$", "plow"),
    ("^programme$", "program"),
    ("sulph", "sulf"),
    ("^tyre$", "tire"),
    ("vapour", "vapor"),
    ("^yoghurt$", "yogurt"),
    ("yse$", "yze"),
    ("ysed$", "yzed"),
    ("yser$", "yzer"),
    ("ysing$", "yzing"),
];

static IN_BRITAIN: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(&BRITISH.map(|(british, _)| british).join("|")).ok());

static SINGULARS: LazyLock<HashMap<&str, &str>> = LazyLock::new(|| IRREGULAR.into_iter().collect());

/// Of a word in lower case.
pub(super) fn stem(word: &str) -> Cow<'_, str> {
    if !word.is_ascii() || word.len() < SHORTEST {
        return Cow::Borrowed(word);
    }
    american(singular(word))
}

/// Harman's S stemmer, with `-sses`, `-xes`, `-ches`, `-shes`, `-goes`, `-toes`. What may have lost a plural's ending in
/// `-ies`, ends in `-y`.
fn singular(word: &str) -> Cow<'_, str> {
    if let Some(singular) = SINGULARS.get(word) {
        return Cow::Borrowed(singular);
    }
    let Some(short) = word.strip_suffix('s') else { return ending_in_y(word).unwrap_or(Cow::Borrowed(word)) };
    if let Some(singular) = ending_in_y(short) {
        return singular;
    }
    let ends = |suffix: &str| short.len() > suffix.len() + 1 && short.ends_with(suffix);
    if ["sse", "xe", "che", "she", "goe", "toe"].into_iter().any(ends) {
        return Cow::Borrowed(&short[..short.len() - 1]);
    }
    Cow::Borrowed(if short.ends_with(['s', 'u', 'i']) { word } else { short })
}

fn ending_in_y(word: &str) -> Option<Cow<'_, str>> {
    let rest = word.strip_suffix("ie").filter(|rest| rest.len() > 1)?;
    Some(Cow::Owned(format!("{rest}y")))
}

fn american(word: Cow<'_, str>) -> Cow<'_, str> {
    let of = |found: &Captures<'_>| {
        let american = BRITISH.iter().find(|(british, _)| british.trim_matches(['^', '$']) == &found[0]);
        american.map_or_else(String::new, |(_, american)| (*american).to_owned())
    };
    match IN_BRITAIN.as_ref().filter(|british| british.is_match(&word)) {
        Some(british) => Cow::Owned(british.replace_all(&word, of).into_owned()),
        None => word,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plurals_are_their_singulars() {
        for (plural, singular) in [
            ("masks", "mask"),
            ("glasses", "glass"),
            ("boxes", "box"),
            ("wrenches", "wrench"),
            ("brushes", "brush"),
            ("sizes", "size"),
            ("batteries", "battery"),
            ("trolleys", "trolley"),
            ("knives", "knife"),
            ("lenses", "lens"),
            ("gases", "gas"),
            ("potatoes", "potato"),
            ("cargoes", "cargo"),
            ("shoes", "shoe"),
            ("overshoes", "overshoe"),
            ("backhoes", "backhoe"),
            ("toes", "toe"),
            ("hoses", "hose"),
            ("cookies", "cookie"),
            ("movies", "movie"),
            ("dies", "die"),
            ("ties", "tie"),
            ("gauzes", "gauze"),
            ("gloves", "glove"),
            ("valves", "valve"),
            ("shelves", "shelf"),
            ("buses", "bus"),
            ("women", "woman"),
        ] {
            assert_eq!(stem(plural), stem(singular), "{plural}");
        }
    }

    #[test]
    fn words_that_end_like_a_plural_stay() {
        for word in ["glass", "gas", "lens", "apparatus", "analysis", "virus", "canvas"] {
            assert_eq!(stem(word), word);
        }
    }

    #[test]
    fn british_words_are_american_ones() {
        for (british, american) in [
            ("fibre", "fiber"),
            ("microfibres", "microfiber"),
            ("colours", "color"),
            ("labourer", "laborer"),
            ("centres", "center"),
            ("litres", "liter"),
            ("millimetre", "millimeter"),
            ("tyres", "tire"),
            ("licences", "license"),
            ("steriliser", "sterilizer"),
            ("sterilisation", "sterilization"),
            ("galvanised", "galvanized"),
            ("dialysers", "dialyzer"),
            ("sulphuric", "sulfuric"),
            ("aluminium", "aluminum"),
            ("paediatric", "pediatric"),
            ("haemodialysis", "hemodialysis"),
            ("moulding", "molding"),
            ("labelling", "labeling"),
            ("sterilised", "sterilized"),
            ("sanitiser", "sanitizer"),
            ("haemostatic", "hemostatic"),
            ("grey", "gray"),
        ] {
            assert_eq!(stem(british), stem(american), "{british}");
        }
    }

    #[test]
    fn other_words_are_not_touched() {
        for word in ["styrene", "flour", "hour", "four", "mask", "release", "tray", "aem", "ise"] {
            assert_eq!(stem(word), word);
        }
        assert_ne!(stem("lead"), stem("leaf"));
    }
}
