import { writeFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import type { Findings, Table, Verdict } from './findings.ts';

export interface RunFacts {
  readonly rounds: number;
  readonly rows: readonly string[];
  readonly seconds: number;
}

const verdictTable = (verdicts: readonly Verdict[]): Table =>
  withoutEmptyColumns({
    title: 'Bars',
    head: ['row', 'ours', 'bar', '', 'best peer', 'floor'],
    body: verdicts.map(({ row, figure, bar, met, rival = '', floor = '' }) => [
      row,
      figure,
      bar,
      met === undefined ? '' : met ? 'met' : 'NOT met',
      rival,
      floor,
    ]),
  });

const withoutEmptyColumns = ({ title, head, body }: Table): Table => {
  const isUsed = (_: string, column: number) => body.some((row) => row[column] !== '');
  return { title, head: head.filter(isUsed), body: body.map((row) => row.filter(isUsed)) };
};

const tablesOf = ({ verdicts, tables }: Findings): readonly Table[] =>
  verdicts.length === 0 ? tables : [verdictTable(verdicts), ...tables];

/** For a terminal. */
export const asText = (findings: Findings): string =>
  tablesOf(findings)
    .map(({ title, head, body }) => `\n${title}\n${lines([head, ...body]).join('\n')}\n`)
    .join('');

const lines = (rows: readonly (readonly string[])[]): string[] => {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => (row[column] ?? '').length)),
  );
  return rows.map((row) =>
    row
      .map((cell, column) =>
        column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0),
      )
      .join('  ')
      .trimEnd(),
  );
};

const asMarkdown = (findings: Findings): string =>
  tablesOf(findings)
    .map(({ title, head, body }) => {
      const rule = head.map((_, column) => (column === 0 ? '---' : '---:'));
      const rows = [head, rule, ...body].map((row) => `| ${row.join(' | ')} |`);
      return `## ${title}\n\n${rows.join('\n')}\n`;
    })
    .join('\n');

/** Rewrites a `RESULTS.md`. */
export const writeResults = (
  file: URL,
  findings: Findings,
  { rounds, rows, seconds }: RunFacts,
): void => {
  const processors = cpus();
  const facts = [
    ['Date', new Date().toISOString().slice(0, 10)],
    ['Node', `${process.version} (V8 ${process.versions.v8})`],
    [
      'Processor',
      `${processors.length} x ${processors[0]?.model ?? 'unknown'}, ${process.platform} ${process.arch}`,
    ],
    ['Processes that wanted a processor meanwhile (load average)', loadavg()[1]?.toFixed(1) ?? ''],
    ['Rounds', String(rounds)],
    ['Rows', rows.join(', ')],
    ['Took', `${seconds} s`],
  ];
  const head = facts.map(([name, value]) => `- ${name}: ${value}`).join('\n');
  const text = `# Results\n\nWritten by \`pnpm run bench --write\`; what the rows mean is in [README.md](README.md).\n\n${head}\n\n${asMarkdown(findings)}`;
  writeFileSync(file, text);
};
