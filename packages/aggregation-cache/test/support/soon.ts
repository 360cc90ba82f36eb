import { until } from '@nestcms/testbed';

/** Waits for what must come soon, on a machine that may be busy. */
export const soon = (
  condition: () => boolean | Promise<boolean>,
  what = 'something that must come soon',
): Promise<boolean> => until(condition, { what, timeoutMs: 10_000, intervalMs: 5 });
