use super::*;
use crate::domain::category::{Category, Names};
use crate::domain::listing::Kind;

fn category(code: &str, zh: &str, en: &str, aliases: &[&str]) -> Category {
    Category {
        code: code.into(),
        parent: code.rsplit_once('.').map(|(parent, _)| parent.into()),
        kind: if code.starts_with("material") { Kind::Material } else { Kind::Ppe },
        names: Names { zh: zh.into(), en: en.into() },
        aliases: aliases.iter().map(|a| (*a).into()).collect(),
        units: vec![],
        standards: vec![],
        also_within: vec![],
        substitutes: vec![],
        goods_mass_kg: None,
        references: vec![],
        requires: vec![],
        validity: Default::default(),
    }
}

fn vocabulary() -> Vocabulary {
    Vocabulary::new(&CategoryTree::new([
        category("ppe", "防护与医用物资", "Protective supplies", &[]),
        category("ppe.mask", "口罩", "Face mask", &["口照", "mask"]),
        category("ppe.mask.surgical", "医用外科口罩", "Surgical mask", &["外科口罩"]),
        category("ppe.mask.protective", "医用防护口罩", "Medical respirator", &[]),
        category(
            "ppe.mask.particulate",
            "颗粒物防护口罩",
            "Particulate respirator",
            &["N95", "KN95", "N95口罩", "KN95 respirator"],
        ),
        category("ppe.glove", "手套", "Glove", &["乳胶手套"]),
        category("ppe.disinfectant", "消毒剂", "Disinfectant", &["消毒液"]),
        category("ppe.disinfectant.hypochlorite", "84消毒液", "Sodium hypochlorite disinfectant", &["84", "84消费液"]),
        category("material", "原材料", "Material", &[]),
        category("material.meltblown", "熔喷布", "Meltblown fabric", &["熔喷", "meltblown"]),
        category("equipment.mask_machine", "口罩机", "Mask machine", &[]),
    ]))
}

fn best(text: &str) -> Option<String> {
    vocabulary().categories_in(text).into_iter().next().map(|(code, _)| code)
}

/// What a title of the shipped tree is taken for, where it is taken for something at all.
fn taken_for(text: &str) -> Option<String> {
    let shipped = Vocabulary::new(&crate::domain::shipped::shared().categories);
    shipped.categories_in(text).into_iter().next().filter(|(_, confidence)| *confidence >= 0.3).map(|(code, _)| code)
}

#[test]
fn a_space_ends_what_stands_before_it_in_chinese() {
    assert_eq!(taken_for("焊工 长期合作 待遇从优").as_deref(), Some("labor.skilled.welder"));
    // A space within a name, or before the broader noun of its phrase, ends nothing.
    assert_eq!(best("医用 外科 口罩").as_deref(), Some("ppe.mask.surgical"));
    assert_eq!(best("N95 口罩").as_deref(), Some("ppe.mask.particulate"));
    assert_eq!(best("口罩机").as_deref(), Some("equipment.mask_machine"));
}

#[test]
fn what_goods_are_for_is_not_what_they_are() {
    let vocabulary = vocabulary();
    let names = |text: &str, code: &str| vocabulary.profile_of(text, None, Subject::default()).mentions(code);
    for text in ["熔喷布 50克 N95 用", "N95用熔喷布"] {
        assert!(names(text, "material.meltblown") && !names(text, "ppe.mask.particulate"), "{text}");
    }
    let text = "meltblown for face masks";
    assert!(names(text, "material.meltblown") && !names(text, "ppe.mask"));
    assert!(names("meltblown mill looking for face masks", "ppe.mask"));
    for text in ["N95 用于医院，手套", "N95 用"] {
        assert!(names(text, "ppe.mask.particulate"), "{text}");
    }
}

#[test]
fn a_single_sign_is_a_name_where_it_stands_alone() {
    for text in ["糖", "糖 50斤", "采购：糖"] {
        assert_eq!(taken_for(text).as_deref(), Some("material.food.sugar_salt"), "{text}");
    }
    for text in ["糖尿病", "血糖"] {
        assert_ne!(taken_for(text).as_deref(), Some("material.food.sugar_salt"), "{text}");
    }
}

