//! MicrosoftGraphActivityLogs in the shapes in which people have them: the portal's CSV, the answer of the query API, the
//! array that command lines print, and the JSON lines of a diagnostic setting.
//!
//! <https://learn.microsoft.com/en-us/azure/azure-monitor/reference/tables/microsoftgraphactivitylogs>

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use msgraph_permissions::PermissionType;
use serde_json::value::RawValue;
use source_text::Span;

use super::collect::{Collector, Manner, Members, Request, for_each, member, members, text};
use super::{Format, Head, LeftOut, RecordError};
use crate::{Certainty, Kind};

const NAME: &str = "activity-log";

const MANNER: Manner = Manner {
    kind: Kind::Log,
    certainty: Certainty::Certain,
    bare_paths: false,
};

/// The columns that are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Column {
    Method,
    Uri,
    Status,
    App,
    Roles,
    Scopes,
    Time,
}

impl Column {
    /// The column of a name: `TimeGenerated [UTC]` in the portal, `requestMethod` in diagnostic settings.
    fn of(name: &str) -> Option<Self> {
        let name = name.split([' ', '[']).next().unwrap_or(name);
        Some(match name.to_ascii_lowercase().as_str() {
            "requestmethod" => Self::Method,
            "requesturi" => Self::Uri,
            "responsestatuscode" => Self::Status,
            "appid" => Self::App,
            "roles" => Self::Roles,
            "scopes" => Self::Scopes,
            "timegenerated" | "time" => Self::Time,
            _ => return None,
        })
    }
}

/// One row.
#[derive(Debug, Default)]
struct Row {
    method: String,
    uri: String,
    status: String,
    app: String,
    roles: String,
    scopes: String,
    time: String,
}

impl Row {
    fn set(&mut self, column: Column, value: String) {
        let cell = match column {
            Column::Method => &mut self.method,
            Column::Uri => &mut self.uri,
            Column::Status => &mut self.status,
            Column::App => &mut self.app,
            Column::Roles => &mut self.roles,
            Column::Scopes => &mut self.scopes,
            Column::Time => &mut self.time,
        };
        // `time` stands beside `properties.timeGenerated`: the first that is filled stays.
        if cell.is_empty() {
            *cell = value;
        }
    }

    fn hand(&self, collector: &mut Collector<'_>, span: Span) {
        collector.count();
        if !collector.wants_app(&self.app) {
            collector.leave_out(LeftOut::OtherApp);
            return;
        }
        let request = Request {
            method: &self.method,
            url: &self.uri,
            status: self.status.trim().parse().ok(),
            scheme: self.scheme(),
            time: time(&self.time),
            permissions: [&self.scopes, &self.roles]
                .into_iter()
                .map(|cell| cell.trim())
                .find(|cell| !cell.is_empty()),
            ..Request::default()
        };
        // The envelope's children are rows of their own.
        collector.request(&request, MANNER, span);
    }

    /// Scopes are those of a signed-in user's token, roles those of an app's.
    fn scheme(&self) -> Option<PermissionType> {
        if !self.scopes.trim().is_empty() {
            Some(PermissionType::Delegated)
        } else if !self.roles.trim().is_empty() {
            Some(PermissionType::Application)
        } else {
            None
        }
    }
}

/// `2026-11-20T08:00:00Z` or, in the portal's CSV, `11/20/2026, 8:00:00.000 AM` in UTC.
fn time(text: &str) -> Option<Timestamp> {
    let text = text.trim();
    if let Ok(time) = text.parse() {
        return Some(time);
    }
    let civil = [
        "%m/%d/%Y, %I:%M:%S%.f %p",
        "%m/%d/%Y %I:%M:%S %p",
        "%Y-%m-%d %H:%M:%S%.f",
        "%Y-%m-%dT%H:%M:%S%.f",
    ]
    .into_iter()
    .find_map(|format| DateTime::strptime(format, text).ok())?;
    Some(civil.to_zoned(TimeZone::UTC).ok()?.timestamp())
}

/// `{"tables": [{"columns": [{"name"}], "rows": [[…]]}]}`: what the Log Analytics query API answers.
pub(super) struct QueryAnswer;
/// `[{"RequestMethod": …}]`: what `az monitor log-analytics query` and `Invoke-AzOperationalInsightsQuery` print.
pub(super) struct Rows;
/// `{"properties": {"requestMethod": …}}` a line: what a diagnostic setting writes to a storage account.
pub(super) struct Lines;
/// What the portal exports.
pub(super) struct Csv;

impl Format for QueryAnswer {
    fn name(&self) -> &'static str {
        NAME
    }

    fn claims(&self, head: &Head<'_>) -> bool {
        head.has("tables") && !head.is_array
    }

    fn read(&self, collector: &mut Collector<'_>) -> Result<(), RecordError> {
        let whole = collector.text();
        let outer = members(collector, whole)?;
        let Some(tables) = member(&outer, "tables") else {
            return Err(missing(collector, "tables"));
        };
        for_each(collector, tables.get(), |collector, table| {
            let table = members(collector, table.get())?;
            let mut columns = Vec::new();
            if let Some(part) = member(&table, "columns") {
                for_each(collector, part.get(), |collector, column| {
                    let name = match column.get().starts_with('{') {
                        true => member(&members(collector, column.get())?, "name").and_then(text),
                        false => text(column),
                    };
                    columns.push(name.as_deref().and_then(Column::of));
                    Ok(())
                })?;
            }
            check(collector, &columns)?;
            let Some(rows) = member(&table, "rows") else {
                return Ok(());
            };
            for_each(collector, rows.get(), |collector, cells| {
                let mut row = Row::default();
                let mut at = 0;
                let span = collector.place(cells.get());
                for_each(collector, cells.get(), |_, cell| {
                    if let Some(column) = columns.get(at).copied().flatten() {
                        row.set(column, plain(cell));
                    }
                    at += 1;
                    Ok(())
                })?;
                row.hand(collector, span);
                Ok(())
            })
        })
    }
}

