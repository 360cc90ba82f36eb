import { BREAKER_DEFAULTS, type ChangeableOptions, type Settings } from '../options.js';
import { refuseUnknown } from '../validation.js';
import { READERS, readAll } from './readers.js';

const FIXED = ['clock', 'random', 'onListenerError'];
const CHANGEABLE = Object.keys(READERS).filter((name) => !FIXED.includes(name));

/** `settings` with `changes`; groups of options are changed one by one. @throws InvalidOptionError */
export const changeSettings = (settings: Settings, changes: ChangeableOptions): Settings => {
  refuseUnknown('', changes, CHANGEABLE);
  const merged: Record<string, unknown> = { ...settings };
  for (const [name, value] of Object.entries(changes)) {
    if (value !== undefined) merged[name] = mergeGroup(merged[name], value);
  }
  if (knowsRuns(merged.window) !== knowsRuns(settings.window)) {
    // Its rules are not those of the others: what was not asked for is the default again.
    merged.failureRate = changes.failureRate;
    merged.slowCalls = changes.slowCalls;
    merged.consecutiveFailures = changes.consecutiveFailures;
  }
  if (changes.minimumCalls === undefined && isGroup(merged.window)) {
    // A smaller window lowers it, as it does where a breaker is made.
    const { kind, size } = merged.window as { readonly kind?: string; readonly size?: unknown };
    const most = kind === 'count' ? (size ?? BREAKER_DEFAULTS.windowSize) : settings.minimumCalls;
    if (typeof most === 'number' && most < settings.minimumCalls) merged.minimumCalls = most;
  }
  return readAll('', merged, READERS) as Settings;
};

const isGroup = (value: unknown): value is { readonly kind?: string } =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const knowsRuns = (window: unknown): boolean => isGroup(window) && window.kind === 'consecutive';

/** A group of another kind takes the place of the old one as a whole. What is no group is left to be refused. */
const mergeGroup = (old: unknown, value: unknown): unknown => {
  if (!isGroup(old) || !isGroup(value)) return value;
  if (value.kind !== undefined && value.kind !== old.kind) return value;
  const given = Object.entries(value).filter(([, part]) => part !== undefined);
  return { ...old, ...Object.fromEntries(given) };
};
