//! Figures as a workbook. Every text is written as a text: nothing somebody wrote becomes a formula or a link.

use rust_xlsxwriter::{Format, Workbook, Worksheet, XlsxError};

use super::wire::codes::label;
use crate::app::briefs::Brief;
use crate::domain::message::{self, Language};
use crate::domain::reference::Reference;
use crate::domain::violation::Params;

pub const MEDIA_TYPE: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

enum Cell {
    Text(String),
    Number(f64),
}

struct Writer<'a> {
    reference: &'a Reference,
    language: Language,
}

/// A sheet for each sort of figures.
pub fn brief(brief: &Brief, reference: &Reference, language: Language) -> Result<Vec<u8>, String> {
    let mut book = Workbook::new();
    let writer = Writer { reference, language };
    writer.write(&mut book, brief).and_then(|()| book.save_to_buffer()).map_err(|error| error.to_string())
}

impl Writer<'_> {
    fn write(&self, book: &mut Workbook, brief: &Brief) -> Result<(), XlsxError> {
        self.sheet(book, "brief_sheet_summary", &["brief_name", "brief_value"], self.summary(brief))?;
        let enterprises = brief
            .enterprises
            .iter()
            .map(|count| vec![self.label("EnterpriseStatus", count.code.as_deref()), Cell::Number(count.count as f64)]);
        self.sheet(book, "brief_sheet_enterprises", &["brief_status", "brief_count"], enterprises.collect())?;
        let listings = brief.listings.iter().map(|count| {
            let category = count.category.as_deref().unwrap_or("-");
            vec![
                self.label("Side", count.side.as_deref()),
                self.label("Kind", count.kind.as_deref()),
                Cell::Text(category.to_owned()),
                self.category(category),
                Cell::Number(count.count as f64),
            ]
        });
        let heads = ["brief_side", "brief_kind", "brief_category", "brief_category_name", "brief_count"];
        self.sheet(book, "brief_sheet_listings", &heads, listings.collect())?;
        let needs = brief
            .needs
            .iter()
            .map(|count| vec![self.label("NeedOutcome", count.code.as_deref()), Cell::Number(count.count as f64)]);
        self.sheet(book, "brief_sheet_needs", &["brief_outcome", "brief_count"], needs.collect())?;
        self.gaps(book, brief)
    }

    fn gaps(&self, book: &mut Workbook, brief: &Brief) -> Result<(), XlsxError> {
        // Quantities may have more digits than a number of a workbook holds.
        let quantity = |text: &str| match text.parse::<f64>() {
            Ok(number) if text.len() <= 15 => Cell::Number(number),
            _ => Cell::Text(text.to_owned()),
        };
        let rows = brief.gaps.iter().map(|gap| {
            vec![
                Cell::Text(gap.category.clone()),
                self.category(&gap.category),
                self.unit(&gap.unit_code),
                self.label("QuantityBasis", Some(&gap.basis)),
                quantity(&gap.needed),
                quantity(&gap.offered),
                quantity(&gap.gap),
            ]
        });
        let heads = [
            "brief_category",
            "brief_category_name",
            "brief_unit",
            "brief_basis",
            "brief_needed",
            "brief_offered",
            "brief_gap",
        ];
        self.sheet(book, "brief_sheet_gaps", &heads, rows.collect())
    }

    fn summary(&self, brief: &Brief) -> Vec<Vec<Cell>> {
        let region = brief.region_code.as_deref().map_or_else(String::new, |code| {
            let name = self.reference.regions.get(code).map(|region| region.names.in_language(self.language));
            format!("{} {code}", name.unwrap_or_default())
        });
        let exact = brief.exact_since.map_or_else(String::new, |at| at.to_rfc3339());
        let row = |code: &str, cell: Cell| vec![Cell::Text(self.text(code)), cell];
        vec![
            row("brief_date", Cell::Text(brief.date.to_string())),
            row("brief_region", Cell::Text(region)),
            row("brief_as_of", Cell::Text(brief.as_of.to_rfc3339())),
            row("brief_exact_since", Cell::Text(exact)),
            row("brief_contacts", Cell::Number(brief.contacts as f64)),
            row("brief_waiting", Cell::Number(brief.queue.waiting as f64)),
            row("brief_median_hours", Cell::Number((brief.queue.median / 360.0).round() / 10.0)),
            row("brief_oldest_hours", Cell::Number((brief.queue.oldest / 360.0).round() / 10.0)),
        ]
    }

    fn sheet(&self, book: &mut Workbook, name: &str, heads: &[&str], rows: Vec<Vec<Cell>>) -> Result<(), XlsxError> {
        let (bold, sheet) = (Format::new().set_bold(), book.add_worksheet());
        sheet.set_name(self.text(name))?;
        for (column, head) in (0_u16..).zip(heads) {
            sheet.write_string_with_format(0, column, self.text(head), &bold)?;
            sheet.set_column_width(column, 24)?;
        }
        for (row, cells) in (1_u32..).zip(rows) {
            for (column, cell) in (0_u16..).zip(cells) {
                put(sheet, row, column, cell)?;
            }
        }
        Ok(())
    }

    fn text(&self, code: &str) -> String {
        message::text(code, &Params::new(), self.language)
    }

    fn label(&self, vocabulary: &str, code: Option<&str>) -> Cell {
        Cell::Text(code.map_or_else(String::new, |code| label(vocabulary, code, self.language)))
    }

    fn category(&self, code: &str) -> Cell {
        let category = self.reference.categories.get(code);
        Cell::Text(category.map_or("", |category| category.names.in_language(self.language)).to_owned())
    }

    fn unit(&self, code: &str) -> Cell {
        let unit = self.reference.units.get(code);
        Cell::Text(unit.map_or(code, |unit| unit.names.in_language(self.language)).to_owned())
    }
}

/// `write_string` keeps a text that begins with `=`, `+` or `@` what it is.
fn put(sheet: &mut Worksheet, row: u32, column: u16, cell: Cell) -> Result<(), XlsxError> {
    match cell {
        Cell::Text(text) => sheet.write_string(row, column, text).map(|_| ()),
        Cell::Number(number) => sheet.write_number(row, column, number).map(|_| ()),
    }
}
