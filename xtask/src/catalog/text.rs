//! spec/catalog: the facts as text, one a line, sorted, so that the difference of two imports reads well.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use anyhow::{Context, Result, bail, ensure};

use super::facts::{Facts, Grant, IdRow, Permission, SCHEMES};

/// The folder, from the workspace's root.
pub(crate) const FOLDER: &str = "spec/catalog";

const PERMISSIONS: &str = "\
# Every permission: its name, and for each type (W delegated with a work or school account, P delegated with a personal account,
# A application) the privilege level, `-` for none, and `admin` where an administrator must consent. `rsc`: resource-specific.
";

const IDS: &str = "\
# The provisioning of each permission: name, type, id (`-` for none), environment (`-` for none), and its flags.
";

const PATHS: &str = "\
# What unlocks each call. Below a template: the permission, its methods, its types (`*`: marked least privileged), and after `+` the
# permissions of which one is required too.
";

/// The files of spec/catalog, by their names, apart from source.toml.
pub(crate) fn write(facts: &Facts) -> BTreeMap<String, String> {
    let mut files = BTreeMap::new();
    files.insert("permissions.txt".to_owned(), permissions(facts));
    files.insert("ids.txt".to_owned(), ids(facts));
    // A template's case says nothing: its spellings stand together.
    let mut paths: Vec<(String, &String)> = facts
        .paths
        .keys()
        .map(|path| (path.to_lowercase(), path))
        .collect();
    paths.sort_unstable();
    for (lower, path) in paths {
        let file = files
            .entry(format!("paths/{}.txt", root(&lower)))
            .or_insert_with(|| PATHS.to_owned());
        file.push('\n');
        file.push_str(path);
        file.push('\n');
        for (grant, methods) in &facts.paths[path] {
            line(file, grant, methods);
        }
    }
    files
}

/// The first segment of a template in lower case, without arguments, as the name of a file.
fn root(lower: &str) -> &str {
    let segment = lower
        .trim_start_matches('/')
        .split('/')
        .next()
        .unwrap_or("");
    segment.split('(').next().unwrap_or(segment)
}

fn permissions(facts: &Facts) -> String {
    let mut text = PERMISSIONS.to_owned();
    for (name, permission) in &facts.permissions {
        text.push_str(name);
        for (scheme, info) in permission.schemes.iter().enumerate() {
            if let Some((level, consent)) = info {
                let level = level.map_or("-".to_owned(), |level| level.to_string());
                let consent = if *consent { ",admin" } else { "" };
                let _ = write!(text, " {}={level}{consent}", SCHEMES[scheme].1);
            }
        }
        text.push_str(if permission.is_rsc { " rsc\n" } else { "\n" });
    }
    text
}

fn ids(facts: &Facts) -> String {
    let or_dash = |text: &str| {
        if text.is_empty() {
            "-".to_owned()
        } else {
            text.to_owned()
        }
    };
    let mut text = IDS.to_owned();
    for (name, rows) in &facts.ids {
        if rows.is_empty() {
            let _ = writeln!(text, "{name}");
        }
        for row in rows {
            let _ = write!(
                text,
                "{name} {} {} {}",
                SCHEMES[row.scheme].1,
                or_dash(&row.id),
                or_dash(&row.environment)
            );
            if row.is_hidden {
                text.push_str(" hidden");
            }
            match row.is_enabled {
                Some(true) => text.push_str(" enabled"),
                Some(false) => text.push_str(" disabled"),
                None => {}
            }
            text.push('\n');
        }
    }
    text
}

fn line(text: &mut String, grant: &Grant, methods: &BTreeSet<String>) {
    let methods: Vec<&str> = methods.iter().map(String::as_str).collect();
    let _ = write!(text, "  {} {} ", grant.permission, methods.join(","));
    for (scheme, (_, letter)) in SCHEMES.iter().enumerate() {
        if grant.schemes[scheme] {
            text.push(*letter);
            if grant.least[scheme] {
                text.push('*');
            }
        }
    }
    if !grant.also.is_empty() {
        let also: Vec<&str> = grant.also.iter().map(String::as_str).collect();
        let _ = write!(text, " + {}", also.join(" "));
    }
    text.push('\n');
}

