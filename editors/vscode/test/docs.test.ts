// The snippets of docs/editors.md can be read by the editors that they are for, and start the server as it is started.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

import { parse as parseLua } from "luaparse";
import { parse as parseToml } from "smol-toml";

const page = readFileSync(join("..", "..", "docs", "editors.md"), "utf8");

function blocks(language: string): string[] {
  return [...page.matchAll(new RegExp(`\`\`\`${language}\n([^]*?)\`\`\``, "g"))].map((found) => found[1] ?? "");
}

test("Lua for Neovim", () => {
  const lua = blocks("lua");
  assert.equal(lua.length, 2);
  for (const block of lua) {
    parseLua(block);
    assert.ok(block.includes('cmd = { "entralint", "lsp" }'));
  }
});

test("TOML for Helix", () => {
  const [block, ...others] = blocks("toml");
  assert.ok(block !== undefined && others.length === 0);
  const languages = parseToml(block) as {
    "language-server": Record<string, { command: string; args: string[] }>;
    language: { "language-servers": string[] }[];
  };
  assert.equal(languages["language-server"]["entralint"]?.command, "entralint");
  assert.deepEqual(languages["language-server"]["entralint"].args, ["lsp"]);
  assert.ok(languages.language.every((language) => language["language-servers"].includes("entralint")));
});

test("JSON for Zed", () => {
  const [block, ...others] = blocks("json");
  assert.ok(block !== undefined && others.length === 0);
  const [task] = JSON.parse(block) as { command: string; args: string[] }[];
  assert.equal(task?.command, "entralint");
  assert.deepEqual(task.args, ["check", "--format", "concise"]);
});
