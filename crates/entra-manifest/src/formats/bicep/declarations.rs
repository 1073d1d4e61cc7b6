//! Bicep's declarations, one after the other.

use camino::Utf8PathBuf;
use source_text::Spanned;

use super::lex::Kind;
use super::parse::{Parser, Result};
use crate::formats::deployment::{
    Expr, ExprKind, Function, Import, Loop, Module, Parameter, Resource, Target, Variable,
};

/// Whether a module's target is a file: no registry, template spec or alias of one.
fn is_path(text: &str) -> bool {
    !["br:", "br/", "ts:", "ts/"]
        .iter()
        .any(|scheme| text.starts_with(scheme))
}

impl Parser<'_> {
    pub(super) fn statement(&mut self) -> Result<()> {
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
                let value = self.expression()?;
                self.note_texts(&value);
                Ok(())
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
            // Nothing that a decorator says changes which permissions are declared. A description may name one.
            match self.expression() {
                Ok(decorator) => self.note_texts(&decorator),
                Err(wrong) => {
                    self.out.errors.push(wrong);
                    while !matches!(self.token().kind, Kind::NewLine | Kind::End) {
                        self.advance();
                    }
                }
            }
            self.skip_lines();
        }
    }

    /// Keeps the texts of `@description('…')` and of `metadata`.
    fn note_texts(&mut self, expr: &Expr) {
        match &expr.kind {
            ExprKind::Call { name, args, .. } if name == "description" => {
                args.iter().for_each(|arg| self.note_texts(arg));
            }
            ExprKind::Text(_) => {
                if let Some(text) = expr.as_text().filter(|text| text.contains(' ')) {
                    self.out
                        .texts
                        .push(Spanned::new(text.to_owned(), expr.span));
                }
            }
            _ => {}
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
        let before = self.mark();
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
        if self.mark() == before {
            return Err(self.wrong("a type is missing"));
        }
        Ok(())
    }
}
