//! Whether a text asks for somebody who does something, with goods only as what it is done to: who can repair a ventilator,
//! a truck to carry vaccines, 10名普工 包装口罩.

use crate::domain::listing::Kind;

/// Somebody is sought; of which trade other words say.
const SOMEBODY: &[&str] = &[
    "someone to",
    "someone who",
    "somebody to",
    "somebody who",
    "anyone to",
    "anyone who",
    "who can",
    "who could",
    "company to",
    "找人",
    "请人",
    "谁能",
    "谁会",
    "谁可以",
    "哪里可以",
    "哪里能",
    "哪家能",
    "哪家可以",
    "怎么处理",
    // Something is broken.
    "坏了",
    "急修",
    "broke down",
    "broken down",
    "is broken",
    "out of order",
    "needs repair",
    "need repair",
];
/// But not who has the goods or makes them.
const SUPPLIED: &[&str] = &[
    "suppl",
    "provid",
    "deliver",
    " sell",
    " offer",
    " give",
    " get",
    " find",
    " sourc",
    " make",
    "manufactur",
    "produc",
    " has ",
    " have ",
    " send",
    "供",
    "卖",
    "买",
    "有货",
    "有现货",
    "搞到",
    "弄到",
    "给",
    "生产",
];
/// Something is to be moved, where the text also speaks of vehicles or ways: sellers say that they deliver, too.
const MOVED: &[&str] = &["shipment of", "to carry", "to move", "to bring", "can carry", "运到", "运往", "拉到"];
/// Without that.
const MOVED_AT_ALL: &[&str] = &["运一车", "运一批", "can fly"];

/// What is asked for, of a text in normal form whose words speak of these kinds; `hands`: it names workers and counts them.
pub(super) fn asked_for(text: &str, words: &[Kind], hands: bool) -> Option<Kind> {
    let says = |phrases: &[&str]| phrases.iter().any(|phrase| text.contains(phrase));
    let moved = says(MOVED_AT_ALL) || words.contains(&Kind::Transport) && says(MOVED);
    match () {
        () if moved => Some(Kind::Transport),
        () if hands => Some(Kind::Labor),
        () if (says(SOMEBODY) || text.starts_with("repair of")) && !says(SUPPLIED) => {
            Some(words.iter().copied().find(|kind| !kind.is_thing()).unwrap_or(Kind::Service))
        }
        () => None,
    }
}
