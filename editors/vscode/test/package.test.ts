// package.json agrees with the code, and the schema that it names with the repository.

import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

import Ajv2020 from "ajv/dist/2020";
import { parse } from "smol-toml";

import { LANGUAGES } from "../src/languages";

interface Package {
  version: string;
  main: string;
  activationEvents: string[];
  contributes: {
    commands: { command: string }[];
    configuration: { properties: Record<string, { scope: string }> };
    tomlValidation: { fileMatch: string; url: string }[];
  };
  capabilities: { untrustedWorkspaces: { supported: string; restrictedConfigurations: string[] } };
}

const about = JSON.parse(readFileSync("package.json", "utf8")) as Package;
const root = join("..", "..");

test("the extension starts for the languages that it serves", () => {
  const languages = about.activationEvents.filter((event) => event.startsWith("onLanguage:")).map((event) => event.slice("onLanguage:".length));
  assert.deepEqual(languages, [...LANGUAGES]);
});

test("every command and setting of package.json is used, and no other", () => {
  const code = readFileSync("src/extension.ts", "utf8");
  const commands = about.contributes.commands.map(({ command }) => command);
  assert.deepEqual([...code.matchAll(/registerCommand\("([^"]+)"/g)].map((found) => found[1]).sort(), [...commands].sort());
  for (const name of Object.keys(about.contributes.configuration.properties)) {
    // The client library reads the trace by itself.
    assert.ok(name === "entralint.trace.server" || code.includes(`"${name.slice("entralint.".length)}"`), name);
  }
});

test("a workspace cannot say what is started", () => {
  for (const name of ["entralint.path", "entralint.args", "entralint.env"]) {
    assert.equal(about.contributes.configuration.properties[name]?.scope, "machine");
    assert.ok(about.capabilities.untrustedWorkspaces.restrictedConfigurations.includes(name));
  }
});

test("the version is that of the workspace", () => {
  const manifest = parse(readFileSync(join(root, "Cargo.toml"), "utf8")) as { workspace: { package: { version: string } } };
  assert.equal(about.version, manifest.workspace.package.version);
});

test("the schema is in the repository and takes the example", () => {
  const [validation] = about.contributes.tomlValidation;
  assert.ok(validation);
  const prefix = "https://raw.githubusercontent.com/entralint/entralint/main/";
  assert.ok(validation.url.startsWith(prefix));
  const file = join(root, validation.url.slice(prefix.length));
  assert.ok(existsSync(file));
  const ajv = new Ajv2020({ strict: false });
  const validate = ajv.compile(JSON.parse(readFileSync(file, "utf8")) as object);
  assert.ok(validate(parse(readFileSync(join(root, "examples", "entralint.toml"), "utf8"))), JSON.stringify(validate.errors));
  assert.ok(!validate({ version: 1, cals: [] }), "an unknown key is a mistake");
  assert.ok(!validate({ version: "one" }), "the version is a number");
});