/// Reads what [`write()`] wrote.
pub(crate) fn read(files: &BTreeMap<String, String>) -> Result<Facts> {
    let mut facts = Facts::default();
    for (name, text) in files {
        let mut template = None;
        for (number, line) in (1..).zip(text.lines()) {
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let place = || format!("{FOLDER}/{name}:{number}: `{line}`");
            match name.as_str() {
                "permissions.txt" => read_permission(line, &mut facts).with_context(place)?,
                "ids.txt" => read_id(line, &mut facts).with_context(place)?,
                _ => match line.strip_prefix("  ") {
                    None => {
                        facts.paths.entry(line.to_owned()).or_default();
                        template = Some(line);
                    }
                    Some(line) => {
                        let template = template.context("no template above").with_context(place)?;
                        let (grant, methods) = read_grant(line).with_context(place)?;
                        facts
                            .paths
                            .entry(template.to_owned())
                            .or_default()
                            .insert(grant, methods);
                    }
                },
            }
        }
    }
    Ok(facts)
}

fn scheme(letter: &str) -> Result<usize> {
    SCHEMES
        .iter()
        .position(|(_, known)| known.to_string() == letter)
        .with_context(|| format!("no type `{letter}`"))
}

fn read_permission(line: &str, facts: &mut Facts) -> Result<()> {
    let mut words = line.split(' ');
    let name = words.next().context("no name")?;
    let mut permission = Permission::default();
    for word in words {
        if word == "rsc" {
            permission.is_rsc = true;
            continue;
        }
        let (letter, info) = word.split_once('=').context("no `=`")?;
        let (level, consent) = match info.strip_suffix(",admin") {
            Some(level) => (level, true),
            None => (info, false),
        };
        let level = match level {
            "-" => None,
            level => Some(level.parse()?),
        };
        permission.schemes[scheme(letter)?] = Some((level, consent));
    }
    facts.permissions.insert(name.to_owned(), permission);
    Ok(())
}

fn read_id(line: &str, facts: &mut Facts) -> Result<()> {
    let words: Vec<&str> = line.split(' ').collect();
    let no_dash = |text: &str| {
        if text == "-" {
            String::new()
        } else {
            text.to_owned()
        }
    };
    let [name, rest @ ..] = words.as_slice() else {
        bail!("no name")
    };
    let rows = facts.ids.entry((*name).to_owned()).or_default();
    let [letter, id, environment, flags @ ..] = rest else {
        ensure!(rest.is_empty(), "neither a name alone nor a whole row");
        return Ok(());
    };
    let mut row = IdRow {
        scheme: scheme(letter)?,
        id: no_dash(id),
        environment: no_dash(environment),
        is_hidden: false,
        is_enabled: None,
    };
    for flag in flags {
        match *flag {
            "hidden" => row.is_hidden = true,
            "enabled" => row.is_enabled = Some(true),
            "disabled" => row.is_enabled = Some(false),
            other => bail!("no flag `{other}`"),
        }
    }
    rows.insert(row);
    Ok(())
}

fn read_grant(line: &str) -> Result<(Grant, BTreeSet<String>)> {
    let (line, also) = line.split_once(" + ").unwrap_or((line, ""));
    let [permission, methods, types] = line.split(' ').collect::<Vec<_>>()[..] else {
        bail!("not a permission, methods and types")
    };
    let mut grant = Grant {
        permission: permission.to_owned(),
        schemes: [false; 3],
        least: [false; 3],
        also: also
            .split(' ')
            .filter(|name| !name.is_empty())
            .map(str::to_owned)
            .collect(),
    };
    let mut last = None;
    for letter in types.chars() {
        if letter == '*' {
            grant.least[last.context("`*` after nothing")?] = true;
        } else {
            let scheme = scheme(&letter.to_string())?;
            grant.schemes[scheme] = true;
            last = Some(scheme);
        }
    }
    Ok((grant, methods.split(',').map(str::to_owned).collect()))
}