#[test]
fn the_end_of_a_word_is_not_taken_for_a_plural_where_a_slip_explains_it() {
    for text in ["stainles steel", "stainless steel", "stainlees steel pipe"] {
        assert_eq!(taken_for(text).as_deref(), Some("material.metal.stainless"), "{text}");
    }
}

#[test]
fn one_thing_is_found_under_all_its_spellings() {
    for (text, code) in [
        ("口照", "ppe.mask"),
        ("口罩", "ppe.mask"),
        ("N95", "ppe.mask.particulate"),
        ("KN-95", "ppe.mask.particulate"),
        ("kn 95", "ppe.mask.particulate"),
        ("ＫＮ９５　口罩", "ppe.mask.particulate"),
        ("N95 口罩 5000只", "ppe.mask.particulate"),
        ("3M1860 KN95", "ppe.mask.particulate"),
        ("医用外科口罩(一次性)", "ppe.mask.surgical"),
        ("surgical masks", "ppe.mask.surgical"),
        ("Facemasks", "ppe.mask"),
        ("医用防护口罩", "ppe.mask.protective"),
        ("84", "ppe.disinfectant.hypochlorite"),
        ("84消毒液 500ml*30瓶", "ppe.disinfectant.hypochlorite"),
        ("84消费液", "ppe.disinfectant.hypochlorite"),
        ("meltblown", "material.meltblown"),
        ("95级熔喷布", "material.meltblown"),
        ("latex gloves", "ppe.glove"),
        ("口罩用熔喷布", "material.meltblown"),
        ("口罩机", "equipment.mask_machine"),
        ("meltblown fabric for masks", "material.meltblown"),
    ] {
        assert_eq!(best(text).as_deref(), Some(code), "{text}");
    }
}

#[test]
fn numbers_and_parts_of_words_are_no_names() {
    for text in ["84个", "1984", "84000", "AN951", "unmasked", "damask", "84 kg"] {
        assert_eq!(best(text), None, "{text}");
    }
}

#[test]
fn the_confidence_says_how_much_of_the_text_was_understood() {
    let confidence = |text: &str| vocabulary().categories_in(text).first().map_or(0.0, |(_, c)| *c);
    assert_eq!(confidence("医用外科口罩"), 1.0);
    assert_eq!(confidence("N95口罩 5000只"), 1.0);
    assert!(confidence("急需一批医用外科口罩送往武昌") < 0.7);
    assert!(confidence("口罩的问题请联系我们") < 0.3);
    assert!(vocabulary().categories_in("").is_empty());
}

#[test]
fn an_english_need_shares_a_concept_with_a_chinese_offer() {
    let vocabulary = vocabulary();
    let (need, offer) = (vocabulary.profile("KN95 respirator", None), vocabulary.profile("N95 口罩", None));
    assert!(need.names("ppe.mask.particulate") && offer.names("ppe.mask.particulate"));
    assert!(need.mentions("ppe.mask") && !need.names("ppe.mask"));
}

#[test]
fn measures_have_one_form() {
    let vocabulary = vocabulary();
    let first = vocabulary.profile("25克", None);
    for same in ["25 g", "0.025kg", "25g", "２５ｇ", "0.025公斤", "25000mg"] {
        assert_eq!(vocabulary.profile(same, None), first, "{same}");
    }
    assert_ne!(vocabulary.profile("26克", None), first);
    assert_eq!(vocabulary.profile("5万吨", None), vocabulary.profile("50000吨", None));
    assert_eq!(vocabulary.profile("1,000吨", None), vocabulary.profile("1000吨", None));
    assert_eq!(vocabulary.profile("2019,100只", None), vocabulary.profile("2019 100只", None), "two numbers");
}

