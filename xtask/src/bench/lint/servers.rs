//! The servers, as an editor and an agent speak with them. The time that passes is what counts here.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};

use super::CALL;
use super::data::Data;
use super::stopwatch::build;
use super::table::{Quantity, Table};
use super::talk::{Framing, Server, median};
use crate::bench::Context;

/// How often what is short is repeated.
const TIMES: usize = 100;

/// An editor: diagnostics, hover, memory.
pub(in crate::bench) fn lsp(context: &Context) -> Result<()> {
    let entralint = build(context.root, "entralint")?;
    let data = Data::below(&context.root.join("target").join("bench"))?;
    let mut table = Table::begin();
    let small = data.sources(1_000)?;
    let (mut server, manifest) = open(&entralint, &small)?;
    let mut times = Vec::new();
    for version in 1..=5 {
        times.push(first_diagnostics(&mut server, &manifest, version)?);
    }
    table.bound(
        "1,000 files: diagnostics after a file is opened",
        median(times),
        Quantity::Milliseconds(50.0),
    );
    first_diagnostics_stay(&mut server, &manifest)?;
    let hover = hovers(&mut server, &manifest, false)?;
    table.bound("hover", hover, Quantity::Milliseconds(1.0));
    // A question is answered by the text as it is now, so a change right before it is checked first.
    let changed = hovers(&mut server, &manifest, true)?;
    table.bound(
        "a change of the file, checked, and hover",
        changed,
        Quantity::Milliseconds(5.0),
    );
    drop(server);
    let large = data.sources(15_000)?;
    let (server, _) = open(&entralint, &large)?;
    table.bound(
        "15,000 source files, peak",
        server.peak()?,
        Quantity::Megabytes(100.0),
    );
    table.end();
    Ok(())
}

/// An agent: what a call needs.
pub(in crate::bench) fn mcp(context: &Context) -> Result<()> {
    let program = build(context.root, "entralint-mcp")?;
    let data = Data::below(&context.root.join("target").join("bench"))?;
    let mut table = Table::begin();
    let folder = data.sources(1_000)?;
    let mut server = Server::start(&program, &["--root", "."], &folder, Framing::Line)?;
    server.request(
        "initialize",
        &json!({
            "protocolVersion": "2025-11-25",
            "capabilities": {},
            "clientInfo": { "name": "bench", "version": "1" },
        }),
    )?;
    server.notify("notifications/initialized", &json!({}))?;
    let needs =
        json!({ "name": "needs", "arguments": { "calls": [format!("application {CALL}")] } });
    let mut times = Vec::new();
    for _ in 0..TIMES {
        let (answer, passed) = server.request("tools/call", &needs)?;
        ensure!(
            answer.to_string().contains("User.RevokeSessions.All"),
            "not answered: {answer}"
        );
        times.push(passed);
    }
    table.bound(
        "`needs`, there and back",
        median(times),
        Quantity::Milliseconds(5.0),
    );
    table.end();
    Ok(())
}

/// A server that has checked a folder, and the text and address of its manifest.
fn open(entralint: &Path, folder: &Path) -> Result<(Server, Opened)> {
    let mut server = Server::start(entralint, &["lsp"], folder, Framing::Length)?;
    let root = format!("file://{}", folder.display());
    server.request(
        "initialize",
        &json!({
            "processId": null,
            "rootUri": root,
            "workspaceFolders": [{ "uri": root, "name": "bench" }],
            "capabilities": {},
        }),
    )?;
    server.notify("initialized", &json!({}))?;
    let opened = Opened {
        uri: format!("{root}/app.json"),
        text: fs::read_to_string(folder.join("app.json")).context("the manifest is there")?,
    };
    server.wait(|message| opened.is_published(message))?;
    Ok((server, opened))
}

struct Opened {
    uri: String,
    text: String,
}

impl Opened {
    fn is_published(&self, message: &Value) -> bool {
        message["method"] == "textDocument/publishDiagnostics"
            && message["params"]["uri"] == self.uri.as_str()
    }
}

/// Opens the manifest, waits for its diagnostics, and closes it.
fn first_diagnostics(server: &mut Server, file: &Opened, version: i64) -> Result<Duration> {
    let start = Instant::now();
    show(server, file, version)?;
    server.wait(|message| file.is_published(message) && message["params"]["version"] == version)?;
    let passed = start.elapsed();
    server.notify(
        "textDocument/didClose",
        &json!({ "textDocument": { "uri": file.uri } }),
    )?;
    server
        .wait(|message| file.is_published(message) && message["params"].get("version").is_none())?;
    Ok(passed)
}

fn first_diagnostics_stay(server: &mut Server, file: &Opened) -> Result<()> {
    show(server, file, 1)?;
    server.wait(|message| file.is_published(message))?;
    Ok(())
}

fn show(server: &mut Server, file: &Opened, version: i64) -> Result<()> {
    server.notify(
        "textDocument/didOpen",
        &json!({ "textDocument": {
            "uri": file.uri,
            "languageId": "json",
            "version": version,
            "text": file.text,
        } }),
    )
}

/// The time of a hover over the first permission; with `change`, each after a change of the file.
fn hovers(server: &mut Server, file: &Opened, change: bool) -> Result<Quantity> {
    let (line, text) = file
        .text
        .lines()
        .enumerate()
        .find(|(_, line)| {
            line.contains("\"id\": \"19dbc75e") || line.contains("\"id\": \"77f3a031")
        })
        .context("the manifest requests a permission")?;
    let character = text.find("\": \"").unwrap_or_default() + 6;
    let mut times = Vec::new();
    for number in 0..TIMES {
        let start = Instant::now();
        if change {
            let blanks = "\n".repeat(number % 7);
            server.notify(
                "textDocument/didChange",
                &json!({
                    "textDocument": { "uri": file.uri, "version": 10 + number },
                    "contentChanges": [{ "text": format!("{}{blanks}", file.text) }],
                }),
            )?;
        }
        let (answer, _) = server.request(
            "textDocument/hover",
            &json!({
                "textDocument": { "uri": file.uri },
                "position": { "line": line, "character": character },
            }),
        )?;
        ensure!(
            answer["result"].is_object(),
            "nothing to hover over: {answer}"
        );
        times.push(start.elapsed());
    }
    Ok(median(times))
}
