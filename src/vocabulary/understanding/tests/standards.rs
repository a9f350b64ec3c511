use super::{check, understanding};

/// `GB 2626/KN95-2006`, with `?` where the reference data does not know it.
fn every(text: &str) -> String {
    let found = understanding().standards(text);
    let show = |named: &crate::vocabulary::understanding::StandardNamed| {
        let level = named.level.as_ref().map_or(String::new(), |level| format!("/{level}"));
        let year = named.year.map_or(String::new(), |year| format!("-{year}"));
        format!("{}{level}{year}{}", named.designation, if named.known { "" } else { "?" })
    };
    found.iter().map(|found| show(&found.value)).collect::<Vec<_>>().join(" | ")
}

#[test]
fn spellings_of_standards() {
    check(
        &[
            ("GB19083-2010", "GB 19083-2010"),
            ("GB 19083—2010", "GB 19083-2010"),
            ("gb19083–2010", "GB 19083-2010"),
            ("ＧＢ１９０８３－２０１０", "GB 19083-2010"),
            ("GB19083-2010版", "GB 19083-2010"),
            ("GB 19083:2010", "GB 19083-2010"),
            ("GB-19083", "GB 19083"),
            ("GB/T 19083-2010", "GB 19083-2010"),
            ("YY/T0969-2013", "YY/T 0969-2013"),
            ("YY/T 0969—2013", "YY/T 0969-2013"),
            ("YYT 0969", "YY/T 0969"),
            ("YYT0969-2013", "YY/T 0969-2013"),
            ("YY/T09692013", "YY/T 0969-2013"),
            ("YY0469-2011", "YY 0469-2011"),
            ("YY 0469-2010", "YY 0469-2010?"),
            ("YY/T 0469-2011标准", "YY 0469-2011"),
            ("EN149:2001 FFP2", "EN 149/FFP2-2001"),
            ("EN 149-2001+A1:2009 FFP2", "EN 149/FFP2-2001"),
            ("FFP3", "EN 149/FFP3"),
            ("KN95", "GB 2626/KN95"),
            ("KN-95", "GB 2626/KN95"),
            ("kn 95", "GB 2626/KN95"),
            ("N95", "42 CFR 84/N95"),
            ("NIOSH N95", "42 CFR 84/N95"),
            ("GB2626-2006 KN95", "GB 2626/KN95-2006"),
            ("KN95（GB2626-2006）", "GB 2626/KN95-2006"),
            ("GB2626-2019", "GB 2626-2019"),
            ("EN 14683:2019 Type IIR", "EN 14683/Type IIR-2019"),
            ("EN14683 Type II", "EN 14683/Type II"),
            ("ASTM F2100 Level 3", "ASTM F2100/Level 3"),
            ("GB 19082-2009", "GB 19082-2009"),
            ("GB19082", "GB 19082"),
            ("GB/T 32610-2016", "GB/T 32610-2016"),
            ("GB 32610", "GB/T 32610"),
            ("GB/T38880-2020", "GB/T 38880-2020"),
            ("GB 10213-2006", "GB 10213-2006"),
            ("GB15980-1995", "GB 15980-1995?"),
            ("YY/T 1498-2016", "YY/T 1498-2016?"),
            ("19083", "GB 19083"),
            ("口罩19083只", ""),
            ("3M 1860 N95 5000只", "42 CFR 84/N95"),
            ("N95/KN95/FFP2", "42 CFR 84/N95 | GB 2626/KN95 | EN 149/FFP2"),
            ("标准：GB19083-2010或YY0469-2011", "GB 19083-2010 | YY 0469-2011"),
            ("GB 19082-2003, 建议3M", "GB 19082-2003"),
            ("口罩2000个", ""),
            ("TY-127", ""),
            ("AN951", ""),
            ("GB", ""),
            ("EN", ""),
        ],
        every,
    );
}