#[test]
fn models_match_with_and_without_hyphen() {
    let vocabulary = vocabulary();
    let id = profile::token_id(TokenClass::Word, "ty127");
    for text in ["TY-127", "ty127", "TY127型"] {
        assert!(vocabulary.profile(text, None).tokens().iter().any(|t| t.id == id), "{text}");
    }
}

#[test]
fn tokens_are_sorted_and_unique() {
    let profile =
        vocabulary().profile("医用外科口罩 surgical mask 25克 口罩 口罩", Some("口罩 TY-127, mask for 84消毒液"));
    assert!(profile.tokens().windows(2).all(|w| w[0].id < w[1].id));
    assert!(profile.tokens().iter().all(|t| t.count > 0 && t.weight > 0));
}

#[test]
fn languages_are_told_apart() {
    for (text, language) in [
        ("N95 口罩", "zh-CN"),
        ("KN95 respirator, 口罩", "en"),
        ("surgical masks", "en"),
        ("医用外科口罩 3M1860", "zh-CN"),
        ("84", "zh-CN"),
    ] {
        assert_eq!(detect_language(text), language, "{text}");
    }
}

/// The tree that ships with the product.
#[test]
fn every_name_and_alias_finds_its_category() {
    let categories: Vec<Category> = serde_json::from_str(include_str!("../../data/categories.json")).unwrap();
    let vocabulary = Vocabulary::new(&CategoryTree::new(categories.clone()));
    for category in &categories {
        let names = [&category.names.zh, &category.names.en];
        for name in names.into_iter().chain(&category.aliases) {
            let found = vocabulary.categories_in(name);
            assert!(found.iter().any(|(code, _)| *code == category.code), "{name}: {found:?}");
        }
    }
    for (text, code) in [
        ("口照", "ppe.mask"),
        ("一次性口罩 3000只", "ppe.mask.civil"),
        ("急需 KN-95 口罩", "ppe.mask.particulate"),
        ("Medical surgical masks, 50 pcs/box", "ppe.mask.surgical"),
        ("84消费液", "ppe.disinfectant.hypochlorite"),
        ("75%酒精 500ml*30瓶", "ppe.disinfectant.alcohol"),
        ("25g meltblown fabric BFE99", "material.nonwoven.meltblown"),
        ("一拖二口罩机", "equipment.mask_machine"),
    ] {
        assert_eq!(vocabulary.categories_in(text).first().map(|(c, _)| c.as_str()), Some(code), "{text}");
    }
}

fn shipped() -> Vocabulary {
    Vocabulary::new(&crate::domain::shipped::reference().unwrap().categories)
}

fn first(vocabulary: &Vocabulary, text: &str) -> Option<(String, f64)> {
    vocabulary.categories_in(text).into_iter().next()
}

#[test]
fn one_wrong_sign_is_forgiven_and_told_by_the_confidence() {
    let vocabulary = shipped();
    for (text, right) in [
        ("医用外可口罩", "医用外科口罩"),
        ("医用护目境", "医用护目镜"),
        ("防护面照", "防护面罩"),
        ("一次性乳交手套", "一次性乳胶手套"),
        ("病人监护义", "病人监护仪"),
        ("急需乎吸机5台", "急需呼吸机5台"),
        ("核酸检测试剂合", "核酸检测试剂盒"),
        ("过氧乙酸消毒夜", "过氧乙酸消毒液"),
        ("surgcal masks", "surgical masks"),
        ("clorine tablets", "chlorine tablets"),
        ("shoe covrs", "shoe covers"),
        ("surgical gwon", "surgical gown"),
        ("safty goggles", "safety goggles"),
        ("KN95 respirater", "KN95 respirator"),
        ("sodium hypoclorite", "sodium hypochlorite"),
        ("patient moniter", "patient monitor"),
        ("infrared thermometr", "infrared thermometer"),
    ] {
        let (found, meant) = (first(&vocabulary, text), first(&vocabulary, right));
        let (Some((code, sure)), Some((expected, surer))) = (found, meant) else { panic!("{text}: nothing") };
        assert_eq!(code, expected, "{text}");
        assert!(sure <= surer, "{text}: {sure} {surer}");
    }
}

