//! YAML with places: pipelines, collections and API descriptions as a tree.

use saphyr_parser::{Event, Parser, ScalarStyle};
use source_text::{Source, Span};

/// Nesting of a file that people wrote by hand.
const MOST_DEPTH: usize = 128;

/// The largest description of Microsoft Graph has about two million.
const MOST_NODES: usize = 4_000_000;

/// A node of a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Node {
    /// A text, a number or another plain value.
    Scalar(Scalar),
    /// A sequence.
    List(Vec<Node>, Span),
    /// A mapping, in the order of the file; a name can occur twice.
    Map(Vec<(Scalar, Node)>, Span),
    /// An alias, which is not followed: a small file of aliases can stand for an endless one.
    Alias(Span),
}

/// A scalar and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scalar {
    /// The value, escapes resolved and the indentation of a block taken off.
    pub text: String,
    /// Where it stands: quotes included; a block from its first character on.
    pub span: Span,
    /// Whether it is a block: `|` or `>`.
    pub is_block: bool,
}

/// Text that is no YAML, or more of it than is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct YamlError {
    /// What is wrong.
    pub reason: String,
    /// Where, in bytes of the text.
    pub offset: usize,
}

impl Node {
    /// The value of the first member of this name.
    pub fn get(&self, name: &str) -> Option<&Self> {
        self.pairs()
            .iter()
            .find(|(key, _)| key.text == name)
            .map(|(_, value)| value)
    }

    /// The members of a map; none of anything else.
    pub fn pairs(&self) -> &[(Scalar, Self)] {
        match self {
            Self::Map(pairs, _) => pairs,
            _ => &[],
        }
    }

    /// The elements of a list; none of anything else.
    pub fn items(&self) -> &[Self] {
        match self {
            Self::List(items, _) => items,
            _ => &[],
        }
    }

    /// The value of a scalar.
    pub fn text(&self) -> Option<&str> {
        self.scalar().map(|scalar| scalar.text.as_str())
    }

    /// The scalar, where it is one.
    pub fn scalar(&self) -> Option<&Scalar> {
        match self {
            Self::Scalar(scalar) => Some(scalar),
            _ => None,
        }
    }

    /// Where it stands.
    pub fn span(&self) -> Span {
        match self {
            Self::Scalar(scalar) => scalar.span,
            Self::List(_, span) | Self::Map(_, span) | Self::Alias(span) => *span,
        }
    }
}

/// The first document of a text.
///
/// # Errors
///
/// When the text is no YAML, or nests deeper or has more values than is read.
pub fn parse(source: &Source) -> Result<Node, YamlError> {
    let text = source.text();
    let mut offsets = Offsets::new(text);
    let mut builder = Builder::default();
    let mut nodes = 0;
    for event in Parser::new_from_str(text) {
        let (event, place) = event.map_err(|error| YamlError {
            reason: error.info().to_owned(),
            offset: offsets.of(error.marker().index()),
        })?;
        let start = offsets.of(place.start.index());
        nodes += 1;
        if nodes > MOST_NODES || builder.open.len() > MOST_DEPTH {
            let reason = if nodes > MOST_NODES {
                "more values than are read"
            } else {
                "nested too deeply"
            };
            return Err(YamlError {
                reason: reason.to_owned(),
                offset: start,
            });
        }
        let end = offsets.of(place.end.index()).max(start);
        let span = source.span(start, end);
        match event {
            Event::Scalar(text, style, ..) => builder.put(Node::Scalar(Scalar {
                text: text.into_owned(),
                span,
                is_block: matches!(style, ScalarStyle::Literal | ScalarStyle::Folded),
            })),
            Event::Alias(_) => builder.put(Node::Alias(span)),
            Event::SequenceStart(..) => builder.open.push(Open::List(Vec::new(), span)),
            Event::MappingStart(..) => builder.open.push(Open::Map(Vec::new(), None, span)),
            Event::SequenceEnd | Event::MappingEnd => builder.close(span),
            Event::DocumentEnd | Event::StreamEnd => break,
            Event::Nothing | Event::StreamStart | Event::DocumentStart(_) => {}
        }
    }
    Ok(builder
        .root
        .unwrap_or_else(|| Node::Map(Vec::new(), source.span(0, 0))))
}

