//! Override files: `override.tf` and `*_override.tf`, whose blocks replace parts of blocks in the other files.
//!
//! Terraform merges them after it has read all other files, in the order of their names:
//! <https://developer.hashicorp.com/terraform/language/files/override>.

use camino::Utf8Path;

use super::project::{File, Role};
use super::syntax::{Attribute, Block, Body};

/// Whether Terraform merges the file of this name into the others.
fn is_override(name: &Utf8Path) -> bool {
    let Some(name) = name.file_name() else {
        return false;
    };
    let stem = [".tf.json", ".tofu.json", ".tf", ".tofu"]
        .iter()
        .find_map(|ending| name.strip_suffix(ending));
    stem.is_some_and(|stem| stem == "override" || stem.ends_with("_override"))
}

/// Merges the override files of a folder into its other files, and marks them as merged. A block that none of the others
/// declares stays where it is: Terraform would refuse it, and its permissions are not to be lost.
pub(super) fn merge(files: &mut [File<'_>]) {
    let (overriding, others): (Vec<&mut File<'_>>, Vec<&mut File<'_>>) = files
        .iter_mut()
        .filter(|file| file.role == Role::Configuration)
        .partition(|file| is_override(file.source.name()));
    let mut others = others;
    for file in overriding {
        let mut left = Vec::new();
        for block in &file.body.blocks {
            if !apply(block, &mut others) {
                left.push(block.clone());
            }
        }
        // The tree is kept for the places of its literals.
        file.rest = left;
        file.role = Role::Override;
    }
}

/// Merges a block into the one of the same type and labels.
fn apply(block: &Block, files: &mut [&mut File<'_>]) -> bool {
    if &*block.kind.text == "locals" {
        return locals(block, files);
    }
    let same = |other: &&mut Block| {
        other.kind.text == block.kind.text
            && other.labels.len() == block.labels.len()
            && (0..block.labels.len()).all(|at| other.label(at) == block.label(at))
    };
    let found = files
        .iter_mut()
        .flat_map(|file| file.body.blocks.iter_mut())
        .find(same);
    match found {
        Some(found) => {
            body(&block.body, &mut found.body);
            true
        }
        None => false,
    }
}

/// Attributes one by one; nested blocks of a type take the place of all of that type.
fn body(with: &Body, into: &mut Body) {
    for attribute in &with.attributes {
        replace(&mut into.attributes, attribute);
    }
    let kind = |block: &Block| match &*block.kind.text {
        "dynamic" => block.label(0).to_owned(),
        kind => kind.to_owned(),
    };
    let replaced: Vec<String> = with.blocks.iter().map(kind).collect();
    into.blocks.retain(|block| !replaced.contains(&kind(block)));
    into.blocks.extend(with.blocks.iter().cloned());
}

/// Each name of a `locals` block by itself, wherever it is declared.
fn locals(block: &Block, files: &mut [&mut File<'_>]) -> bool {
    let mut all = true;
    for attribute in &block.body.attributes {
        let found = files
            .iter_mut()
            .flat_map(|file| file.body.blocks.iter_mut())
            .filter(|other| &*other.kind.text == "locals")
            .find(|other| other.body.attribute(&attribute.name.text).is_some());
        match found {
            Some(found) => replace(&mut found.body.attributes, attribute),
            None => all = false,
        }
    }
    all
}

fn replace(attributes: &mut Vec<Attribute>, with: &Attribute) {
    match attributes
        .iter_mut()
        .find(|own| own.name.text == with.name.text)
    {
        Some(own) => *own = with.clone(),
        None => attributes.push(with.clone()),
    }
}