#[test]
fn widths_hyphens_spaces_and_traditional_characters_are_one() {
    let vocabulary = shipped();
    for (text, right) in [
        ("ＫＮ９５口罩", "KN95口罩"),
        ("KN-95 口罩", "KN95口罩"),
        ("n 95 口罩", "N95口罩"),
        ("８４消毒液", "84消毒液"),
        ("護目鏡", "护目镜"),
        ("手術衣", "手术衣"),
        ("體溫計", "体温计"),
        ("face mask", "facemask"),
        ("hand sanitizers", "hand sanitizer"),
    ] {
        assert_eq!(first(&vocabulary, text), first(&vocabulary, right), "{text}");
        assert!(first(&vocabulary, text).is_some(), "{text}");
    }
}

#[test]
fn a_name_may_stand_before_what_narrows_it() {
    let vocabulary = shipped();
    for (text, right) in [
        ("gloves nitrile", "nitrile gloves"),
        ("gloves latex", "latex gloves"),
        ("GLOVES, examination, nitrile", "examination gloves"),
        ("MASK, surgical", "surgical mask"),
        ("BOOTS, rubber, size 42", "rubber boots"),
        ("手套（外科）", "外科手套"),
    ] {
        let code = |text: &str| first(&vocabulary, text).map(|(code, _)| code);
        assert_eq!(code(text), code(right), "{text}");
    }
}

/// What is written right, or is something else, is not put right.
#[test]
fn nothing_else_is_put_right() {
    let vocabulary = shipped();
    let code = |text: &str| first(&vocabulary, text).map(|(code, _)| code).unwrap_or_default();
    for (text, expected) in [
        ("口罩机", "equipment.mask_machine"),
        ("N95口罩", "ppe.mask.particulate"),
        ("N99口罩", "ppe.mask.particulate"),
        ("84个", ""),
        ("手术椅", ""),
        ("clove", ""),
        ("town mark", ""),
        ("globe", ""),
        ("oil filler", ""),
        ("体温记录", ""),
        ("木制品", ""),
        ("矿物制品", ""),
        ("口罩及防护服", "ppe"),
    ] {
        assert!(
            code(text).starts_with(expected) && (expected.is_empty() == code(text).is_empty()),
            "{text}: {}",
            code(text)
        );
    }
    let names: Vec<String> = vocabulary.dictionary.names().map(|(name, _)| name.to_owned()).collect();
    for name in names {
        let mut pieces = segment(&name);
        let mentions = vocabulary.dictionary.mentions(&mut pieces);
        assert!(mentions.iter().all(|mention| mention.sure == 1.0), "{name}: {mentions:?}");
    }
}

#[test]
fn makers_and_standards_match_with_and_without_space() {
    let vocabulary = vocabulary();
    for (spaced, joined) in [("3M 9501", "3M9501"), ("GB 19083", "GB19083"), ("YY 0469-2011", "YY0469")] {
        let (spaced, joined) = (vocabulary.profile(spaced, None), vocabulary.profile(joined, None));
        let id = |profile: &TextProfile| profile.tokens().iter().map(|t| t.id).collect::<Vec<_>>();
        let strongest = joined.tokens().iter().max_by_key(|token| token.weight).unwrap();
        assert!(id(&spaced).contains(&strongest.id), "{spaced:?} {joined:?}");
    }
    let id = profile::token_id(TokenClass::Word, "need5000");
    assert!(vocabulary.profile("need 5000 masks", None).tokens().iter().all(|token| token.id != id));
}

#[test]
fn what_kind_of_a_thing_it_is_is_one_in_both_languages() {
    let vocabulary = shipped();
    let id = profile::token_id(TokenClass::Term, "nitrile");
    let says = |text: &str| vocabulary.profile(text, None).tokens().iter().any(|token| token.id == id);
    for text in ["nitrile gloves", "丁腈手套", "丁睛检查手套", "GLOVES, nitrile"] {
        assert!(says(text), "{text}");
    }
    assert!(!says("乳胶手套"));
}

