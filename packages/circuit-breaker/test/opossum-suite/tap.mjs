// @ts-check

/**
 * Reads what tape prints.
 * @param {string} output
 */
export function readTap(output) {
  const failures = [];
  let passed = 0;
  let test = '';
  let planned;
  for (const line of output.split('\n')) {
    const [, title] = /^# (.*)$/.exec(line) ?? [];
    const [, not, assertion] = /^(not )?ok \d+ ?(.*)$/.exec(line) ?? [];
    const [, plan] = /^1\.\.(\d+)$/.exec(line) ?? [];
    if (title !== undefined) test = title;
    if (plan !== undefined) planned = Number(plan);
    if (assertion === undefined) continue;
    if (not === undefined) passed += 1;
    else failures.push({ test, assertion });
  }
  // The plan comes last: a file that broke off has none.
  return { passed, failures, isComplete: planned === passed + failures.length };
}
