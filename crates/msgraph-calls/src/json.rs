//! JSON with places, as workflows and templates write it: comments and trailing commas are read too.

use jsonc_parser::ast::{Object, Value};
use jsonc_parser::common::Ranged;
use jsonc_parser::{CollectOptions, ParseOptions, parse_to_ast};
use source_text::{FileId, Span};

/// The value of a JSON text; `None` where it is not JSON. Nesting beyond 512 is refused by the parser.
pub(crate) fn parse(text: &str) -> Option<Value<'_>> {
    let options = ParseOptions {
        allow_comments: true,
        allow_trailing_commas: true,
        allow_loose_object_property_names: false,
        allow_missing_commas: false,
        allow_single_quoted_strings: false,
        allow_hexadecimal_numbers: false,
        allow_unary_plus_numbers: false,
        allow_bare_decimal_point_numbers: false,
        allow_non_finite_numbers: false,
        // ARM templates may run a string over several lines.
        allow_extended_string_escapes: true,
    };
    parse_to_ast(text, &CollectOptions::default(), &options)
        .ok()?
        .value
}

/// The member of an object, its name compared without case: PowerShell and ARM do not mind it.
pub(crate) fn member<'a, 'b>(object: &'b Object<'a>, name: &str) -> Option<&'b Value<'a>> {
    object
        .properties
        .iter()
        .find(|property| property.name.as_str().eq_ignore_ascii_case(name))
        .map(|property| &property.value)
}

/// The text of a member that is a string.
pub(crate) fn string<'b>(object: &'b Object<'_>, name: &str) -> Option<&'b str> {
    member(object, name)?
        .as_string_lit()
        .map(|literal| &*literal.value)
}

/// Where a value stands, quotes and brackets included.
pub(crate) fn span(file: FileId, value: &Value<'_>) -> Span {
    let range = value.range();
    Span::new(file, range.start, range.end)
}
