// Starts `entralint lsp` and connects the editor to it. Everything that is said about permissions comes from there.

import * as vscode from "vscode";
import { LanguageClient, RevealOutputChannelOn, type LanguageClientOptions } from "vscode-languageclient/node";

import { LANGUAGES, PATTERNS, WATCHED } from "./languages";
import { command, thisMachine, Unusable } from "./settings";

/** Settings that need another process. */
const STARTED_WITH = ["enable", "path", "args", "env"];

/** What a client is given; it lives as long as the extension. */
interface Window {
  readonly log: vscode.LogOutputChannel;
  readonly watcher: vscode.FileSystemWatcher;
}

let client: LanguageClient | undefined;
/** Starts and stops follow each other: two at once would leave a process behind. */
let last: Promise<void> = Promise.resolve();

export async function activate(context: vscode.ExtensionContext): Promise<void> {
  const log = vscode.window.createOutputChannel("entralint", { log: true });
  const watcher = vscode.workspace.createFileSystemWatcher(WATCHED);
  const window: Window = { log, watcher };
  context.subscriptions.push(
    log,
    watcher,
    vscode.commands.registerCommand("entralint.showLog", () => {
      log.show();
    }),
    vscode.commands.registerCommand("entralint.restart", () => restart(window)),
    vscode.workspace.onDidChangeConfiguration(async (change) => {
      if (STARTED_WITH.some((name) => change.affectsConfiguration(`entralint.${name}`))) {
        await restart(window);
      } else if (change.affectsConfiguration("entralint.inlayHints")) {
        await client?.sendNotification("workspace/didChangeConfiguration", {
          settings: { entralint: { inlayHints: hints() } },
        });
      }
    }),
  );
  await inTurn(() => start(window));
}

export function deactivate(): Promise<void> {
  return inTurn(stop);
}

function restart(window: Window): Promise<void> {
  return inTurn(async () => {
    await stop();
    await start(window);
  });
}

function inTurn(step: () => Promise<void>): Promise<void> {
  last = last.then(step, step);
  return last;
}

async function stop(): Promise<void> {
  const running = client;
  client = undefined;
  // A server that has failed cannot be stopped, and need not be.
  await running?.stop().catch(() => undefined);
}

async function start(window: Window): Promise<void> {
  const { log } = window;
  const settings = vscode.workspace.getConfiguration("entralint");
  if (!settings.get<boolean>("enable", true)) {
    log.info("entralint.enable is false: not started");
    return;
  }
  try {
    const { command: program, args, env, cwd } = command(
      {
        path: settings.get("path", "entralint"),
        args: settings.get<string[]>("args", []),
        env: settings.get<Record<string, string>>("env", {}),
      },
      thisMachine(),
    );
    log.info(`starting ${[program, ...args].join(" ")}`);
    const starting = new LanguageClient("entralint", "entralint", { command: program, args, options: { env, cwd } }, options(window));
    client = starting;
    await starting.start();
  } catch (error) {
    client = undefined;
    const why = error instanceof Unusable ? error.message : `It did not start: ${String(error)}.`;
    log.error(why);
    // Not awaited: the question may stay open, and a restart must not wait for it.
    void explain(why, log);
  }
}

function options({ log, watcher }: Window): LanguageClientOptions {
  return {
    documentSelector: [
      ...LANGUAGES.map((language) => ({ scheme: "file", language })),
      ...PATTERNS.map((pattern) => ({ scheme: "file", pattern })),
    ],
    synchronize: { fileEvents: watcher },
    initializationOptions: { inlayHints: hints() },
    outputChannel: log,
    revealOutputChannelOn: RevealOutputChannelOn.Never,
    middleware: {
      provideInlayHints: (document, range, token, next) =>
        hints(document) ? next(document, range, token) : [],
    },
  };
}

/** Whether the names of permissions are shown next to their ids, in this document or the window. */
function hints(document?: vscode.TextDocument): boolean {
  return vscode.workspace.getConfiguration("entralint", document).get<boolean>("inlayHints", true);
}

async function explain(why: string, log: vscode.LogOutputChannel): Promise<void> {
  const choice = await vscode.window.showErrorMessage(
    `entralint: ${why} Install it (pip install entralint, or cargo install --locked entralint), or set entralint.path.`,
    "Open settings",
    "Show the log",
  );
  if (choice === "Open settings") {
    await vscode.commands.executeCommand("workbench.action.openSettings", "entralint.path");
  } else if (choice === "Show the log") {
    log.show();
  }
}
