//! A table-driven lexer for programming languages and scripts.
