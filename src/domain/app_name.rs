//! What an app may not be called: names that pass it off as the platform, or as somebody else.

use unicode_normalization::UnicodeNormalization;

/// A name with one of these in it speaks for the platform.
const PLATFORM: [&str; 3] = ["duijie", "对接平台", "对接官方"];
/// So does this by itself; within a name it is a plain word.
const PLATFORM_ALONE: &str = "对接";
/// Shorter names of enterprises are words that others need too.
const SHORTEST: usize = 4;

/// What is left of a name for the eye: NFKC, lower case, letters and digits alone, and one of each group of letters that look
/// alike (after the confusables of UTS #39, as far as they make Latin words).
pub fn skeleton(name: &str) -> String {
    let plain = name.nfkc().flat_map(char::to_lowercase).filter(|c| c.is_alphanumeric());
    plain.map(lookalike).collect()
}

fn lookalike(c: char) -> char {
    match c {
        '0' | 'о' | 'ο' | 'օ' => 'o',
        '1' | 'l' | 'і' | 'ı' | 'ι' | 'ӏ' | 'ǀ' => 'i',
        'а' | 'α' | 'ɑ' => 'a',
        'е' | 'ε' | 'є' => 'e',
        'ԁ' | 'ɗ' => 'd',
        'υ' | 'ս' => 'u',
        'ј' | 'ϳ' => 'j',
        'с' | 'ϲ' => 'c',
        'р' | 'ρ' => 'p',
        'х' | 'χ' => 'x',
        'у' | 'γ' => 'y',
        'ѕ' => 's',
        'к' | 'κ' => 'k',
        'м' => 'm',
        'т' | 'τ' => 't',
        'в' | 'ß' | 'β' => 'b',
        'н' => 'h',
        'ԛ' => 'q',
        'ԝ' | 'ω' => 'w',
        'ν' | 'ѵ' => 'v',
        'ո' => 'n',
        'г' => 'r',
        _ => c,
    }
}

pub fn speaks_for_platform(skeleton_of_name: &str) -> bool {
    skeleton_of_name == PLATFORM_ALONE || PLATFORM.iter().any(|word| skeleton_of_name.contains(&skeleton(word)))
}

/// Whether the name of another enterprise is in it.
pub fn speaks_for(skeleton_of_name: &str, enterprise: &str) -> bool {
    let theirs = skeleton(enterprise);
    theirs.chars().count() >= SHORTEST && skeleton_of_name.contains(&theirs)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_speak_for_the_platform() {
        for name in [
            "Duijie",
            "ＤＵＩＪＩＥ 助手",
            "d-u-i-j-i-e",
            "Dυіjіе",
            "Duij1e Sync",
            "对接",
            " 对接 ",
            "对接平台客服",
            "duijie官方",
        ] {
            assert!(speaks_for_platform(&skeleton(name)), "{name}");
        }
        for name in ["库存对接", "ERP 对接助手", "Stock sync", "仓库同步", "Dui", "平台"] {
            assert!(!speaks_for_platform(&skeleton(name)), "{name}");
        }
    }

    #[test]
    fn names_that_speak_for_another() {
        let firm = "洛阳示范轴承（集团）有限公司";
        for name in ["洛阳示范轴承(集团)有限公司", "洛阳示范轴承集团有限公司 助手"] {
            assert!(speaks_for(&skeleton(name), firm), "{name}");
        }
        assert!(speaks_for(&skeleton("АСМЕ Ltd. stock"), "ACME Ltd"));
        for (name, firm) in [("洛阳示范轴承", firm), ("三一助手", "三一"), ("仓库同步", "洛阳仓库有限公司")]
        {
            assert!(!speaks_for(&skeleton(name), firm), "{name}");
        }
    }
}
