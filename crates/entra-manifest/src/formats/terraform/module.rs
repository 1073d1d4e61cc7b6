//! What a folder declares, by name: resources, module calls, locals, variables and their values, outputs.

use camino::Utf8Path;
use rustc_hash::FxHashMap;

use super::project::{Folder, Role, local_source};
use super::syntax::{Block, Expr};

/// What a folder declares, by name.
#[derive(Debug)]
pub(super) struct Module<'p> {
    pub(super) path: &'p Utf8Path,
    pub(super) resources: Vec<Resource<'p>>,
    pub(super) calls: Vec<Call<'p>>,
    by_address: FxHashMap<(bool, &'p str, &'p str), Vec<usize>>,
    by_call: FxHashMap<&'p str, Vec<usize>>,
    locals: FxHashMap<&'p str, Vec<Declared<'p>>>,
    variables: FxHashMap<&'p str, Vec<(usize, &'p Block)>>,
    outputs: FxHashMap<&'p str, Vec<Declared<'p>>>,
    /// Values from files that Terraform loads by itself.
    pub(super) values: FxHashMap<&'p str, Declared<'p>>,
    /// Values from the files of environments, by file.
    pub(super) environments: Vec<Environment<'p>>,
}

/// The values that one file sets for a `-var-file` option.
#[derive(Debug)]
pub(super) struct Environment<'p> {
    /// The file's name without its ending.
    pub(super) name: &'p str,
    pub(super) values: FxHashMap<&'p str, Declared<'p>>,
}

/// An expression and the file in which it stands.
#[derive(Debug, Clone, Copy)]
pub(super) struct Declared<'p> {
    pub(super) file: usize,
    pub(super) expr: &'p Expr,
}

/// A resource or data source.
#[derive(Debug, Clone, Copy)]
pub(super) struct Resource<'p> {
    pub(super) file: usize,
    pub(super) data: bool,
    pub(super) block: &'p Block,
}

impl<'p> Resource<'p> {
    pub(super) fn kind(&self) -> &'p str {
        self.block.label(0)
    }

    pub(super) fn name(&self) -> &'p str {
        self.block.label(1)
    }

    /// `azuread_application.worker`, `data.azuread_service_principal.graph`.
    pub(super) fn address(&self) -> String {
        let data = if self.data { "data." } else { "" };
        format!("{data}{}.{}", self.kind(), self.name())
    }
}

/// A module call.
#[derive(Debug, Clone, Copy)]
pub(super) struct Call<'p> {
    pub(super) file: usize,
    pub(super) block: &'p Block,
    /// Index of the module that it calls, if that was read.
    pub(super) target: Option<usize>,
}