#[test]
fn a_stated_category_speaks_where_the_words_do_not() {
    let vocabulary = vocabulary();
    let of = |category| Subject { kind: Some(Kind::Ppe), category };
    let silent = vocabulary.profile_of("3M 9501", None, of(Some("ppe.mask.particulate")));
    assert!(silent.names("ppe.mask.particulate") && silent.mentions("ppe.mask"));
    let named = vocabulary.profile_of("N95口罩", None, of(Some("ppe.mask.particulate")));
    assert_eq!(named, vocabulary.profile("N95口罩", None));
}

proptest::proptest! {
    #[test]
    fn any_text_can_be_read(title in "\\PC{0,60}", description in "\\PC{0,60}") {
        let vocabulary = vocabulary();
        let profile = vocabulary.profile(&title, Some(&description));
        proptest::prop_assert!(profile.tokens().windows(2).all(|w| w[0].id < w[1].id));
        for (_, confidence) in vocabulary.categories_in(&title) {
            proptest::prop_assert!(confidence > 0.0 && confidence <= 1.0);
        }
    }
}

#[test]
fn goods_no_category_names_are_found_in_the_other_language() {
    let shared = |zh: &str, en: &str| {
        let (zh, en) = (vocabulary().profile(zh, None), vocabulary().profile(en, None));
        zh.tokens().iter().filter(|token| en.tokens().iter().any(|other| other.id == token.id)).count()
    };
    assert_eq!(shared("螺旋藻 500瓶", "Spirulina tablets"), 1);
    assert_eq!(shared("脱脂棉球", "Balls of absorbent cotton"), 3);
    assert_eq!(shared("厄瓜多尔白虾", "Vannamei shrimp"), 1, "the last sign, of a word no dictionary has");
    assert_eq!(shared("虾皮", "Vannamei shrimp"), 0, "not the last");
    assert_eq!(shared("螺旋藻", "Water pump"), 0);
}

#[test]
fn a_gloss_counts_less_than_a_name_and_a_description_has_none() {
    let weight = |text: &str, description: Option<&str>, word: &str| {
        let id = profile::token_id(TokenClass::Word, &root(word));
        let profile = vocabulary().profile(text, description);
        profile.tokens().iter().find(|token| token.id == id).map(|token| token.weight)
    };
    assert_eq!(weight("轴承", None, "bearing"), Some(60));
    // Three signs are two pairs; two words of a gloss share its weight.
    assert_eq!(weight("显微镜", None, "microscope"), Some(120));
    assert_eq!(weight("不锈钢", None, "steel"), Some(60));
    assert_eq!(vocabulary().profile("螺旋藻", None).length(), 5, "characters and their pairs: it makes no text longer");
    assert_eq!((weight("口罩", None, "mask"), weight("外科口罩", None, "mask")), (None, None), "a name says it");
    assert_eq!(weight("求购", Some("轴承"), "bearing"), None);
}

#[test]
fn an_alias_has_a_gloss_that_tells_goods_of_its_category_apart() {
    let shipped = Vocabulary::new(&crate::domain::shipped::shared().categories);
    let weight = |title: &str, word: &str| {
        let id = profile::token_id(TokenClass::Word, &root(word));
        shipped.profile(title, None).tokens().iter().find(|token| token.id == id).map(|token| token.weight)
    };
    assert_eq!(weight("采购 铜丝", "wire"), Some(30));
    assert_eq!(weight("铜丝刷", "wire"), None, "it only qualifies");
    assert_eq!(weight("手套", "glove"), None, "what a category is called by says no more than the category");
    assert_eq!(weight("屋顶光伏", "roof"), Some(60), "part of an alias");
    assert_eq!(weight("外科口罩", "mask"), None, "part of an alias, and what a category is called by");
}

