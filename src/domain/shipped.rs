//! The reference data that ships with the product: `data/*.csv` and `data/*.json`, read as they stand.

use serde_json::Value;

use super::reference::Reference;
use super::reference_file;

/// One list of codes with their documents.
pub struct Scheme {
    pub name: &'static str,
    /// The file itself: its digest tells editions apart.
    pub content: &'static str,
    pub items: Vec<(String, Value)>,
}

#[derive(Debug, thiserror::Error)]
#[error("data/{0}: {1}")]
pub struct DataError(&'static str, String);

/// Each scheme with its file.
pub const FILES: [(&str, &str); 10] = [
    ("capacities", include_str!("../../data/capacities.json")),
    ("categories", include_str!("../../data/categories.json")),
    ("currencies", include_str!("../../data/currencies.csv")),
    ("industries", include_str!("../../data/industries.csv")),
    ("occupations", include_str!("../../data/occupations.csv")),
    ("price_baselines", include_str!("../../data/price_baselines.json")),
    ("regions", include_str!("../../data/regions.csv")),
    ("screening_words", include_str!("../../data/screening_words.json")),
    ("standards", include_str!("../../data/standards.json")),
    ("units", include_str!("../../data/units.csv")),
];

/// Every scheme; an error names the file that does not read.
pub fn schemes() -> Result<Vec<Scheme>, DataError> {
    FILES.into_iter().map(|(name, content)| scheme(name, content)).collect()
}

/// All of it together, as a database that holds nothing else would give it.
pub fn reference() -> Result<Reference, DataError> {
    let named = |scheme: Scheme| scheme.items.into_iter().map(move |(_, item)| (scheme.name.to_owned(), item));
    Reference::from_items(schemes()?.into_iter().flat_map(named)).map_err(|error| DataError("*", error.to_string()))
}

fn scheme(name: &'static str, content: &'static str) -> Result<Scheme, DataError> {
    let file = reference_file::read(name, content);
    match file.faults.iter().next() {
        Some(fault) => Err(DataError(name, format!("{}: {:?}", fault.pointer, fault.params))),
        None => {
            let items = file.entries.into_iter().map(|entry| (entry.code, entry.document)).collect();
            Ok(Scheme { name, content, items })
        }
    }
}

/// For tests: reading the files takes longer than most of what is tested with them.
#[cfg(test)]
pub fn shared() -> &'static Reference {
    static SHARED: std::sync::LazyLock<Reference> =
        std::sync::LazyLock::new(|| reference().unwrap_or_else(|error| panic!("{error}")));
    &SHARED
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::NaiveDate;

    use crate::domain::listing::Side;
    use unicode_normalization::UnicodeNormalization;

    fn reference() -> &'static Reference {
        shared()
    }

    #[test]
    fn everything_reads() {
        let reference = reference();
        assert!(reference.categories.all().len() >= 380);
        assert!(reference.regions.all().len() > 3000);
        assert!(reference.units.get("H87").is_some());
    }

    /// The credentials that categories ask for, in both languages.
    const CREDENTIALS: [(&str, &str, &str); 39] = [
        ("driving_licence", "机动车驾驶证", "Driving licence"),
        ("drug_business_licence", "药品经营许可证", "Drug trading licence"),
        ("drug_registration", "药品注册证书", "Drug registration certificate"),
        ("express_licence", "快递业务经营许可证", "Express delivery licence"),
        ("financial_licence", "金融许可证", "Financial licence"),
        ("food_business_licence", "食品经营许可证", "Food business licence"),
        ("food_production_licence", "食品生产许可证", "Food production licence"),
        ("gas_business_licence", "燃气经营许可证", "Gas supply licence"),
        ("guarantee_licence", "融资担保业务经营许可证", "Financing guarantee licence"),
        ("hazardous_goods_licence", "危险化学品经营许可证", "Hazardous chemicals trading licence"),
        ("hazardous_waste_licence", "危险废物经营许可证", "Hazardous waste licence"),
        ("health_certificate", "健康证明", "Health certificate"),
        ("human_resources_licence", "人力资源服务许可证", "Human resources service licence"),
        ("hygiene_licence", "消毒产品生产企业卫生许可证", "Hygiene licence of a maker of disinfection products"),
        ("insurance_licence", "经营保险业务许可证", "Insurance licence"),
        ("labor_dispatch_licence", "劳务派遣经营许可证", "Labor dispatch licence"),
        ("lawyer_licence", "律师执业证书", "Lawyer's licence"),
        ("medical_device_business_filing", "第二类医疗器械经营备案", "Filing as a trader of class II medical devices"),
        ("medical_device_business_licence", "医疗器械经营许可证", "Licence to trade in class III medical devices"),
        ("medical_device_filing", "第一类医疗器械产品备案", "Filing of a class I medical device"),
        ("medical_device_registration", "医疗器械注册证", "Medical device registration certificate"),
        ("nurse_licence", "护士执业证书", "Nurse's licence"),
        ("pesticide_business_licence", "农药经营许可证", "Pesticide trading licence"),
        ("pesticide_registration", "农药登记证", "Pesticide registration certificate"),
        ("physician_licence", "医师执业证书", "Physician's licence"),
        ("precursor_filing", "易制毒化学品经营备案证明", "Filing as a seller of precursor chemicals"),
        ("precursor_purchase_filing", "易制毒化学品购买备案证明", "Filing of a purchase of precursor chemicals"),
        ("production_licence", "工业产品生产许可证", "Industrial production licence"),
        ("public_place_hygiene_licence", "公共场所卫生许可证", "Hygiene licence of a public place"),
        ("road_transport_licence", "道路运输经营许可证", "Road transport licence"),
        ("security_guard_certificate", "保安员证", "Security guard certificate"),
        ("security_service_licence", "保安服务许可证", "Security service licence"),
        ("seed_licence", "种子生产经营许可证", "Seed licence"),
        ("special_equipment_operator_certificate", "特种设备作业人员证", "Special equipment operator certificate"),
        ("special_equipment_production_licence", "特种设备生产许可证", "Special equipment production licence"),
        ("special_operation_certificate", "特种作业操作证", "Special operation certificate"),
        ("testing_accreditation", "检验检测机构资质认定证书", "Accreditation of a testing body"),
        ("veterinary_drug_approval", "兽药产品批准文号", "Veterinary drug approval number"),
        ("veterinary_drug_business_licence", "兽药经营许可证", "Veterinary drug trading licence"),
    ];

    /// The tree states the law as it stood on this day.
    const TREE_AS_OF: &str = "2026-11-23";

    /// `GB/T 18254`, `EN ISO 374-1`, `42 CFR 84`: letters and figures, no edition behind a dash.
    fn is_designation(text: &str) -> bool {
        let part =
            |p: &str| !p.is_empty() && p.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '/' | '.' | '-'));
        let edition = text.rsplit_once(['-', ':']).is_some_and(|(_, end)| end.len() == 4 && end.parse::<u16>().is_ok());
        text.split(' ').count() > 1 && text.split(' ').all(part) && !edition
    }

    /// `8482.10` or `8482`; letters and figures of an industry; figures of an occupation.
    fn is_reference(scheme: &str, code: &str) -> bool {
        let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
        match scheme {
            "hs2022" => match code.split_once('.') {
                Some((heading, rest)) => heading.len() == 4 && rest.len() == 2 && digits(heading) && digits(rest),
                None => code.len() == 4 && digits(code),
            },
            "gbt4754_2017" => {
                let class = code.strip_prefix(|c: char| c.is_ascii_uppercase()).unwrap_or(code);
                class.len() <= 4 && digits(class) && !code.is_empty()
            }
            "isco08" => (1..=4).contains(&code.len()) && digits(code),
            _ => false,
        }
    }

    #[test]
    fn the_category_tree_is_well_formed() {
        let reference = reference();
        let tree = &reference.categories;
        assert!(tree.all().len() >= 350);
        let deepest = tree.all().iter().map(|c| tree.ancestry(&c.code).count()).max();
        assert_eq!(deepest, Some(3), "three levels");
        let kinds: std::collections::HashSet<_> = tree.all().iter().map(|c| c.kind).collect();
        assert_eq!(kinds.len(), 8, "eight kinds");
        let mut claimed = std::collections::HashMap::new();
        for category in tree.all() {
            let code = &category.code;
            assert!(category.parent.iter().all(|p| tree.get(p).is_some()), "{code} has no parent");
            assert_eq!(category.parent.as_deref(), code.rsplit_once('.').map(|(above, _)| above), "{code}");
            assert!(
                tree.ancestry(code).all(|above| above.kind == category.kind),
                "{code}: of another kind than its parent"
            );
            assert!(!category.names.zh.is_empty() && !category.names.en.is_empty(), "{code} lacks a name");
            assert!(!category.aliases.is_empty(), "{code} has no alias");
            let units: std::collections::HashSet<_> = category.units.iter().collect();
            assert!(!units.is_empty() && units.len() == category.units.len(), "{code}: units");
            assert!(category.units.iter().all(|u| reference.units.get(u).is_some()), "{code}: unknown unit");
            assert!(category.references.iter().all(|r| is_reference(&r.scheme, &r.code)), "{code}: a reference");
            for name in category.aliases.iter().chain([&category.names.zh, &category.names.en]) {
                let normal: String = name.nfkc().filter(|c| !matches!(c, ' ' | '-')).collect::<String>().to_lowercase();
                // A single sign is a word in Chinese alone.
                let sign = normal.chars().all(|c| ('\u{4e00}'..='\u{9fff}').contains(&c));
                assert!(normal.chars().count() >= 2 || sign, "{code}: {name} is too short");
                let owner = claimed.insert((category.kind, normal), code.clone());
                assert!(owner.is_none() || owner.as_ref() == Some(code), "{name} is claimed by {owner:?} and {code}");
            }
        }
    }

    #[test]
    fn substitutes_make_sense() {
        let reference = reference();
        let tree = &reference.categories;
        for category in tree.all() {
            let code = &category.code;
            let mut seen = std::collections::HashSet::new();
            for substitute in &category.substitutes {
                let other = &substitute.code;
                let stands_in = tree.get(other).unwrap_or_else(|| panic!("{code}: unknown substitute {other}"));
                assert!(substitute.ratio.millionths() > 0, "{code}: ratio of {other}");
                assert!(substitute.condition.is_some(), "{code}: condition of {other}");
                assert!(!tree.is_within(other, code), "{code}: {other} is below it and matches anyway");
                assert!(!tree.is_within(code, other), "{code}: {other} is above it");
                assert_eq!(stands_in.kind, category.kind, "{code}: {other} is of another kind");
                assert!(category.units.iter().any(|unit| stands_in.units.contains(unit)), "{code}: units of {other}");
                assert!(seen.insert(other), "{code}: {other} twice");
            }
        }
    }

    /// What is worn, disinfects or measures fever is compared by the table; of other goods a designation is enough.
    #[test]
    fn standards_of_categories_are_known() {
        let reference = reference();
        let compared = [
            "ppe.mask",
            "ppe.respirator",
            "ppe.suit",
            "ppe.gown",
            "ppe.cap",
            "ppe.eye",
            "ppe.face_shield",
            "ppe.glove",
            "ppe.foot",
            "ppe.head",
            "ppe.hearing",
            "ppe.fall",
            "ppe.thermometer",
            "ppe.disinfectant",
            "ppe.hand",
            "ppe.wipe",
            "ppe.air",
            "ppe.uv",
            "ppe.linen",
            "ppe.waste",
        ];
        for category in reference.categories.all() {
            let in_table = compared.iter().any(|above| reference.categories.is_within(&category.code, above));
            for designation in &category.standards {
                let known = reference.standards.iter().any(|s| s.level.is_none() && s.designation == *designation);
                assert!(is_designation(designation), "{}: {designation}", category.code);
                assert!(known || !in_table, "{}: {designation} is not in the table", category.code);
            }
        }
    }

    #[test]
    fn the_table_of_standards_hangs_together() {
        let standards = &reference().standards;
        let mut keys = std::collections::HashSet::new();
        for standard in standards {
            let name = (&standard.designation, &standard.level);
            assert!(keys.insert(name), "{name:?} twice");
            for other in &standard.satisfies {
                let found = standards.iter().any(|s| s.designation == other.designation && s.level == other.level);
                assert!(found && other.source.is_some(), "{name:?} satisfies {}", other.designation);
            }
            for pair in standard.editions.windows(2) {
                assert_eq!(pair[0].superseded_by, Some(pair[1].year), "{name:?}");
                let ends = pair[0].in_force_until.zip(pair[1].in_force_from);
                assert!(ends.is_none_or(|(until, from)| until.succ_opt() == Some(from)), "{name:?}: a gap");
            }
        }
    }

    #[test]
    fn what_the_law_requires_is_cited() {
        let today: NaiveDate = TREE_AS_OF.parse().unwrap_or_else(|error| panic!("{error}"));
        let mut asked = std::collections::HashSet::new();
        for category in reference().categories.all() {
            for requirement in &category.requires {
                let entry = format!("{}: {}", category.code, requirement.scheme);
                let label = CREDENTIALS.iter().find(|(scheme, ..)| *scheme == requirement.scheme);
                assert!(label.is_some_and(|(_, zh, en)| !zh.is_empty() && !en.is_empty()), "{entry} is unknown");
                assert!(requirement.source.starts_with('《') && requirement.source.contains("》"), "{entry}");
                assert!(requirement.source.contains('第'), "{entry} names no article");
                assert!(requirement.date <= today, "{entry} is not in force");
                // A buyer needs a paper for precursor chemicals only; all else is the supplier's.
                assert_eq!(
                    requirement.side == Side::Need,
                    requirement.scheme == "precursor_purchase_filing",
                    "{entry}"
                );
                assert!(asked.insert((category.code.clone(), requirement.scheme.clone())), "{entry} twice");
            }
        }
        assert!(CREDENTIALS.iter().all(|(scheme, ..)| asked.iter().any(|(_, used)| used == scheme)));
    }

    #[test]
    fn regions_hang_together() {
        let reference = reference();
        for region in reference.regions.all() {
            assert!(region.parent.iter().all(|p| reference.regions.get(p).is_some()), "{}", region.code);
            assert!(region.validity.replaced_by.iter().all(|r| reference.regions.get(r).is_some()), "{}", region.code);
        }
        assert!(reference.regions.is_within("410305", "410000"));
    }
}
