// Writes docs/defaults.md from the constants in the sources: `node docs/write-defaults.mjs`.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';

const SRC = new URL('../src/', import.meta.url);

/** Where each constant's options are described. */
const PAGES = {
  ADAPTIVE_DEFAULTS: ['Bulkhead, adaptive limit', 'bulkhead.md'],
  BACKOFF_DEFAULTS: ['Waits between attempts', 'retry.md'],
  BREAKER_DEFAULTS: ['CircuitBreaker', 'circuit-breaker.md'],
  BULKHEAD_DEFAULTS: ['Bulkhead', 'bulkhead.md'],
  CACHE_DEFAULTS: ['Cache', 'cache.md'],
  FAULT_INJECTION_DEFAULTS: ['Fault injection', 'fault-injection.md'],
  FETCH_DEFAULTS: ['createFetch', 'fetch.md'],
  GROUP_DEFAULTS: ['BreakerGroup', 'groups.md'],
  HEDGE_DEFAULTS: ['Hedge', 'hedge.md'],
  OPOSSUM_DEFAULTS: ['The opossum facade', 'opossum.md'],
  OUTLIER_DEFAULTS: ['BreakerGroup, outlier rule', 'groups.md'],
  RATE_LIMIT_DEFAULTS: ['Rate limit', 'rate-limit.md'],
  RECORDER_DEFAULTS: ['Recorded traces', 'simulate.md'],
  RETRY_BUDGET_DEFAULTS: ['Retry budget', 'retry.md'],
  RETRY_DEFAULTS: ['Retry', 'retry.md'],
  STANDARD_HTTP_DEFAULTS: ['standardHttp', 'standard-http.md'],
  STANDARD_HEDGED_HTTP_DEFAULTS: ['standardHedgedHttp', 'standard-http.md'],
  TIMEOUT_DEFAULTS: ['Timeout', 'timeout.md'],
};

const unitOf = (key) => {
  if (key.endsWith('Ms')) return 'ms';
  if (/(rate|share|ratio|percentile|failureTolerance)$/i.test(key)) return 'share';
  return /(calls|trials|attempts|size|waiting|concurrent|entries|hedges|queue|keys|limit|failures)$/i.test(
    key,
  )
    ? 'count'
    : '';
};

const shown = (value) => {
  const plain = value.replaceAll('_', '').replaceAll("'", '');
  return Number.isFinite(Number(plain)) ? Number(plain).toLocaleString('en') : plain;
};

const constants = new Map();
for (const file of readdirSync(SRC, { recursive: true })) {
  if (!file.endsWith('.ts') || file.includes('.test')) continue;
  const source = readFileSync(new URL(file.replaceAll('\\', '/'), SRC), 'utf8');
  for (const [, name, body] of source.matchAll(
    /export const (\w+_DEFAULTS) = Object\.freeze\(\{\n([\s\S]*?)\n\}/g,
  )) {
    const rows = Array.from(
      body.matchAll(/\/\*\*\s*([\s\S]*?)\s*\*\/\s*(\w+): ([^\n]+?),?(?=\n|$)/g),
      ([, reason, key, value]) =>
        `| \`${name}.${key}\` | ${unitOf(key)} | ${shown(value)} | [page](${PAGES[name]?.[1]}) | ${reason.replaceAll(/\s*\n\s*\*\s*/g, ' ')} |`,
    );
    constants.set(name, rows);
  }
}

const unknown = [...constants.keys()].filter((name) => !(name in PAGES));
if (unknown.length > 0) throw new Error(`No page is known for ${unknown.join(', ')}.`);

const sections = Object.entries(PAGES)
  .filter(([name]) => constants.has(name))
  .sort(([, [one]], [, [other]]) => one.localeCompare(other))
  .map(
    ([name, [title]]) =>
      `## ${title}\n\n| Constant | Unit | Default | Described | Why |\n| --- | --- | --- | --- | --- |\n${constants.get(name).join('\n')}\n`,
  );

writeFileSync(
  new URL('defaults.md', import.meta.url),
  `# All defaults

Each is exported as part of a constant of that name. Ranges stand on the pages. Written from the sources by \`docs/write-defaults.mjs\`.

${sections.join('\n')}`,
);
