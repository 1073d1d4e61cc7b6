//! A command of a shell, word by word.

use std::ops::Range;

use source_lex::TokenKind;

use crate::formats::scripts::follow::Reader;

/// The words of a command, the command itself first.
pub(super) struct Line {
    pub(super) words: Vec<Range<usize>>,
}

impl Line {
    pub(super) fn read(reader: &Reader<'_, '_>, at: usize) -> Self {
        let code = reader.code;
        let mut words = Vec::new();
        let mut next = at;
        while next < code.len() {
            let token = code.token(next);
            let stops = matches!(
                token.kind,
                TokenKind::Close | TokenKind::HoleClose | TokenKind::StrClose
            ) || (token.kind == TokenKind::Punct
                && matches!(code.text(next), "|" | "||" | "&&" | ";" | "&" | ">" | ">>"));
            if stops || (token.newline && next > at) || !reader.spend(1) {
                break;
            }
            let end = code.word_end(next).max(next + 1);
            words.push(next..end);
            next = end;
        }
        Self { words }
    }

    pub(super) fn text<'s>(&self, reader: &Reader<'_, 's>, index: usize) -> &'s str {
        self.words.get(index).map_or("", |word| {
            let (start, end) = reader.offsets(word.clone());
            &reader.text[start as usize..end as usize]
        })
    }

    pub(super) fn begins(&self, reader: &Reader<'_, '_>, expected: &[&str]) -> bool {
        expected
            .iter()
            .enumerate()
            .all(|(index, word)| self.text(reader, index + 1) == *word)
    }

    /// The words behind an option, up to the next one.
    pub(super) fn option(&self, reader: &Reader<'_, '_>, name: &str) -> Vec<Range<usize>> {
        let Some(place) = (0..self.words.len()).find(|&index| self.text(reader, index) == name)
        else {
            return Vec::new();
        };
        (place + 1..self.words.len())
            .take_while(|&index| !self.text(reader, index).starts_with("--"))
            .map(|index| self.words[index].clone())
            .collect()
    }

    pub(super) fn offsets(&self, reader: &Reader<'_, '_>) -> (u32, u32) {
        let last = self.words.last().map_or(0, |word| word.end);
        let first = self.words.first().map_or(0, |word| word.start);
        reader.offsets(first..last)
    }
}

/// The first token of the command around a token.
pub(super) fn line_start(reader: &Reader<'_, '_>, at: usize) -> usize {
    let code = reader.code;
    let mut start = at;
    while start > 0 {
        let before = start - 1;
        let stops = matches!(code.kind(before), TokenKind::Open | TokenKind::HoleOpen)
            || (code.kind(before) == TokenKind::Punct
                && matches!(code.text(before), "|" | "||" | "&&" | ";" | "&"));
        if code.token(start).newline || stops || !reader.spend(1) {
            break;
        }
        start = code
            .skip_back(before)
            .map_or(0, |earlier| earlier + 1)
            .min(before);
    }
    start
}
