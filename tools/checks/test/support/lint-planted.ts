import { spawnSync } from 'node:child_process';
import { copyFileSync, cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { PROJECT_ROOT } from '../../lib/packages.mjs';

/** What the linter says of a planted file. */
export interface Finding {
  /** The rule, such as `eslint(no-restricted-imports)`. */
  readonly code: string;
  readonly filename: string;
  /** From 1. */
  readonly line: number;
}

interface Diagnostic {
  /** Absent when the file cannot be read as code. */
  readonly code?: string;
  readonly message: string;
  readonly filename: string;
  readonly labels: readonly { readonly span: { readonly line: number } }[];
}

/** Lints files that are planted, by path and lines, in an empty folder with the rules of this repository. */
export function lintPlanted(files: ReadonlyMap<string, readonly string[]>): readonly Finding[] {
  const root = mkdtempSync(join(tmpdir(), 'nestcms-lint-'));
  try {
    copyFileSync(join(PROJECT_ROOT, '.oxlintrc.json'), join(root, '.oxlintrc.json'));
    cpSync(join(PROJECT_ROOT, 'tools/checks/lint'), join(root, 'tools/checks/lint'), {
      recursive: true,
    });
    for (const [file, lines] of files) {
      mkdirSync(dirname(join(root, file)), { recursive: true });
      writeFileSync(join(root, file), `${lines.join('\n')}\n`);
    }
    return findingsIn(root);
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

function findingsIn(root: string): Finding[] {
  const oxlint = join(PROJECT_ROOT, 'node_modules/oxlint/bin/oxlint');
  const { stdout, stderr } = spawnSync(process.execPath, [oxlint, '--format=json', '.'], {
    cwd: root,
    encoding: 'utf8',
  });
  if (!stdout.startsWith('{')) throw new Error(`oxlint gave no findings: ${stdout}${stderr}`);
  const { diagnostics } = JSON.parse(stdout) as { diagnostics: readonly Diagnostic[] };
  return diagnostics.map(({ code, message, filename, labels }) => {
    if (code === undefined) throw new Error(`${filename} is no code: ${message}`);
    return { code, filename, line: labels[0]?.span.line ?? 0 };
  });
}
