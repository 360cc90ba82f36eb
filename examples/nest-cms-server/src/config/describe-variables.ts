import type { Variable } from './variable.js';
import { variables } from './variables.js';

const HEADER = `# Every variable of the server, with its default. A line that starts with # is optional, or shows an example.
# Secrets here are examples: production refuses them.
`;

/** The text of `.env.example`. */
export function envExample(): string {
  const entries = Object.entries<Variable>(variables).map(([name, variable]) => {
    const { about, allowed, fallback, optional, shown, example = '' } = variable;
    const line = `${name}=${fallback ?? example}`;
    return `# ${about}\n# Allowed: ${allowed}\n${optional && !shown ? `#${line}` : line}\n`;
  });
  return `${HEADER}\n${entries.join('\n')}`;
}

const BEGIN = '<!-- variables: written by update:configuration -->';
const END = '<!-- end of variables -->';

/** The README with its table of variables brought up to date. */
export function withVariablesTable(readme: string): string {
  const before = readme.slice(0, readme.indexOf(BEGIN) + BEGIN.length);
  const after = readme.slice(readme.indexOf(END));
  return `${before}\n\n${variablesTable()}\n\n${after}`;
}

function variablesTable(): string {
  const rows = Object.entries<Variable>(variables).map(([name, variable]) => {
    const { about, allowed, fallback, optional } = variable;
    const needed = optional ? 'optional' : '**required**';
    return [`\`${name}\``, fallback === undefined ? needed : `\`${fallback}\``, allowed, about];
  });
  const head = ['Variable', 'Default', 'Allowed', 'What it is'];
  // Aligned as the formatter of this repository does it.
  const widths = head.map((title, column) =>
    Math.max(...[head, ...rows].map((row) => (row[column] ?? title).length)),
  );
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`;
  const rule = `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`;
  return [line(head), rule, ...rows.map(line)].join('\n');
}
