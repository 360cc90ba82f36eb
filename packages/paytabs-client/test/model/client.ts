import { advance } from '../../src/intents/advance.js';
import { beginIntent, maySend } from '../../src/intents/begin-intent.js';
import type { ReconcileRules } from '../../src/intents/reconcile-rules.js';
import type { Client, Setting } from './steps.js';

/** The waits in ticks, as short as the promises of {@link settings} allow. */
export const rules: ReconcileRules = {
  notFoundAfterMs: 1,
  minimumChecks: 1,
  maxClockSkewMs: 0,
  firstCheckMs: 1,
  maxCheckMs: 1,
  pageCheckMs: 1,
  pageGraceMs: 1,
  pendingCheckMs: 1,
  pendingForMs: 2,
  tellAfterMs: 0,
};

/** The package as it is. */
export const client: Client = {
  rules,
  begin: beginIntent,
  advance,
  maySend,
  storesFirst: true,
  compares: true,
  sendings: 1,
  onSilence: 'lost',
  onDuplicate: 'lost',
  believesNotices: false,
  acknowledgesFirst: false,
  stampsWhenHeard: false,
  resends: false,
};

const charge: Setting = {
  opensPage: false,
  foreign: false,
  silentBank: false,
  deferred: false,
  arrivesWithin: 0,
  showsWithin: 1,
  pageLife: 1,
};

/** The worlds that are walked through. */
export const settings = {
  charge,
  silentBank: { ...charge, silentBank: true },
  deferred: { ...charge, deferred: true },
  usedElsewhere: { ...charge, foreign: true },
  page: { ...charge, opensPage: true },
  pageOfSilentBank: { ...charge, opensPage: true, silentBank: true, deferred: true },
} satisfies Record<string, Setting>;
