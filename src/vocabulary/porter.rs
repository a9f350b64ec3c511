//! Porter's stemmer (Porter 1980, "An algorithm for suffix stripping"): lighting, lights and light are one word.
//!
//! For words beside names alone: names are compared by [`stem`](super::stem), for a bearing is no bear.

/// Of a lower-case word; anything but ASCII letters is left alone.
pub fn root(word: &str) -> String {
    if word.len() < 3 || !word.bytes().all(|byte| byte.is_ascii_lowercase()) {
        return word.to_owned();
    }
    let mut word = word.to_owned();
    plurals(&mut word);
    past(&mut word);
    if word.ends_with('y') && has_vowel(&word[..word.len() - 1]) {
        replace(&mut word, "y", "i");
    }
    longest(&mut word, &STEP_2, 0);
    longest(&mut word, &STEP_3, 0);
    longest(&mut word, &STEP_4, 1);
    tidy(&mut word);
    word
}

fn plurals(word: &mut String) {
    if word.ends_with("sses") || word.ends_with("ies") {
        word.truncate(word.len() - 2);
    } else if word.ends_with('s') && !word.ends_with("ss") {
        word.pop();
    }
}

fn past(word: &mut String) {
    if word.ends_with("eed") {
        if measure(&word[..word.len() - 3]) > 0 {
            word.pop();
        }
        return;
    }
    let Some(length) = ["ed", "ing"].iter().find(|end| word.ends_with(*end)).map(|end| word.len() - end.len()) else {
        return;
    };
    if !has_vowel(&word[..length]) {
        return;
    }
    word.truncate(length);
    let doubled = ends_double(word) && !word.ends_with(['l', 's', 'z']);
    if ["at", "bl", "iz"].iter().any(|end| word.ends_with(end)) || measure(word) == 1 && ends_cvc(word) {
        word.push('e');
    } else if doubled {
        word.pop();
    }
}

fn tidy(word: &mut String) {
    if let Some(rest) = word.strip_suffix('e')
        && (measure(rest) > 1 || measure(rest) == 1 && !ends_cvc(rest))
    {
        word.pop();
    }
    if word.ends_with("ll") && measure(word) > 1 {
        word.pop();
    }
}

/// Replaces the first ending that fits, where what stands before it measures more than `least`.
fn longest(word: &mut String, endings: &[(&str, &str)], least: usize) {
    let Some((end, by)) = endings.iter().find(|(end, _)| word.ends_with(end)) else { return };
    let rest = &word[..word.len() - end.len()];
    let fits = *end != "ion" || rest.ends_with(['s', 't']);
    if fits && measure(rest) > least {
        replace(word, end, by);
    }
}

fn replace(word: &mut String, end: &str, by: &str) {
    word.truncate(word.len() - end.len());
    word.push_str(by);
}

fn is_consonant(word: &[u8], at: usize) -> bool {
    match word[at] {
        b'a' | b'e' | b'i' | b'o' | b'u' => false,
        b'y' => at == 0 || !is_consonant(word, at - 1),
        _ => true,
    }
}

/// How often a run of consonants follows a run of vowels.
fn measure(word: &str) -> usize {
    let bytes = word.as_bytes();
    (1..bytes.len()).filter(|at| is_consonant(bytes, *at) && !is_consonant(bytes, at - 1)).count()
}

fn has_vowel(word: &str) -> bool {
    (0..word.len()).any(|at| !is_consonant(word.as_bytes(), at))
}

fn ends_double(word: &str) -> bool {
    let bytes = word.as_bytes();
    let last = bytes.len().wrapping_sub(1);
    bytes.len() > 1 && bytes[last] == bytes[last - 1] && is_consonant(bytes, last)
}

fn ends_cvc(word: &str) -> bool {
    let (bytes, length) = (word.as_bytes(), word.len());
    length > 2
        && is_consonant(bytes, length - 3)
        && !is_consonant(bytes, length - 2)
        && is_consonant(bytes, length - 1)
        && !matches!(bytes[length - 1], b'w' | b'x' | b'y')
}

/// Longer endings first where one ends another.
const STEP_2: [(&str, &str); 20] = [
    ("ational", "ate"),
    ("tional", "tion"),
    ("enci", "ence"),
    ("anci", "ance"),
    ("izer", "ize"),
    ("abli", "able"),
    ("alli", "al"),
    ("entli", "ent"),
    ("eli", "e"),
    ("ousli", "ous"),
    ("ization", "ize"),
    ("ation", "ate"),
    ("ator", "ate"),
    ("alism", "al"),
    ("iveness", "ive"),
    ("fulness", "ful"),
    ("ousness", "ous"),
    ("aliti", "al"),
    ("iviti", "ive"),
    ("biliti", "ble"),
];
const STEP_3: [(&str, &str); 7] =
    [("icate", "ic"), ("ative", ""), ("alize", "al"), ("iciti", "ic"), ("ical", "ic"), ("ful", ""), ("ness", "")];
const STEP_4: [(&str, &str); 19] = [
    ("al", ""),
    ("ance", ""),
    ("ence", ""),
    ("er", ""),
    ("ic", ""),
    ("able", ""),
    ("ible", ""),
    ("ant", ""),
    ("ement", ""),
    ("ment", ""),
    ("ent", ""),
    ("ion", ""),
    ("ou", ""),
    ("ism", ""),
    ("ate", ""),
    ("iti", ""),
    ("ous", ""),
    ("ive", ""),
    ("ize", ""),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stems_are_porters() {
        for (word, stem) in [
            ("caresses", "caress"),
            ("ponies", "poni"),
            ("agreed", "agre"),
            ("plastered", "plaster"),
            ("motoring", "motor"),
            ("hopping", "hop"),
            ("filing", "file"),
            ("happy", "happi"),
            ("relational", "relat"),
            ("conditional", "condit"),
            ("vietnamization", "vietnam"),
            ("triplicate", "triplic"),
            ("hopefulness", "hope"),
            ("adjustment", "adjust"),
            ("adoption", "adopt"),
            ("controll", "control"),
            ("masks", "mask"),
            ("n95", "n95"),
            ("sky", "sky"),
        ] {
            assert_eq!(root(word), stem, "{word}");
        }
    }
}
