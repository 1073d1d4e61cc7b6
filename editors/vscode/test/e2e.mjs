// The packaged extension in a real editor: code-server in Debian's Chromium, in a folder that is not trusted. Opt-in, as
// it needs both; CONTRIBUTING.md says how to get code-server.
//
//   npm run package && CODE_SERVER=/tmp/code-server/node_modules/.bin/code-server npm run test:e2e
//
// Opens a folder with a finding, waits for the finding in the list of problems, and writes out/e2e.png.

import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

import { chromium } from "playwright-core";

const codeServer = process.env.CODE_SERVER;
const browserPath = process.env.CHROMIUM ?? "/usr/bin/chromium";
const program = process.env.ENTRALINT ?? resolve("../../target/debug/entralint");
const picture = "out/e2e.png";

assert.ok(codeServer, "name the program code-server in CODE_SERVER");
for (const file of [codeServer, browserPath, program, "entralint.vsix"]) {
  assert.ok(existsSync(file), `${file} is missing`);
}

const work = mkdtempSync(join(tmpdir(), "entralint-e2e-"));
const folder = join(work, "app");
const data = join(work, "data");
const extensions = join(work, "extensions");
mkdirSync(folder);
mkdirSync(join(data, "User"), { recursive: true });
mkdirSync("out", { recursive: true });
writeFileSync(
  join(folder, "manifest.json"),
  `{
  "requiredResourceAccess": [
    {
      "resourceAppId": "00000003-0000-0000-c000-000000000000",
      "resourceAccess": [
        { "id": "19dbc75e-c2e2-444c-a770-ec69d8559fc7", "type": "Role" }
      ]
    }
  ]
}
`,
);
writeFileSync(join(folder, "entralint.toml"), 'version = 1\ncalls = ["application POST /users/{id}/revokeSignInSessions"]\n');
const settings = JSON.stringify({ "entralint.path": program, "workbench.startupEditor": "none", "telemetry.telemetryLevel": "off" });
writeFileSync(join(data, "User", "settings.json"), settings);
mkdirSync(join(data, "Machine"), { recursive: true });
writeFileSync(join(data, "Machine", "settings.json"), settings);

const dirs = ["--user-data-dir", data, "--extensions-dir", extensions];
const installed = spawnSync(codeServer, [...dirs, "--install-extension", resolve("entralint.vsix")], { encoding: "utf8" });
assert.equal(installed.status, 0, installed.stderr + installed.stdout);

const port = await freePort();
const server = spawn(codeServer, [...dirs, "--auth", "none", "--bind-addr", `127.0.0.1:${port}`, "--disable-telemetry", "--disable-update-check", folder], {
  stdio: "ignore",
});
let browser;
try {
  await reachable(`http://127.0.0.1:${port}/healthz`);
  browser = await chromium.launch({ executablePath: browserPath, args: ["--no-sandbox"] });
  const page = await browser.newPage({ viewport: { width: 1400, height: 900 } });
  await page.goto(`http://127.0.0.1:${port}/?folder=${encodeURIComponent(folder)}`);
  // The folder is not trusted: the extension works there, with the user's settings.
  const trust = page.getByRole("button", { name: "No, I don't trust" });
  await page.locator(".monaco-workbench").waitFor({ timeout: 60_000 });
  await trust.click({ timeout: 60_000 });
  await page.getByRole("treeitem", { name: "manifest.json" }).dblclick({ timeout: 60_000 });
  await page.keyboard.press("Control+Shift+M");
  await page.locator(".markers-panel").getByText("User.RevokeSessions.All").first().waitFor({ timeout: 60_000 });
  await page.screenshot({ path: picture });
  console.log(`the finding is shown: see ${picture}`);
} catch (error) {
  for (const page of browser?.contexts().flatMap((context) => context.pages()) ?? []) {
    await page.screenshot({ path: picture });
  }
  throw error;
} finally {
  await browser?.close();
  server.kill();
  rmSync(work, { recursive: true, force: true });
}

function freePort() {
  return new Promise((done, failed) => {
    const probe = createServer();
    probe.once("error", failed);
    probe.listen(0, "127.0.0.1", () => {
      const { port } = probe.address();
      probe.close(() => done(port));
    });
  });
}

async function reachable(address) {
  for (let tries = 0; tries < 120; tries += 1) {
    const answer = await fetch(address).catch(() => undefined);
    if (answer?.ok) {
      return;
    }
    await new Promise((done) => setTimeout(done, 500));
  }
  throw new Error("code-server did not start");
}
