// Which program is started: never one that the workspace supplies.

import assert from "node:assert/strict";
import { chmodSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { test } from "node:test";

import { command, thisMachine, Unusable, type Machine } from "../src/settings";

const none = { args: [], env: {} };

function machine(programs: string[], path: string): Machine {
  return { platform: "linux", env: { PATH: path, A: "1" }, home: "/home/u", isProgram: (file) => programs.includes(file) };
}

test("a name is looked up in PATH, in its order", () => {
  const found = command({ path: "entralint", ...none }, machine(["/b/entralint", "/c/entralint"], ["/a", "/b", "/c"].join(delimiter)));
  assert.equal(found.command, "/b/entralint");
  assert.deepEqual(found.args, ["lsp"]);
  assert.equal(found.cwd, "/home/u");
});

test("relative entries of PATH are not searched", () => {
  const local = machine(["entralint", "./entralint", "bin/entralint"], [".", "", "bin"].join(delimiter));
  assert.throws(() => command({ path: "entralint", ...none }, local), Unusable);
});

test("Windows runs .exe alone", () => {
  const windows: Machine = { ...machine(["/b/entralint.exe", "/a/entralint"], ["/a", "/b"].join(delimiter)), platform: "win32" };
  assert.equal(command({ path: "entralint", ...none }, windows).command, "/b/entralint.exe");
});

test("a path is absolute or begins with the home folder", () => {
  const here = machine(["/opt/entralint", "/home/u/bin/entralint"], "");
  assert.equal(command({ path: "/opt/entralint", ...none }, here).command, "/opt/entralint");
  assert.equal(command({ path: "~/bin/entralint", ...none }, here).command, "/home/u/bin/entralint");
  for (const path of ["bin/entralint", "./entralint", "..\\entralint", "", "  ", "/opt/other"]) {
    assert.throws(() => command({ path, ...none }, here), Unusable, path);
  }
});

test("arguments follow lsp, and variables add to those of the editor", () => {
  const found = command({ path: "/opt/e", args: ["--catalog", "x"], env: { B: "2" } }, machine(["/opt/e"], ""));
  assert.deepEqual(found.args, ["lsp", "--catalog", "x"]);
  assert.equal(found.env["A"], "1");
  assert.equal(found.env["B"], "2");
});

test("a file that cannot be executed is no program", { skip: process.platform === "win32" }, () => {
  const file = join(mkdtempSync(join(tmpdir(), "entralint-")), "entralint");
  writeFileSync(file, "");
  assert.throws(() => command({ path: file, ...none }, thisMachine()), Unusable);
  chmodSync(file, 0o755);
  assert.equal(command({ path: file, ...none }, thisMachine()).command, file);
});
