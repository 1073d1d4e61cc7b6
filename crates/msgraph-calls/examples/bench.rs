//! Measures the prefilter, the lexer and the scan on text that it makes: `cargo run --release --example bench`.

#![allow(clippy::print_stdout, reason = "it prints figures")]

use std::hint::black_box;
use std::time::Instant;

use msgraph_calls::{Api, Helpers, Options, scan, worth_scanning};
use msgraph_permissions::Catalog;
use source_lex::{Language, lex};
use source_text::{Encoding, FileId, Source};

/// A piece of code without a sign of Microsoft Graph, and one call.
const PIECES: [(&str, &str, &str); 4] = [
    (
        "a.cs",
        "    /// Adds a line to the order.\n    public async Task<Order> AddLineAsync(Guid orderId, OrderLine line, CancellationToken token)\n    {\n        var order = await _repository.FindAsync(orderId, token) ?? throw new NotFoundException($\"order {orderId}\");\n        order.Lines.Add(line); // the total follows\n        return await _repository.SaveAsync(order, token);\n    }\n",
        "    Task Revoke(string id) => _graphClient.Users[id].RevokeSignInSessions.PostAsync();\n",
    ),
    (
        "a.ts",
        "export async function addLine(orderId: string, line: OrderLine): Promise<Order> {\n  const order = await repository.find(orderId);\n  if (!order) {\n    throw new Error(`order ${orderId} is not there`);\n  }\n  order.lines.push({ ...line, added: new Date().toISOString() });\n  return repository.save(order); // the total follows\n}\n",
        "export const revoke = (id: string) => graphClient.api(`/users/${id}/revokeSignInSessions`).post({});\n",
    ),
    (
        "a.py",
        "def add_line(order_id, line, repository):\n    \"\"\"Adds a line to the order.\"\"\"\n    order = repository.find(order_id)\n    if order is None:\n        raise LookupError(f\"order {order_id} is not there\")\n    order.lines.append(dict(line, added=datetime.now().isoformat()))  # the total follows\n    return repository.save(order)\n\n",
        "def revoke(id):\n    return requests.post(f\"https://graph.microsoft.com/v1.0/users/{id}/revokeSignInSessions\")\n\n",
    ),
    (
        "a.ps1",
        "function Add-OrderLine {\n    param([string]$OrderId, [hashtable]$Line)\n    $order = Get-Order -Id $OrderId -ErrorAction Stop\n    if (-not $order) { throw \"order $OrderId is not there\" }\n    $order.Lines += $Line # the total follows\n    Save-Order -Order $order | Out-Null\n}\n",
        "Revoke-MgUserSignInSession -UserId $id\n",
    ),
];

/// Megabytes of each text.
const MEGABYTES: usize = 4;

fn main() {
    println!(
        "{:<8} {:>14} {:>14} {:>18}",
        "", "prefilter", "lexing", "scan, one call/20"
    );
    let api = Api::of(Catalog::embedded());
    for (name, piece, call) in PIECES {
        let plain = piece.repeat((MEGABYTES << 20) / piece.len());
        let language = Language::of_name(name).unwrap_or(Language::JavaScript);
        let prefilter = rate(plain.len(), || {
            worth_scanning(name.into(), plain.as_bytes())
        });
        let lexing = rate(plain.len(), || lex(&plain, language));
        // Files of a usual size, all of which pass the prefilter.
        let file = format!("{}{call}", piece.repeat(20));
        let sources: Vec<Source> = (0..plain.len() / file.len())
            .map(|_| Source::new(FileId::default(), name, file.clone(), Encoding::Utf8))
            .collect();
        let bytes = sources.len() * file.len();
        let scanning = rate(bytes, || {
            sources
                .iter()
                .map(|source| {
                    scan(source, &api, &Helpers::default(), &Options::default())
                        .calls
                        .len()
                })
                .sum::<usize>()
        });
        println!("{name:<8} {prefilter:>9.0} MB/s {lexing:>9.0} MB/s {scanning:>13.0} MB/s");
    }
    let started = Instant::now();
    black_box(Api::of(Catalog::embedded()));
    println!(
        "tree of the catalog: {:.1} ms, once for a run",
        started.elapsed().as_secs_f64() * 1e3
    );
}

/// Megabytes per second, the best of five.
fn rate<T>(bytes: usize, work: impl Fn() -> T) -> f64 {
    let best = (0..5)
        .map(|_| {
            let started = Instant::now();
            black_box(work());
            started.elapsed().as_secs_f64()
        })
        .fold(f64::INFINITY, f64::min);
    bytes as f64 / best / 1e6
}
