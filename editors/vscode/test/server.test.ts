// The built server answers the handshake and reports the findings of a folder. Needs the program: ENTRALINT, or the
// workspace's debug build; `cargo build -p entralint` makes it.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, realpathSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { test } from "node:test";
import { pathToFileURL } from "node:url";

import { createMessageConnection, StreamMessageReader, StreamMessageWriter } from "vscode-jsonrpc/node";

import { command, thisMachine } from "../src/settings";

const MANIFEST = `{"requiredResourceAccess":[{"resourceAppId":"00000003-0000-0000-c000-000000000000","resourceAccess":[
{"id":"19dbc75e-c2e2-444c-a770-ec69d8559fc7","type":"Role"}]}]}`;

interface Published {
  uri: string;
  diagnostics: { code: string; message: string; source: string }[];
}

test("entralint lsp reports the findings of a folder", { timeout: 60_000 }, async () => {
  const program = process.env["ENTRALINT"] ?? resolve("../../target/debug/entralint");
  assert.ok(existsSync(program), `${program} is missing: cargo build -p entralint, or name the program in ENTRALINT`);
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "entralint-")));
  writeFileSync(join(folder, "manifest.json"), MANIFEST);
  writeFileSync(join(folder, "entralint.toml"), 'version = 1\ncalls = ["application POST /users/{id}/revokeSignInSessions"]\n');
  const start = command({ path: program, args: [], env: {} }, thisMachine());
  const server = spawn(start.command, start.args, { env: start.env, cwd: start.cwd });
  const ended = new Promise<number | null>((done) => server.once("exit", done));
  const connection = createMessageConnection(new StreamMessageReader(server.stdout), new StreamMessageWriter(server.stdin));
  const published = new Promise<Published>((done) => {
    connection.onNotification("textDocument/publishDiagnostics", (parameters: Published) => {
      if (parameters.diagnostics.length > 0) {
        done(parameters);
      }
    });
  });
  try {
    // Requests of the server, such as progress, have an answer.
    connection.onRequest(() => null);
    connection.listen();
    const uri = pathToFileURL(folder).href;
    await connection.sendRequest("initialize", { processId: process.pid, rootUri: uri, workspaceFolders: [{ uri, name: "test" }], capabilities: {} });
    await connection.sendNotification("initialized", {});
    const { uri: file, diagnostics } = await published;
    assert.ok(file.endsWith("/manifest.json"), file);
    assert.deepEqual(diagnostics.map(({ code }) => code).sort(), ["broader-permission", "privileged-permission"]);
    await connection.sendRequest("shutdown");
    await connection.sendNotification("exit");
    assert.equal(await ended, 0);
  } finally {
    connection.dispose();
    server.kill();
  }
});
