//! The public items of the crate against a list that is checked in: a breaking change is seen in review.
//!
//! Read from the source, which needs neither a nightly toolchain nor a published release. The lint
//! `unreachable_pub` sees to it that what is `pub` can be reached.

#![expect(
    clippy::unwrap_used,
    reason = "what a test helper cannot do fails the test"
)]

use std::fs;
use std::path::Path;

use quote::ToTokens;
use syn::{ImplItem, Item, TraitItem, Visibility};

/// What progenitor writes is not part of the interface; what xtask writes is.
const PRIVATE: &str = "generated.rs";

#[test]
fn the_public_items_are_those_of_the_list() {
    let mut items = Vec::new();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    read(&root, &root, &mut items);
    items.sort();
    items.dedup();
    insta::assert_snapshot!(items.join("\n"));
}

fn read(root: &Path, folder: &Path, items: &mut Vec<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            read(root, &path, items);
        } else if path.extension().is_some_and(|it| it == "rs") && !path.ends_with(PRIVATE) {
            let name = path.strip_prefix(root).unwrap().with_extension("");
            let module = name.to_str().unwrap().replace(['/', '\\'], "::");
            let module = module.trim_end_matches("::mod").replace("generated::", "");
            let file = syn::parse_file(&fs::read_to_string(&path).unwrap()).unwrap();
            for item in file.items {
                add(&module, item, items);
            }
        }
    }
}

fn add(module: &str, item: Item, items: &mut Vec<String>) {
    let mut push = |text: String| items.push(format!("{module}: {text}"));
    match item {
        Item::Struct(it) if is_public(&it.vis) => {
            push(format!("struct {}{}", it.ident, text(&it.generics)));
            for field in it.fields.iter().filter(|field| is_public(&field.vis)) {
                let name = field.ident.as_ref().unwrap();
                push(format!("{}::{name}: {}", it.ident, text(&field.ty)));
            }
        }
        Item::Enum(it) if is_public(&it.vis) => {
            for variant in &it.variants {
                let fields = text(&variant.fields);
                push(format!("enum {}::{}{fields}", it.ident, variant.ident));
            }
        }
        Item::Trait(it) if is_public(&it.vis) => {
            for item in &it.items {
                if let TraitItem::Fn(item) = item {
                    push(format!("trait {}: {}", it.ident, text(&item.sig)));
                }
            }
        }
        Item::Fn(it) if is_public(&it.vis) => push(text(&it.sig)),
        Item::Const(it) if is_public(&it.vis) => {
            push(format!("const {}: {}", it.ident, text(&it.ty)))
        }
        Item::Type(it) if is_public(&it.vis) => push(format!("type {}", it.ident)),
        Item::Use(it) if is_public(&it.vis) => push(format!("use {}", text(&it.tree))),
        Item::Mod(it) if is_public(&it.vis) => push(format!("mod {}", it.ident)),
        Item::Impl(it) => {
            let of = text(&it.self_ty);
            match &it.trait_ {
                Some((path, _)) => push(format!("impl {} for {of}", text(path))),
                None => {
                    for item in it.items {
                        match item {
                            ImplItem::Fn(item) if is_public(&item.vis) => {
                                push(format!("{of}: {}", text(&item.sig)));
                            }
                            ImplItem::Const(item) if is_public(&item.vis) => {
                                push(format!("{of}: const {}", item.ident));
                            }
                            _ => {}
                        }
                    }
                }
            }
        }
        _ => {}
    }
}

fn is_public(visibility: &Visibility) -> bool {
    matches!(visibility, Visibility::Public(_))
}

fn text(tokens: &impl ToTokens) -> String {
    tokens.to_token_stream().to_string()
}
