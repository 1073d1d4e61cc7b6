//! A table-driven lexer for programming languages and scripts.
//!
//! [`lex`] cuts a text into [`Token`]s: names, strings with holes whose code is lexed too, brackets with their partners.
//! Comments are apart. [`Code`] adds what a reader of constants needs: which bracket a token stands in, assignments,
//! functions, member chains, arguments; and [`Code::fold`] evaluates constant strings, with an unknown part as a hole. A
//! language is one [`Table`]. Time is linear in the text. No I/O, no syntax tree, and no text that is an error.
//!
//! ```
//! use source_lex::{Code, Language};
//!
//! let code = Code::new("const base = 'https://example.org'; get(`${base}/users/${id}`)", Language::JavaScript);
//! let call = (0..code.len()).find(|&at| code.text(at) == "get").expect("the text has the word");
//! let argument = code.arguments(call + 1).remove(0);
//! let value = code.fold(argument).remove(0);
//! assert_eq!(value.to_string(), "https://example.org/users/{id}");
//! ```

mod code;
mod collections;
mod comments;
mod fold;
mod functions;
mod index;
mod language;
mod languages;
mod lexer;
mod loops;
mod scope;
pub mod scripts;
mod scripts_lexer;
mod strings;
mod token;
mod value;
pub mod yaml;

pub use code::Code;
pub use index::{Assignment, Function, Operator};
pub use language::{Dialect, Holes, Language, Shape, StringRule, Table};
pub use lexer::{Lexed, lex};
pub use token::{Content, Escape, NONE, Token, TokenKind};
pub use value::{Part, Value};
