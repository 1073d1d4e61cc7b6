// Starts `entralint lsp` and connects the editor to it. Everything that is said about permissions comes from there.

import * as vscode from "vscode";
import { LanguageClient, type LanguageClientOptions, type ServerOptions } from "vscode-languageclient/node";

/** The languages in which permissions are declared or calls are made. */
const LANGUAGES = [
  "json",
  "jsonc",
  "terraform",
  "terraform-vars",
  "bicep",
  "bicep-params",
  "yaml",
  "powershell",
  "shellscript",
  "csharp",
  "typescript",
  "typescriptreact",
  "javascript",
  "javascriptreact",
  "python",
  "go",
  "java",
  "kotlin",
  "php",
  "rust",
];

let client: LanguageClient | undefined;

export async function activate(context: vscode.ExtensionContext): Promise<void> {
  const log = vscode.window.createOutputChannel("entralint", { log: true });
  context.subscriptions.push(
    log,
    vscode.commands.registerCommand("entralint.showLog", () => log.show()),
    vscode.commands.registerCommand("entralint.restart", () => restart(log)),
    vscode.workspace.onDidChangeConfiguration(async (change) => {
      if (change.affectsConfiguration("entralint.path") || change.affectsConfiguration("entralint.enable")) {
        await restart(log);
      }
    }),
  );
  await start(log);
}

export async function deactivate(): Promise<void> {
  await stop();
}

async function restart(log: vscode.LogOutputChannel): Promise<void> {
  await stop();
  await start(log);
}

async function stop(): Promise<void> {
  const running = client;
  client = undefined;
  await running?.stop();
}

async function start(log: vscode.LogOutputChannel): Promise<void> {
  const settings = vscode.workspace.getConfiguration("entralint");
  if (!settings.get<boolean>("enable", true)) {
    return;
  }
  const command = settings.get<string>("path", "entralint");
  const server: ServerOptions = { command, args: ["lsp"] };
  const options: LanguageClientOptions = {
    documentSelector: [
      ...LANGUAGES.map((language) => ({ scheme: "file", language })),
      { scheme: "file", pattern: "**/entralint.toml" },
    ],
    synchronize: { configurationSection: "entralint" },
    initializationOptions: { inlayHints: settings.get<boolean>("inlayHints", true) },
    outputChannel: log,
  };
  const starting = new LanguageClient("entralint", "entralint", server, options);
  try {
    await starting.start();
    client = starting;
  } catch (error) {
    log.error(`${command} lsp could not be started: ${String(error)}`);
    const choice = await vscode.window.showErrorMessage(
      `entralint could not be started from "${command}". Install it (pip install entralint, or cargo install --locked entralint), or set entralint.path.`,
      "Open settings",
      "Show the log",
    );
    if (choice === "Open settings") {
      await vscode.commands.executeCommand("workbench.action.openSettings", "entralint.path");
    } else if (choice === "Show the log") {
      log.show();
    }
  }
}