#[test]
fn goods_that_a_text_is_not_about_only_qualify() {
    let shipped = Vocabulary::new(&crate::domain::shipped::shared().categories);
    let qualifies = |title: &str, category: &str| {
        let profile = shipped.profile(title, None);
        let token = profile.tokens().iter().find(|token| token.id == concept_id(category)).copied();
        token.map(|token| token.only_qualifies)
    };
    assert_eq!(qualifies("口罩 BFE 检测", "ppe.mask"), Some(false), "a list of words");
    assert_eq!(qualifies("口罩颗粒过滤效率测试仪", "ppe.mask"), Some(true));
    assert_eq!(qualifies("N95口罩，口罩测试仪", "ppe.mask"), Some(false), "it offers masks too");
    assert_eq!(qualifies("叉车出租", "equipment.lifting.forklift"), Some(false), "who lets forklifts is about them");
}

#[test]
fn a_number_in_a_name_is_the_number_it_is_elsewhere() {
    let shipped = Vocabulary::new(&crate::domain::shipped::shared().categories);
    let id = profile::token_id(TokenClass::Number, "9001");
    for title in ["9001认证", "9001 certificate", "ISO 9001 certificate"] {
        assert!(shipped.profile(title, None).tokens().iter().any(|token| token.id == id), "{title}");
    }
}

#[test]
fn what_stands_behind_goods_need_not_be_what_the_text_is_about() {
    let shipped = Vocabulary::new(&crate::domain::shipped::shared().categories);
    let is_about = |title: &str, category: &str| {
        let profile = shipped.profile(title, None);
        profile.tokens().iter().any(|token| token.id == concept_id(category) && !token.only_qualifies)
    };
    for (title, category) in [
        ("examination gloves lightly powdered", "ppe.glove"),
        ("butterfly valve DN200", "material.machinery_part.valve"),
        ("tire wholesale", "material.auto.wheel"),
        ("HDPE bottle with lotion pump", "material.packaging.bottle"),
        ("口罩和面屏", "ppe.mask"),
        ("空调坏了", "material.daily.appliance"),
        ("校服批发", "material.textile.uniform"),
    ] {
        assert!(is_about(title, category), "{title}");
    }
    for (title, category) in [
        ("glove box", "ppe.glove"),
        ("HDPE bottle with lotion pump", "material.machinery_part.pump"),
        ("口罩包装盒", "ppe.mask"),
    ] {
        assert!(!is_about(title, category), "{title}");
    }
}

#[test]
fn of_an_english_text_the_first_phrase_says_most() {
    let shipped = Vocabulary::new(&crate::domain::shipped::shared().categories);
    let sure_of = |title: &str, category: &str| {
        shipped.categories_in(title).into_iter().find(|(code, _)| code == category).map_or(0.0, |(_, sure)| sure)
    };
    let (first, last) =
        (sure_of("Rice, 25 kg bags", "material.food.rice"), sure_of("Rice, 25 kg bags", "material.packaging.bag"));
    assert!(first > 0.6 && last < 0.5, "{first} {last}");
    let (first, last) = ("防护服，缝纫机", "缝纫机，防护服");
    assert_eq!(sure_of(first, "equipment.sewing"), sure_of(last, "equipment.sewing"));
}

#[test]
fn words_of_one_root_and_the_last_signs_of_words_are_shared() {
    let shipped = Vocabulary::new(&crate::domain::shipped::shared().categories);
    let shares = |a: &str, b: &str, class: TokenClass| {
        let ids = |title: &str| -> Vec<u64> {
            let profile = shipped.profile(title, None);
            profile.tokens().iter().map(|token| token.id).filter(|id| id >> 61 == class as u64).collect()
        };
        ids(a).iter().any(|id| ids(b).contains(id))
    };
    assert!(shares("outdoor lighting", "solar lights", TokenClass::Word));
    assert!(!shares("outdoor lighting", "lightning rods", TokenClass::Word));
    assert!(shares("人体工学椅", "网布电脑椅 可调", TokenClass::Character));
    assert!(!shares("医用外科口罩", "KN95口罩", TokenClass::Character), "names say which sort they are");
    assert!(!shares("梯子", "一次性病毒采样管含拭子", TokenClass::Character), "many sorts of words end so");
}
