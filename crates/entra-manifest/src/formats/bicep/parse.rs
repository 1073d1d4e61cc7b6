//! Bicep's declarations: from tokens to a [`Program`]. What is not understood becomes an error with a place, and the
//! reading goes on at the next declaration.

use camino::Utf8PathBuf;
use source_text::{FileId, Span, Spanned};

use super::lex::{Kind, Part, Token, Tokens, lex};
use crate::formats::deployment::{
    Expr, ExprKind, Function, Import, Loop, Module, Parameter, Program, Resource, Target, Variable,
};

/// A Bicep file.
#[derive(Debug, Default)]
pub(super) struct File {
    pub(super) program: Program,
    /// `using 'main.bicep'` of a parameters file: the template that the parameters are for.
    pub(super) using: Option<Spanned<String>>,
    /// `param x = …` of a parameters file.
    pub(super) arguments: Vec<(String, Expr)>,
    pub(super) comments: Vec<Span>,
    /// What is not understood: its place, and what was expected.
    pub(super) errors: Vec<(Span, String)>,
}

/// Reads a Bicep file or a parameters file. Takes any text.
pub(super) fn parse(file: FileId, text: &str) -> File {
    let tokens = lex(file, text);
    let mut parser = Parser {
        text,
        tokens: &tokens,
        row: tokens.top.iter().map(|at| &tokens.all[*at]).collect(),
        at: 0,
        end: Token {
            kind: Kind::End,
            span: Span::at(file, text.len()),
        },
        depth: 0,
        nested: Vec::new(),
        out: File::default(),
    };
    parser.file();
    let mut out = parser.out;
    (out.errors).extend(
        tokens
            .errors
            .iter()
            .map(|(span, what)| (*span, (*what).to_owned())),
    );
    out.errors.sort();
    out.errors.dedup_by_key(|(span, _)| *span);
    out.comments = tokens.comments;
    out
}

pub(super) struct Parser<'t> {
    pub(super) text: &'t str,
    pub(super) tokens: &'t Tokens,
    /// The tokens that are read: of the file, or of one hole of a string.
    row: Vec<&'t Token>,
    at: usize,
    end: Token,
    pub(super) depth: usize,
    /// Resources and types that the resources being read are nested in.
    nested: Vec<(String, String)>,
    pub(super) out: File,
}

/// What is wrong at a place.
pub(super) type Wrong = (Span, String);
pub(super) type Result<T> = std::result::Result<T, Wrong>;

impl<'t> Parser<'t> {
    pub(super) fn token(&self) -> &Token {
        self.row.get(self.at).copied().unwrap_or(&self.end)
    }

    pub(super) fn peek(&self, ahead: usize) -> &Token {
        self.row.get(self.at + ahead).copied().unwrap_or(&self.end)
    }

    pub(super) fn advance(&mut self) -> Span {
        let span = self.token().span;
        self.at = (self.at + 1).min(self.row.len());
        span
    }

    /// The end of the token before this one.
    pub(super) fn last_end(&self) -> Span {
        match self.at.checked_sub(1).and_then(|at| self.row.get(at)) {
            Some(token) => token.span,
            None => self.token().span,
        }
    }