#[derive(Default)]
struct Builder {
    open: Vec<Open>,
    root: Option<Node>,
}

enum Open {
    List(Vec<Node>, Span),
    /// The pairs so far, and the key whose value follows.
    Map(Vec<(Scalar, Node)>, Option<Key>, Span),
}

enum Key {
    Scalar(Scalar),
    /// A list or a map as a key: its value is dropped.
    Other,
}

impl Builder {
    fn put(&mut self, node: Node) {
        match self.open.last_mut() {
            Some(Open::List(items, _)) => items.push(node),
            Some(Open::Map(pairs, key, _)) => match key.take() {
                Some(Key::Scalar(name)) => pairs.push((name, node)),
                Some(Key::Other) => {}
                None => {
                    *key = Some(match node {
                        Node::Scalar(scalar) => Key::Scalar(scalar),
                        _ => Key::Other,
                    });
                }
            },
            None => self.root = Some(node),
        }
    }

    fn close(&mut self, end: Span) {
        let node = match self.open.pop() {
            Some(Open::List(items, start)) => Node::List(items, start.to(end)),
            Some(Open::Map(pairs, _, start)) => Node::Map(pairs, start.to(end)),
            None => return,
        };
        self.put(node);
    }
}

/// From characters, in which the parser counts, to bytes. Places come nearly in order, so this walks on.
struct Offsets<'a> {
    text: &'a str,
    ascii: bool,
    characters: usize,
    bytes: usize,
}

impl<'a> Offsets<'a> {
    fn new(text: &'a str) -> Self {
        Self {
            text,
            ascii: text.is_ascii(),
            characters: 0,
            bytes: 0,
        }
    }

    fn of(&mut self, characters: usize) -> usize {
        if self.ascii {
            return characters.min(self.text.len());
        }
        while self.characters > characters {
            let before = self.text[..self.bytes].chars().next_back();
            self.bytes -= before.map_or(0, char::len_utf8);
            self.characters -= 1;
        }
        let step: usize = self.text[self.bytes..]
            .chars()
            .take(characters - self.characters)
            .map(char::len_utf8)
            .sum();
        self.bytes += step;
        self.characters = characters;
        self.bytes
    }
}

#[cfg(test)]
mod tests {
    use source_text::{Encoding, FileId};

    use super::*;

    fn source(name: &str, text: &str) -> Source {
        Source::new(FileId::default(), name, text.to_owned(), Encoding::Utf8)
    }

    #[test]
    fn places_count_bytes() {
        let text = "é: [ü, \"ö\"]\nlast: |\n  one\n  twö\nend: x\n";
        let source = source("a.yml", text);
        let node = parse(&source).unwrap();
        let list = node.get("é").unwrap();
        let slices: Vec<&str> = list
            .items()
            .iter()
            .map(|item| source.slice(item.span()))
            .collect();
        assert_eq!(slices, ["ü", "\"ö\""]);
        assert_eq!(node.get("last").and_then(Node::text), Some("one\ntwö\n"));
        assert_eq!(source.slice(node.get("end").unwrap().span()), "x");
        // A block begins at its first character.
        assert_eq!(
            source.slice(node.get("last").unwrap().span()),
            "one\n  twö\n"
        );
    }

    #[test]
    fn errors_have_a_place_and_nesting_ends() {
        let broken = source("a.yml", "a: [1\nb: }");
        assert!(parse(&broken).unwrap_err().offset > 0);
        let deep = source("a.yml", &"[".repeat(100_000));
        assert!(parse(&deep).is_err());
        assert_eq!(parse(&source("a.yml", "")).unwrap().pairs(), []);
    }
}
