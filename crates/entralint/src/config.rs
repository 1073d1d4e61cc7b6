//! Finds and reads `entralint.toml`.

use camino::Utf8Path;
use entralint_core::config::{Config, NAME, parse};

/// Reads the named file, or the nearest `entralint.toml` from `folder` upwards.
///
/// # Errors
///
/// What is wrong, with file, line and column.
pub(crate) fn load(named: Option<&Utf8Path>, folder: &Utf8Path) -> Result<Config, String> {
    let path = match named {
        Some(path) => path.to_owned(),
        None => match folder
            .ancestors()
            .map(|f| f.join(NAME))
            .find(|p| p.is_file())
        {
            Some(path) => path,
            None => return Ok(Config::default()),
        },
    };
    let shown = path.strip_prefix(folder).unwrap_or(&path).to_owned();
    let text =
        std::fs::read_to_string(&path).map_err(|error| format!("cannot read {shown}: {error}"))?;
    parse(&text, &path, shown.as_str())
}
