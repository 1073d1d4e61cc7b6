//! Any text, as one call a line, is a call or an error with its column; every call has an answer, and the set for all
//! of them covers each that is answered.

#![no_main]

use libfuzzer_sys::fuzz_target;
use msgraph_permissions::{Answer, Call, Catalog, LookupOptions, Scheme};

fuzz_target!(|text: &str| {
    let catalog = Catalog::embedded();
    let mut answers: Vec<Answer> = Vec::new();
    for line in text.lines() {
        match line.parse::<Call>() {
            Ok(call) => {
                let again = call.to_string().parse::<Call>();
                assert_eq!(again.as_ref(), Ok(&call));
                answers.push(catalog.lookup(&call, Scheme::Application, LookupOptions::default()));
            }
            Err(error) => assert!(error.column <= line.chars().count() + 1),
        }
    }
    let solution = catalog.solve(&answers);
    assert_eq!(solution.covered.len() + solution.unanswered.len(), answers.len());
});
