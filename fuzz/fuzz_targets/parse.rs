//! Any bytes, as a file of any format, are read without a panic, and every span lies in the text.

#![no_main]

use entra_manifest::{FileId, Source};
use entralint_fuzz::{laws::check_read, name};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Some((choice, bytes)) = data.split_first() else {
        return;
    };
    if let Ok(source) = Source::decode(FileId::default(), name(*choice), bytes.to_vec()) {
        check_read(&source);
        assert_eq!(source.to_bytes(), bytes);
    }
});
