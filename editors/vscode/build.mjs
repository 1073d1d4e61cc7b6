// Bundles the extension into dist/extension.js, with the licences of what is bundled. With --tests it bundles the tests
// into out/test.

import { build } from "esbuild";
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";

const common = { bundle: true, platform: "node", target: "node20", external: ["vscode"], logLevel: "warning" };

if (process.argv.includes("--tests")) {
  const tests = readdirSync("test").filter((name) => name.endsWith(".test.ts"));
  await build({
    ...common,
    entryPoints: tests.map((name) => join("test", name)),
    outdir: "out/test",
    format: "cjs",
    sourcemap: "inline",
  });
} else {
  const result = await build({
    ...common,
    entryPoints: ["src/extension.ts"],
    outfile: "dist/extension.js",
    format: "cjs",
    minify: true,
    metafile: true,
  });
  mkdirSync("dist", { recursive: true });
  writeFileSync("dist/THIRD-PARTY.txt", licences(Object.keys(result.metafile.inputs)));
}

/** The licence text of every package that has a file in the bundle. */
function licences(files) {
  const folders = new Set(
    files.map((file) => /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(file)?.[1]).filter((folder) => folder !== undefined),
  );
  return [...folders]
    .sort()
    .map((folder) => {
      const about = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
      const file = readdirSync(folder).find((name) => /^licen[cs]e/i.test(basename(name)));
      if (file === undefined || !existsSync(join(folder, file))) {
        throw new Error(`${folder} has no licence text`);
      }
      return `${about.name} ${about.version} (${about.license})\n\n${readFileSync(join(folder, file), "utf8").trim()}\n`;
    })
    .join("\n----\n\n");
}