    pub(super) fn slice(&self, span: Span) -> &'t str {
        self.text.get(span.range()).unwrap_or_default()
    }

    pub(super) fn is(&self, symbol: &str) -> bool {
        matches!(&self.token().kind, Kind::Symbol(known) if *known == symbol)
    }

    pub(super) fn is_word(&self, word: &str) -> bool {
        self.token().kind == Kind::Word && self.slice(self.token().span) == word
    }

    pub(super) fn take(&mut self, symbol: &str) -> bool {
        let found = self.is(symbol);
        if found {
            self.advance();
        }
        found
    }

    pub(super) fn take_word(&mut self, word: &str) -> bool {
        let found = self.is_word(word);
        if found {
            self.advance();
        }
        found
    }

    pub(super) fn expect(&mut self, symbol: &'static str) -> Result<()> {
        if self.take(symbol) {
            Ok(())
        } else {
            Err(self.wrong(&format!("\"{symbol}\" is missing")))
        }
    }

    pub(super) fn wrong(&self, what: &str) -> Wrong {
        (self.token().span, what.to_owned())
    }

    pub(super) fn skip_lines(&mut self) {
        while self.token().kind == Kind::NewLine {
            self.advance();
        }
    }

    pub(super) fn word(&mut self, what: &str) -> Result<Spanned<String>> {
        if self.token().kind == Kind::Word {
            let span = self.advance();
            Ok(Spanned::new(self.slice(span).to_owned(), span))
        } else {
            Err(self.wrong(&format!("{what} is missing")))
        }
    }

    /// A string without holes.
    pub(super) fn plain_string(&mut self) -> Result<Spanned<String>> {
        let Kind::String(parts) = &self.token().kind else {
            return Err(self.wrong("a string is missing"));
        };
        let mut text = String::new();
        for part in parts {
            match part {
                Part::Literal { text: literal, .. } => text.push_str(literal),
                Part::Hole { .. } => return Err(self.wrong("a string without ${…} is expected")),
            }
        }
        let span = self.advance();
        Ok(Spanned::new(text, span))
    }

    /// A parser for the tokens of a hole.
    pub(super) fn within(&self, tokens: (usize, usize)) -> Parser<'t> {
        let all = &self.tokens.all[tokens.0..tokens.1.saturating_sub(1)];
        let end = (self.tokens.all.get(tokens.1.saturating_sub(1)))
            .map_or_else(|| self.end.clone(), Clone::clone);
        Parser {
            text: self.text,
            tokens: self.tokens,
            row: all.iter().collect(),
            at: 0,
            end,
            depth: self.depth,
            nested: Vec::new(),
            out: File::default(),
        }
    }

    /// Where the reading stands, to come back to.
    pub(super) const fn mark(&self) -> usize {
        self.at
    }

    pub(super) const fn reset(&mut self, mark: usize) {
        self.at = mark;
    }

    pub(super) fn at_end(&self) -> bool {
        self.at >= self.row.len()
    }

    fn file(&mut self) {
        loop {
            self.skip_lines();
            if self.at_end() {
                return;
            }
            let before = self.at;
            match self.statement() {
                Ok(()) => {
                    if !matches!(self.token().kind, Kind::NewLine | Kind::End) {
                        let wrong = self.wrong("the declaration should end here");
                        self.out.errors.push(wrong);
                        self.skip_statement();
                    }
                }
                Err(wrong) => {
                    self.out.errors.push(wrong);
                    self.skip_statement();
                }
            }
            if self.at == before {
                self.advance();
            }
        }
    }

    /// Goes on behind the line in which all brackets that were opened are closed, or before the next declaration.
    fn skip_statement(&mut self) {
        let mut open = 0_usize;
        while !self.at_end() {
            match &self.token().kind {
                Kind::Symbol("{" | "[" | "(" | "[?" | "[^") => open += 1,
                Kind::Symbol("}" | "]" | ")") => open = open.saturating_sub(1),
                Kind::NewLine => {
                    let next = self.peek(1);
                    let begins = next.kind == Kind::Word
                        && is_keyword(self.slice(next.span))
                        && matches!(self.peek(2).kind, Kind::Word | Kind::String(_));
                    let column = crate::label::begins_line(self.text, next.span.range().start)
                        && !self.text[..next.span.range().start].ends_with([' ', '\t']);
                    if open == 0 || (begins && column) {
                        return;
                    }
                }
                _ => {}
            }
            self.advance();
        }
    }

    fn statement(&mut self) -> Result<()> {
        self.decorators();
        let keyword = self.token().clone();
        if keyword.kind != Kind::Word {
            return Err(self.wrong("a declaration is expected"));
        }
        match self.slice(keyword.span) {
            "param" => self.parameter(),
            "var" => {
                self.advance();
                let name = self.word("the variable's name")?;
                if !self.is("=") {
                    self.type_expression()?;
                }
                self.expect("=")?;
                let value = self.expression()?;
                let variable = Variable { value };
                self.out.program.variables.insert(name.value, variable);
                Ok(())
            }
            "resource" => self.resource(),
            "module" => self.module(),
            "func" => self.function(),
            "import" => self.import(),
            "using" => self.using(),
            "output" => {
                self.advance();
                let name = self.word("the output's name")?;
                self.type_expression()?;
                self.expect("=")?;
                let value = self.expression()?;
                self.out.program.outputs.insert(name.value, value);
                Ok(())
            }
            "targetScope" | "metadata" | "assert" => {
                self.advance();
                if !self.is("=") {
                    self.word("a name")?;
                }
                self.expect("=")?;
                self.expression().map(drop)
            }
            "type" => {
                self.advance();
                self.word("the type's name")?;
                self.expect("=")?;
                self.type_expression()
            }
            "extension" | "provider" | "extends" => self.extension(),
            "extensionConfig" => {
                self.advance();
                self.word("the extension's name")?;
                if self.take_word("with") {
                    self.expression()?;
                }
                Ok(())
            }
            "test" => {
                self.advance();
                self.word("the test's name")?;
                self.expression()?;
                self.expect("=")?;
                self.expression().map(drop)
            }
            _ => Err(self.wrong("this declaration is not known")),
        }
    }

    fn decorators(&mut self) {
        while self.is("@") {
            self.advance();
            // Nothing that a decorator says changes which permissions are declared.
            if let Err(wrong) = self.expression() {
                self.out.errors.push(wrong);
                while !matches!(self.token().kind, Kind::NewLine | Kind::End) {
                    self.advance();
                }
            }
            self.skip_lines();
        }
    }

    fn parameter(&mut self) -> Result<()> {
        let start = self.advance();
        let name = self.word("the parameter's name")?;
        // In a parameters file: `param x = …`.
        if self.take("=") {
            let value = self.expression()?;
            self.out.arguments.push((name.value, value));
            return Ok(());
        }
        let mut nullable = false;
        if !matches!(self.token().kind, Kind::NewLine | Kind::End) {
            self.type_expression()?;
            nullable = self.slice(self.last_end()) == "?";
        }
        let default = if self.take("=") {
            Some(self.expression()?)
        } else {
            None
        };
        let parameter = Parameter {
            default,
            nullable,
            span: start.to(name.span),
        };
        self.out.program.parameters.insert(name.value, parameter);
        Ok(())
    }

    fn resource(&mut self) -> Result<()> {
        let start = self.advance();
        let name = self.word("the resource's name")?;
        let ty = self.expression()?;
        let written = ty.as_text().unwrap_or_default().to_owned();
        let existing = self.take_word("existing");
        self.expect("=")?;
        let bare = written
            .split('@')
            .next()
            .unwrap_or_default()
            .to_ascii_lowercase();
        // A nested resource may name only the last part of its type.
        let full = match self.nested.last() {
            Some((_, parent)) if !bare.contains('/') || bare.split('/').count() <= 1 => {
                format!("{parent}/{bare}")
            }
            _ => bare,
        };
        self.nested.push((name.value.clone(), full.clone()));
        let body = self.bodied();
        self.nested.pop();
        let (each, condition, body) = body?;
        self.out.program.resources.push(Resource {
            symbol: name.value,
            ty: full,
            existing,
            span: start.to(body.span).to(self.last_end()),
            body,
            condition,
            each,
            name_span: name.span,
        });
        Ok(())
    }

    /// What stands behind the `=` of a resource or a module: an object, perhaps in an `if` and a `for`.
    fn bodied(&mut self) -> Result<(Option<Loop>, Option<Expr>, Expr)> {
        self.skip_lines();
        let looped = self.is("[");
        let each = if looped {
            self.advance();
            self.skip_lines();
            if !self.is_word("for") {
                return Err(self.wrong("\"for\" is missing"));
            }
            let (item, index, list) = self.for_head()?;
            Some(Loop::Each { item, index, list })
        } else {
            None
        };
        let condition = if self.is_word("if") {
            self.advance();
            self.expect("(")?;
            self.skip_lines();
            let condition = self.expression()?;
            self.skip_lines();
            self.expect(")")?;
            self.skip_lines();
            Some(condition)
        } else {
            None
        };
        let body = self.expression()?;
        if looped {
            self.skip_lines();
            self.expect("]")?;
        }
        Ok((each, condition, body))
    }

    /// `resource` declarations in the body of a resource.
    pub(super) fn nested_resource(&mut self) -> Result<()> {
        self.resource()
    }

    /// Whether a declaration of a nested resource begins here.
    pub(super) fn is_nested_resource(&self) -> bool {
        self.is_word("resource")
            && self.peek(1).kind == Kind::Word
            && matches!(self.peek(2).kind, Kind::String(_))
    }

    fn module(&mut self) -> Result<()> {
        self.advance();
        let name = self.word("the module's name")?;
        let path = self.expression()?;
        let target = match path.as_text() {
            Some(text) if is_path(text) => Target::File {
                path: Utf8PathBuf::from(text),
                span: path.span,
            },
            text => Target::Elsewhere {
                what: text.unwrap_or_default().to_owned(),
                span: path.span,
            },
        };
        self.expect("=")?;
        let (each, condition, body) = self.bodied()?;
        self.out.program.modules.push(Module {
            symbol: name.value,
            target,
            params: body.member("params").cloned(),
            wrapped: false,
            condition,
            each,
            name_span: name.span,
        });
        Ok(())
    }

    fn function(&mut self) -> Result<()> {
        self.advance();
        let name = self.word("the function's name")?;
        self.expect("(")?;
        let mut params = Vec::new();
        loop {
            self.skip_lines();
            if self.take(")") {
                break;
            }
            params.push(self.word("the name of an argument")?.value);
            self.type_expression()?;
            self.skip_lines();
            self.take(",");
        }
        self.type_expression()?;
        self.expect("=>")?;
        self.skip_lines();
        let body = self.expression()?;
        let function = Function { params, body };
        self.out.program.functions.insert(name.value, function);
        Ok(())
    }

    fn import(&mut self) -> Result<()> {
        let start = self.advance();
        // The older form of an extension: `import 'microsoftGraph@1.0.0'`.
        if matches!(self.token().kind, Kind::String(_)) {
            return self.extension_tail();
        }
        let mut names = Vec::new();
        let mut wildcard = None;
        if self.take("*") {
            if !self.take_word("as") {
                return Err(self.wrong("\"as\" is missing"));
            }
            wildcard = Some(self.word("a name")?.value);
        } else {
            self.expect("{")?;
            loop {
                self.skip_lines();
                if self.take("}") {
                    break;
                }
                let theirs = match self.token().kind {
                    Kind::String(_) => self.plain_string()?.value,
                    _ => self.word("the name of an import")?.value,
                };
                let ours = if self.take_word("as") {
                    self.word("a name")?.value
                } else {
                    theirs.clone()
                };
                names.push((theirs, ours));
                self.take(",");
            }
        }
        if !self.take_word("from") {
            return Err(self.wrong("\"from\" is missing"));
        }
        let path = self.plain_string()?;
        self.out.program.imports.push(Import {
            names,
            wildcard,
            path: path.value.into(),
            span: start.to(path.span),
        });
        Ok(())
    }

    /// `using './main.bicep'`, `using none`, with a `with {…}` in newer versions.
    fn using(&mut self) -> Result<()> {
        self.advance();
        if matches!(self.token().kind, Kind::String(_)) {
            self.out.using = Some(self.plain_string()?);
        } else {
            self.word("a path or \"none\"")?;
        }
        if self.take_word("with") {
            self.expression()?;
        }
        Ok(())
    }

    /// `extension microsoftGraphV1`, `extension 'br:…' with {…} as graph`, `provider 'microsoftGraph@1.0.0'`.
    fn extension(&mut self) -> Result<()> {
        self.advance();
        self.extension_tail()
    }

    fn extension_tail(&mut self) -> Result<()> {
        if matches!(self.token().kind, Kind::String(_)) {
            self.expression()?;
        } else {
            self.word("the extension's name")?;
        }
        if self.take_word("with") {
            self.expression()?;
        }
        if self.take_word("as") {
            self.word("a name")?;
        }
        Ok(())
    }

    /// A type. It says nothing about permissions, so it is only skipped, up to the `=`, `=>` or line end behind it.
    fn type_expression(&mut self) -> Result<()> {
        let before = self.at;
        let mut open = 0_usize;
        loop {
            match &self.token().kind {
                Kind::End => break,
                Kind::NewLine if open == 0 => {
                    // `type a =` and `|` may begin the next line.
                    let mut ahead = 1;
                    while self.peek(ahead).kind == Kind::NewLine {
                        ahead += 1;
                    }
                    let union = matches!(self.peek(ahead).kind, Kind::Symbol("|"));
                    let after = matches!(self.last_end(), span if self.slice(span) == "|" || self.slice(span) == "=");
                    if !(union || after) {
                        break;
                    }
                }
                Kind::Symbol("=" | "=>" | "," | ")") if open == 0 => break,
                Kind::Symbol("{" | "[" | "(" | "<" | "[?" | "[^") => open += 1,
                Kind::Symbol("}" | "]" | ")" | ">") => {
                    if open == 0 {
                        break;
                    }
                    open -= 1;
                }
                // An argument's type is followed by the result's: `(a string) string => …`.
                _ => {}
            }
            self.advance();
        }
        if self.at == before {
            return Err(self.wrong("a type is missing"));
        }
        Ok(())
    }
}

/// Whether a module's target is a file: no registry, template spec or alias of one.
fn is_path(text: &str) -> bool {
    !["br:", "br/", "ts:", "ts/"]
        .iter()
        .any(|scheme| text.starts_with(scheme))
}

fn is_keyword(word: &str) -> bool {
    [
        "param",
        "var",
        "resource",
        "module",
        "output",
        "func",
        "type",
        "import",
        "extension",
        "provider",
        "using",
        "targetScope",
        "metadata",
        "assert",
        "test",
    ]
    .contains(&word)
}

/// An expression that could not be read, in its place.
pub(super) fn error(wrong: &Wrong) -> Expr {
    Expr::new(ExprKind::Error(wrong.1.clone()), wrong.0)
}