/// The text of a cell: a string's own, a number's digits, nothing for `null`.
fn plain(cell: &RawValue) -> String {
    text(cell).unwrap_or_else(|| match cell.get() {
        "null" => String::new(),
        other => other.to_owned(),
    })
}

/// A row that is an object, its columns at the top or in `properties`.
fn object(collector: &mut Collector<'_>, part: &str) -> Result<(), RecordError> {
    let mut row = Row::default();
    let outer = members(collector, part)?;
    fill(&mut row, &outer);
    if let Some(inner) = member(&outer, "properties").filter(|inner| inner.get().starts_with('{')) {
        fill(&mut row, &members(collector, inner.get())?);
    }
    let span = collector.place(part);
    row.hand(collector, span);
    Ok(())
}

fn fill(row: &mut Row, members: &Members<'_>) {
    for (name, value) in members {
        if let Some(column) = Column::of(name) {
            row.set(column, plain(value));
        }
    }
}

impl Format for Rows {
    fn name(&self) -> &'static str {
        NAME
    }

    fn claims(&self, head: &Head<'_>) -> bool {
        let is_row = head.has("RequestUri")
            || (head.has("properties") && contains_fold(head.text, "requesturi"));
        (head.is_array && is_row)
            // Event hubs wrap the rows: `{"records": [...]}`; exports: `{"value": [...]}`.
            || (!head.is_array && (head.has("records") || head.has("value")) && contains_fold(head.text, "requesturi"))
    }

    fn read(&self, collector: &mut Collector<'_>) -> Result<(), RecordError> {
        let whole = collector.text();
        let rows = if whole.trim_start().starts_with('[') {
            whole
        } else {
            let outer = members(collector, whole)?;
            match member(&outer, "records").or_else(|| member(&outer, "value")) {
                Some(rows) => rows.get(),
                None => return Err(missing(collector, "records")),
            }
        };
        for_each(collector, rows, |collector, element| {
            object(collector, element.get())
        })
    }
}

impl Format for Lines {
    fn name(&self) -> &'static str {
        NAME
    }

    fn claims(&self, head: &Head<'_>) -> bool {
        !head.is_array
            && head.text.trim_start().starts_with('{')
            && (head.has("RequestUri")
                || (head.has("properties") && head.has("category"))
                || head.ends_with(".jsonl"))
            && contains_fold(head.text, "requesturi")
    }

    fn read(&self, collector: &mut Collector<'_>) -> Result<(), RecordError> {
        for line in collector.text().lines() {
            let line = line.trim().trim_end_matches(',');
            if !line.is_empty() {
                object(collector, line)?;
            }
        }
        Ok(())
    }
}

impl Format for Csv {
    fn name(&self) -> &'static str {
        NAME
    }

    fn claims(&self, head: &Head<'_>) -> bool {
        let first = head.text.lines().next().unwrap_or_default();
        first.contains(',')
            && contains_fold(first, "requesturi")
            && !first.trim_start().starts_with(['{', '['])
    }

    fn read(&self, collector: &mut Collector<'_>) -> Result<(), RecordError> {
        let mut reader = csv::ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .from_reader(collector.text().as_bytes());
        let mut columns = Vec::new();
        let mut record = csv::StringRecord::new();
        loop {
            let start = offset(reader.position());
            match reader.read_record(&mut record) {
                Ok(true) => {}
                Ok(false) => return Ok(()),
                Err(error) => return Err(collector.syntax(error.to_string(), start)),
            }
            if columns.is_empty() {
                columns.extend(record.iter().map(Column::of));
                check(collector, &columns)?;
                continue;
            }
            let mut row = Row::default();
            for (cell, column) in record.iter().zip(&columns) {
                if let Some(column) = column {
                    row.set(*column, cell.to_owned());
                }
            }
            let end = offset(reader.position());
            let span = collector.source.span(start, end.max(start));
            row.hand(collector, span);
        }
    }
}

fn offset(position: &csv::Position) -> usize {
    usize::try_from(position.byte()).unwrap_or(usize::MAX)
}

/// Without method and address a row says nothing.
fn check(collector: &Collector<'_>, columns: &[Option<Column>]) -> Result<(), RecordError> {
    for (column, name) in [
        (Column::Method, "RequestMethod"),
        (Column::Uri, "RequestUri"),
    ] {
        if !columns.contains(&Some(column)) {
            return Err(missing(collector, name));
        }
    }
    Ok(())
}

fn missing(collector: &Collector<'_>, member: &'static str) -> RecordError {
    RecordError::Missing {
        format: NAME,
        member,
        span: collector.source.span(0, 0),
    }
}

/// Whether a text holds a word, in lower case, in any case. Only its first part is looked at.
fn contains_fold(text: &str, word: &str) -> bool {
    let bytes = text.as_bytes();
    let start = &bytes[..bytes.len().min(64 * 1024)];
    start
        .windows(word.len())
        .any(|window| window.eq_ignore_ascii_case(word.as_bytes()))
}
