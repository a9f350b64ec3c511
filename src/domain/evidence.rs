//! Files an enterprise proves things with: what they may be, told by their bytes and never by their names.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use strum::{EnumString, IntoStaticStr, VariantArray};
use uuid::Uuid;

/// Bytes of one file.
pub const LARGEST: usize = 10 << 20;
/// Files of one enterprise.
pub const MOST_FILES: i64 = 500;
/// Files one application or credential is proved by.
pub const MOST_ATTACHED: usize = 20;
/// Characters of a name.
const LONGEST_NAME: usize = 150;
/// A file that nothing refers to is kept this long.
pub const UNUSED_LIFETIME: TimeDelta = TimeDelta::days(7);

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, EnumString, IntoStaticStr, VariantArray)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum FileType {
    Pdf,
    Jpeg,
    Png,
    Webp,
    Heic,
}

/// What is known of a file besides its bytes.
#[derive(Debug, Clone, PartialEq)]
pub struct EvidenceFile {
    pub id: Uuid,
    pub enterprise_id: Uuid,
    /// For people; never a path.
    pub name: String,
    pub file_type: FileType,
    pub size: i32,
    pub sha256: [u8; 32],
    pub uploaded_by: Uuid,
    pub created_at: DateTime<Utc>,
}

impl FileType {
    /// So many bytes at its beginning tell what a file is.
    pub const HEAD: usize = 12;

    pub fn of(head: &[u8]) -> Option<Self> {
        let brand = || head.get(4..12).is_some_and(|ftyp| matches!(ftyp, b"ftypheic" | b"ftypheix" | b"ftypmif1"));
        match head {
            [b'%', b'P', b'D', b'F', b'-', ..] => Some(Self::Pdf),
            [0xff, 0xd8, 0xff, ..] => Some(Self::Jpeg),
            [0x89, b'P', b'N', b'G', 0x0d, 0x0a, 0x1a, 0x0a, ..] => Some(Self::Png),
            [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Some(Self::Webp),
            _ if brand() => Some(Self::Heic),
            _ => None,
        }
    }

    pub fn media_type(self) -> &'static str {
        match self {
            Self::Pdf => "application/pdf",
            Self::Jpeg => "image/jpeg",
            Self::Png => "image/png",
            Self::Webp => "image/webp",
            Self::Heic => "image/heic",
        }
    }

    /// Endings of names, the usual one first.
    fn endings(self) -> &'static [&'static str] {
        match self {
            Self::Pdf => &["pdf"],
            Self::Jpeg => &["jpg", "jpeg"],
            Self::Png => &["png"],
            Self::Webp => &["webp"],
            Self::Heic => &["heic", "heif"],
        }
    }
}

/// A name fit to be shown and saved under: its last segment, without characters that hide or turn text, ending as the type
/// does.
pub fn clean_name(given: &str, file_type: FileType) -> String {
    let hidden = |c: &char| {
        c.is_control()
            || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
    };
    let last = given.rsplit(['/', '\\']).next().unwrap_or_default();
    let shown: String = last.chars().filter(|c| !hidden(c)).take(LONGEST_NAME).collect();
    let shown = shown.trim().trim_matches('.');
    let shown = if shown.is_empty() { "file" } else { shown };
    let ending = shown.rsplit_once('.').map(|(_, ending)| ending.to_lowercase());
    let fits = ending.is_some_and(|ending| file_type.endings().contains(&ending.as_str()));
    if fits { shown.to_owned() } else { format!("{shown}.{}", file_type.endings()[0]) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bytes_say_what_a_file_is() {
        for (head, file_type) in [
            (&b"%PDF-1.7\n%\xe2\xe3"[..], Some(FileType::Pdf)),
            (b"\xff\xd8\xff\xe0\0\x10JFIF", Some(FileType::Jpeg)),
            (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", Some(FileType::Png)),
            (b"RIFF\x24\0\0\0WEBPVP8 ", Some(FileType::Webp)),
            (b"\0\0\0\x18ftypheic\0\0\0\0", Some(FileType::Heic)),
            (b"RIFF\x24\0\0\0WAVEfmt ", None),
            (b"<html><script>", None),
            (b"MZ\x90\0\x03\0\0\0\x04\0\0\0", None),
            (b"PK\x03\x04\x14\0\x06\0\x08\0\0\0", None),
            (b" %PDF-1.7", None),
            (b"", None),
        ] {
            assert_eq!(FileType::of(head), file_type, "{head:?}");
        }
    }

    #[test]
    fn a_name_is_no_path_and_hides_nothing() {
        for (given, clean) in [
            ("营业执照.pdf", "营业执照.pdf"),
            ("../../etc/passwd", "passwd.pdf"),
            (r"C:\temp\licence.PDF", "licence.PDF"),
            ("", "file.pdf"),
            ("..", "file.pdf"),
            ("invoice\u{202e}fdp.exe", "invoicefdp.exe.pdf"),
            ("a\r\nSet-Cookie: x\0.pdf", "aSet-Cookie: x.pdf"),
        ] {
            assert_eq!(clean_name(given, FileType::Pdf), clean, "{given:?}");
        }
        assert_eq!(clean_name(&"长".repeat(300), FileType::Png).chars().count(), LONGEST_NAME + 4);
        assert_eq!(clean_name("a.jpeg", FileType::Jpeg), "a.jpeg");
    }
}