impl<'p> Module<'p> {
    pub(super) fn new(folder: &'p Folder<'_>, folders: &'p [Folder<'_>]) -> Self {
        let mut module = Self {
            path: &folder.path,
            resources: Vec::new(),
            calls: Vec::new(),
            by_address: FxHashMap::default(),
            by_call: FxHashMap::default(),
            locals: FxHashMap::default(),
            variables: FxHashMap::default(),
            outputs: FxHashMap::default(),
            values: FxHashMap::default(),
            environments: Vec::new(),
        };
        for (at, file) in folder.files.iter().enumerate() {
            match file.role {
                Role::Configuration => {
                    for block in &file.body.blocks {
                        module.declare(at, block, folders);
                    }
                }
                Role::Override => {
                    for block in &file.rest {
                        module.declare(at, block, folders);
                    }
                }
                Role::Values | Role::Environment => {
                    let values = file.body.attributes.iter().map(|attribute| {
                        (
                            &*attribute.name.text,
                            Declared {
                                file: at,
                                expr: &attribute.value,
                            },
                        )
                    });
                    if file.role == Role::Values {
                        // Later files win, and files come in the order of their names, `terraform.tfvars` first:
                        // https://developer.hashicorp.com/terraform/language/values/variables#variable-definition-precedence
                        let first = file
                            .source
                            .name()
                            .file_name()
                            .is_some_and(|n| n.starts_with("terraform.tfvars"));
                        for (name, value) in values {
                            if first {
                                module.values.entry(name).or_insert(value);
                            } else {
                                module.values.insert(name, value);
                            }
                        }
                    } else {
                        let path = file.source.name();
                        let name = path.strip_prefix(&folder.path).unwrap_or(path).as_str();
                        module.environments.push(Environment {
                            name: name.split_once(".tfvars").map_or(name, |(stem, _)| stem),
                            values: values.collect(),
                        });
                    }
                }
            }
        }
        if !folder.environments.is_empty() {
            let values = |at: &usize| {
                let attributes = &folder.files[*at].body.attributes;
                let file = *at;
                attributes.iter().map(move |attribute| {
                    let expr = &attribute.value;
                    (&*attribute.name.text, Declared { file, expr })
                })
            };
            module.environments = (folder.environments.iter())
                .map(|(name, files)| Environment {
                    name,
                    values: files.iter().flat_map(values).collect(),
                })
                .collect();
        }
        module
    }

    fn declare(&mut self, file: usize, block: &'p Block, folders: &[Folder<'_>]) {
        match &*block.kind.text {
            kind @ ("resource" | "data") => {
                let data = kind == "data";
                self.by_address
                    .entry((data, block.label(0), block.label(1)))
                    .or_default()
                    .push(self.resources.len());
                self.resources.push(Resource { file, data, block });
            }
            "module" => {
                let target = local_source(self.path, block)
                    .and_then(|path| folders.iter().position(|f| f.path == path));
                self.by_call
                    .entry(block.label(0))
                    .or_default()
                    .push(self.calls.len());
                self.calls.push(Call {
                    file,
                    block,
                    target,
                });
            }
            "locals" => {
                for attribute in &block.body.attributes {
                    let declared = Declared {
                        file,
                        expr: &attribute.value,
                    };
                    self.locals
                        .entry(&attribute.name.text)
                        .or_default()
                        .push(declared);
                }
            }
            "variable" => {
                self.variables
                    .entry(block.label(0))
                    .or_default()
                    .push((file, block));
            }
            "output" => {
                if let Some(value) = block.body.attribute("value") {
                    let declared = Declared {
                        file,
                        expr: &value.value,
                    };
                    self.outputs
                        .entry(block.label(0))
                        .or_default()
                        .push(declared);
                }
            }
            _ => {}
        }
    }

    /// The resource of this address. Where a folder declares it twice, Terraform would refuse; the one of the same file
    /// is taken then, since such folders hold files of several configurations (examples, templates).
    pub(super) fn resource(
        &self,
        file: usize,
        data: bool,
        kind: &str,
        name: &str,
    ) -> Option<usize> {
        let candidates = self.by_address.get(&(data, kind, name))?;
        let same = candidates
            .iter()
            .find(|at| self.resources[**at].file == file);
        same.or_else(|| candidates.first()).copied()
    }

    pub(super) fn local(&self, file: usize, name: &str) -> Option<Declared<'p>> {
        nearest(self.locals.get(name)?, file, |d| d.file)
    }

    pub(super) fn output(&self, name: &str) -> Option<Declared<'p>> {
        self.outputs.get(name)?.first().copied()
    }

    pub(super) fn variable(&self, file: usize, name: &str) -> Option<(usize, &'p Block)> {
        nearest(self.variables.get(name)?, file, |v| v.0)
    }

    pub(super) fn call(&self, file: usize, name: &str) -> Option<usize> {
        nearest(self.by_call.get(name)?, file, |at| self.calls[*at].file)
    }
}

fn nearest<T: Copy>(candidates: &[T], file: usize, file_of: impl Fn(&T) -> usize) -> Option<T> {
    let same = candidates.iter().find(|c| file_of(c) == file);
    same.or_else(|| candidates.first()).copied()
}
