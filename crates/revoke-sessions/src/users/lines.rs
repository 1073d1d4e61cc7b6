//! Line numbers of CSV records.

use csv::StringRecord;

/// Lines of records that come in order. The reader's own count leaves out blank lines and comments
/// before a record.
pub(super) struct LineCounter<'a> {
    text: &'a [u8],
    offset: usize,
    line: u64,
}

impl<'a> LineCounter<'a> {
    /// For a text before which so many lines were taken away.
    pub(super) fn new(text: &'a str, before: u64) -> Self {
        LineCounter {
            text: text.as_bytes(),
            offset: 0,
            line: before + 1,
        }
    }

    /// The line, from 1, in which the record begins.
    pub(super) fn of(&mut self, record: &StringRecord) -> u64 {
        let byte = record.position().map_or(0, csv::Position::byte);
        let reported = usize::try_from(byte).unwrap_or(usize::MAX);
        while self.offset < reported && self.step() {}
        loop {
            match self.text.get(self.offset) {
                Some(b'\r' | b'\n') => {
                    self.step();
                }
                Some(b'#') => while !self.at_line_end() && self.step() {},
                _ => return self.line,
            }
        }
    }

    fn at_line_end(&self) -> bool {
        matches!(self.text.get(self.offset), Some(b'\r' | b'\n'))
    }

    /// Goes on by a byte; false at the end.
    fn step(&mut self) -> bool {
        let Some(byte) = self.text.get(self.offset) else {
            return false;
        };
        let ends_line = match byte {
            b'\n' => true,
            b'\r' => self.text.get(self.offset + 1) != Some(&b'\n'),
            _ => false,
        };
        self.line += u64::from(ends_line);
        self.offset += 1;
        true
    }
}
