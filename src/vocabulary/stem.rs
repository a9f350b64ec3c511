//! One form of an English word: singular, and spelt as in America.
//!
//! Nobody is shown these forms: that flour becomes flor does no harm, as long as it does so everywhere.

use std::borrow::Cow;

/// What words begin with in Britain, and in America.
const BEGINNINGS: [(&str, &str); 18] = [
    ("aluminium", "aluminum"),
    ("anaesth", "anesth"),
    ("catalogue", "catalog"),
    ("defence", "defense"),
    ("diarrhoea", "diarrhea"),
    ("grey", "gray"),
    ("gynaec", "gynec"),
    ("haem", "hem"),
    ("jewellery", "jewelry"),
    ("licence", "license"),
    ("mould", "mold"),
    ("oedem", "edem"),
    ("orthopaed", "orthoped"),
    ("paed", "ped"),
    ("plough", "plow"),
    ("sulph", "sulf"),
    ("tyre", "tire"),
    ("yoghurt", "yogurt"),
];

/// What words of five letters and more end with.
const ENDINGS: [(&str, &str); 9] = [
    ("bre", "ber"),
    ("isation", "ization"),
    ("ise", "ize"),
    ("ised", "ized"),
    ("iser", "izer"),
    ("ising", "izing"),
    ("our", "or"),
    ("tre", "ter"),
    ("yse", "yze"),
];

/// Plurals that no ending tells, and what looks like one.
const IRREGULAR: [(&str, &str); 18] = [
    ("buses", "bus"),
    ("calves", "calf"),
    ("children", "child"),
    ("feet", "foot"),
    ("gases", "gas"),
    ("halves", "half"),
    ("knives", "knife"),
    ("leaves", "leaf"),
    ("lens", "lens"),
    ("lenses", "lens"),
    ("loaves", "loaf"),
    ("men", "man"),
    ("mice", "mouse"),
    ("scarves", "scarf"),
    ("shelves", "shelf"),
    ("teeth", "tooth"),
    ("viruses", "virus"),
    ("women", "woman"),
];

/// Takes plural endings off an English word (Harman's S stemmer, with `-sses`, `-xes`, `-ches`, `-shes`, `-oes`). A word in
/// `-ie` ends as its plural does.
fn singular(word: &str) -> Cow<'_, str> {
    let ends = |suffix: &str| word.len() > suffix.len() + 1 && word.ends_with(suffix);
    if let Ok(at) = IRREGULAR.binary_search_by_key(&word, |(plural, _)| plural) {
        return Cow::Borrowed(IRREGULAR[at].1);
    }
    if !word.is_ascii() || word.len() < 4 {
        return Cow::Borrowed(word);
    }
    if word.len() > 4 && (ends("ies") || ends("ie")) {
        return Cow::Owned(format!("{}y", word.trim_end_matches('s').trim_end_matches("ie")));
    }
    if ["sses", "xes", "ches", "shes"].into_iter().any(ends) || ends("oes") && word.len() > 5 && !ends("shoes") {
        return Cow::Borrowed(&word[..word.len() - 2]);
    }
    if ends("s") && !["ss", "us", "is"].into_iter().any(|s| word.ends_with(s)) {
        return Cow::Borrowed(&word[..word.len() - 1]);
    }
    Cow::Borrowed(word)
}

pub(super) fn stem(word: &str) -> Cow<'_, str> {
    let singular = singular(word);
    american(&singular).map_or(singular, Cow::Owned)
}

fn american(word: &str) -> Option<String> {
    let beginning = BEGINNINGS.iter().find_map(|(british, american)| Some((word.strip_prefix(british)?, american)));
    if let Some((rest, beginning)) = beginning {
        return Some(format!("{beginning}{rest}"));
    }
    let (rest, ending) =
        ENDINGS.iter().find_map(|(british, american)| Some((word.strip_suffix(british)?, american)))?;
    (word.len() > 4).then(|| format!("{rest}{ending}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_and_many_are_one_word() {
        for pair in [
            "knife knives",
            "shelf shelves",
            "lens lenses",
            "battery batteries",
            "cookie cookies",
            "tie ties",
            "potato potatoes",
            "shoe shoes",
            "overshoe overshoes",
            "box boxes",
            "glass glasses",
            "size sizes",
            "gauze gauzes",
            "glove gloves",
            "valve valves",
            "bus buses",
            "woman women",
            "hose hoses",
        ] {
            let (one, many) = pair.split_once(' ').unwrap();
            assert_eq!(stem(one), stem(many));
        }
        assert!(IRREGULAR.is_sorted(), "it is looked up by halves");
        assert_eq!((stem("gas"), stem("virus"), stem("analysis")), ("gas".into(), "virus".into(), "analysis".into()));
    }

    #[test]
    fn british_and_american_spellings_are_one_word() {
        for pair in [
            "tyres tires",
            "fibre fiber",
            "colour color",
            "sterilised sterilized",
            "grey gray",
            "moulding molding",
            "haemostatic hemostatic",
            "paediatric pediatric",
            "aluminium aluminum",
            "litres liters",
            "sanitiser sanitizer",
        ] {
            let (british, american) = pair.split_once(' ').unwrap();
            assert_eq!(stem(british), stem(american));
        }
        assert_eq!((stem("four"), stem("hour"), stem("mask")), ("four".into(), "hour".into(), "mask".into()));
    }
}
