//! Which of the product's two languages a text is written in.

use super::text::is_han;

/// `zh-CN` or `en`. A Han character weighs three letters, so a brand or a model does not make a Chinese text English.
/// A text without letters is Chinese, the product's default.
pub fn detect_language(text: &str) -> &'static str {
    let han = text.chars().filter(|c| is_han(*c)).count();
    let letters = text.chars().filter(|c| c.is_alphabetic() && !is_han(*c)).count();
    if han * 3 >= letters { "zh-CN" } else { "en" }
}
