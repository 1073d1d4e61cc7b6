// The documents that the server gets: languages in which permissions are declared or calls are made, and its own
// configuration.

/** Identifiers of languages; package.json activates the extension for the same. */
export const LANGUAGES = [
  "bicep",
  "bicep-params",
  "csharp",
  "go",
  "java",
  "javascript",
  "javascriptreact",
  "json",
  "jsonc",
  "kotlin",
  "php",
  "powershell",
  "python",
  "rust",
  "shellscript",
  "terraform",
  "terraform-vars",
  "typescript",
  "typescriptreact",
  "yaml",
] as const;

/** Files that matter whatever language the editor gives them: no extension for Terraform or Bicep may be installed. */
export const PATTERNS = [
  "**/entralint.toml",
  "**/*.{tf,tfvars,bicep,bicepparam,psm1}",
  "**/*.tf.json",
] as const;

/** Files whose change on disk concerns the server though they are not open. */
export const WATCHED =
  "**/*.{json,jsonc,tf,tfvars,bicep,bicepparam,yaml,yml,ps1,psm1,psd1,sh,cs,ts,tsx,js,jsx,py,go,java,kt,php,rs,toml}";
