//! From the bytes of a list to text: UTF-8, or UTF-16 with a byte order mark, as spreadsheets save.

/// Why bytes are no text.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum DecodeError {
    #[error("line {line} is not UTF-8; save the list as UTF-8")]
    NotUtf8 { line: usize },
    #[error("line {line} is not UTF-16, although the list begins as UTF-16 does; save it as UTF-8")]
    NotUtf16 { line: usize },
    #[error("it holds a NUL character in line {line}; save the list as UTF-8")]
    Nul { line: usize },
}

/// Decodes a list; a byte order mark is not part of the text.
pub(crate) fn text(bytes: Vec<u8>) -> Result<String, DecodeError> {
    let text = match &bytes[..] {
        [0xFF, 0xFE, rest @ ..] => utf16(rest, u16::from_le_bytes)?,
        [0xFE, 0xFF, rest @ ..] => utf16(rest, u16::from_be_bytes)?,
        [0xEF, 0xBB, 0xBF, ..] => utf8(bytes)?.split_off(3),
        _ => utf8(bytes)?,
    };
    // UTF-16 without a mark reads as UTF-8 with a NUL in every other place.
    match text.find('\0') {
        Some(at) => Err(DecodeError::Nul {
            line: line_of(&text.as_bytes()[..at]),
        }),
        None => Ok(text),
    }
}

fn utf8(bytes: Vec<u8>) -> Result<String, DecodeError> {
    String::from_utf8(bytes).map_err(|error| DecodeError::NotUtf8 {
        line: line_of(&error.as_bytes()[..error.utf8_error().valid_up_to()]),
    })
}

fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Result<String, DecodeError> {
    let (pairs, rest) = bytes.as_chunks::<2>();
    let mut text = String::with_capacity(pairs.len());
    for decoded in char::decode_utf16(pairs.iter().map(|pair| unit(*pair))) {
        match decoded {
            Ok(c) => text.push(c),
            Err(_) => {
                return Err(DecodeError::NotUtf16 {
                    line: line_of(text.as_bytes()),
                });
            }
        }
    }
    if rest.is_empty() {
        Ok(text)
    } else {
        Err(DecodeError::NotUtf16 {
            line: line_of(text.as_bytes()),
        })
    }
}

/// The line, from 1, of what follows these bytes.
fn line_of(before: &[u8]) -> usize {
    before.iter().filter(|byte| **byte == b'\n').count() + 1
}

#[cfg(test)]
mod tests {
    use super::*;

    fn utf16_bytes(mark: [u8; 2], text: &str, bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
        let units = text.encode_utf16().flat_map(bytes);
        mark.into_iter().chain(units).collect()
    }

    #[test]
    fn every_encoding_of_spreadsheets_is_read() {
        let list = "alice@contoso.com\r\nzoë@contoso.com\n";
        let marked = format!("\u{feff}{list}");
        for bytes in [
            list.as_bytes().to_vec(),
            marked.into_bytes(),
            utf16_bytes([0xFF, 0xFE], list, u16::to_le_bytes),
            utf16_bytes([0xFE, 0xFF], list, u16::to_be_bytes),
        ] {
            assert_eq!(text(bytes).as_deref(), Ok(list));
        }
    }

    #[test]
    fn what_is_not_text_is_told_with_its_line() {
        let said = |bytes: &[u8]| text(bytes.to_vec()).unwrap_err().to_string();
        assert_eq!(
            said(b"a\nb\nzo\xEB"),
            "line 3 is not UTF-8; save the list as UTF-8"
        );
        assert_eq!(
            said(b"\xFF\xFEa\0\n\0b"),
            "line 2 is not UTF-16, although the list begins as UTF-16 does; save it as UTF-8"
        );
        assert_eq!(
            said(b"\xFF\xFE\x00\xD8\n\0"),
            "line 1 is not UTF-16, although the list begins as UTF-16 does; save it as UTF-8"
        );
        assert_eq!(
            said(b"a\0l\0i\0"),
            "it holds a NUL character in line 1; save the list as UTF-8"
        );
    }
}
