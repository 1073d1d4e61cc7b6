// What the settings mean: which program is started, with which arguments and environment. No editor in here, so that
// it is tested without one.

import { accessSync, constants, statSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, isAbsolute, join } from "node:path";

/** The settings that say what is started. A workspace cannot set them: their scope is the machine. */
export interface Settings {
  /** The program: a name to look up in `PATH`, or an absolute path. */
  readonly path: string;
  /** Arguments after `lsp`. */
  readonly args: readonly string[];
  /** Variables in addition to those of the editor. */
  readonly env: Readonly<Record<string, string>>;
}

/** The machine that the program is looked up on. */
export interface Machine {
  readonly platform: NodeJS.Platform;
  readonly env: NodeJS.ProcessEnv;
  readonly home: string;
  readonly isProgram: (file: string) => boolean;
}

/** This machine. */
export function thisMachine(): Machine {
  return { platform: process.platform, env: process.env, home: homedir(), isProgram };
}

/** What is started. */
export interface Command {
  readonly command: string;
  readonly args: string[];
  readonly env: NodeJS.ProcessEnv;
  readonly cwd: string;
}

/** A sentence that says what is wrong with the settings. */
export class Unusable extends Error {}

/** The command for these settings.
 *
 * The program is looked up here and started by its absolute path, in the home folder: Windows searches the working
 * folder first, which would be the workspace, and a workspace must not supply the program.
 */
export function command(settings: Settings, machine: Machine): Command {
  return {
    command: program(settings.path, machine),
    args: ["lsp", ...settings.args],
    env: { ...machine.env, ...settings.env },
    cwd: machine.home,
  };
}

function program(path: string, machine: Machine): string {
  const given = path.trim();
  if (given === "") {
    throw new Unusable("entralint.path is empty: give the program's name or its absolute path.");
  }
  const whole = /^~[/\\]/.test(given) ? join(machine.home, given.slice(2)) : given;
  if (isAbsolute(whole)) {
    if (!machine.isProgram(whole)) {
      throw new Unusable(`There is no program at ${whole} (entralint.path).`);
    }
    return whole;
  }
  if (/[/\\]/.test(whole)) {
    throw new Unusable(`entralint.path is the relative path ${whole}: give a name or an absolute path.`);
  }
  const endings = machine.platform === "win32" && !/\.(exe|com)$/i.test(whole) ? [".exe"] : [""];
  const folders = (machine.env["PATH"] ?? machine.env["Path"] ?? "")
    .split(delimiter)
    // A relative entry would mean a folder of whatever is open.
    .filter((folder) => isAbsolute(folder));
  for (const folder of folders) {
    for (const ending of endings) {
      const file = join(folder, whole + ending);
      if (machine.isProgram(file)) {
        return file;
      }
    }
  }
  throw new Unusable(`There is no program ${whole} in PATH.`);
}

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}
