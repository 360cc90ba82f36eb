import { type Clock, systemClock } from '@nestcms/circuit-breaker';
import { PayTabsClient } from '../../client/paytabs-client.js';
import { isPayTabsError } from '../../errors.js';
import type { Command, CommandIo } from '../command.js';
import { gatewayUsage } from '../gateway-settings.js';
import { Pause } from '../pause.js';
import { refusedOption } from '../refused-option.js';
import {
  type Drivers,
  installed,
  type OpenStore,
  openStore,
  StoreError,
  saidBy,
} from '../store/open-store.js';
import { jsonOf, type Look, textOf } from './intent-line.js';
import { type Looking, listIntents, lookAt, lookAtAll, untold } from './look-at-intents.js';
import { type Question, readQuestion } from './read-question.js';

const usage = `paytabs reconcile (--mongodb URL | --redis URL) [options]

Asks the gateway about every payment whose end is not known and is due to be asked for, and
writes what it finds into the shop's store. Sends no request that moves money. The shop's
own process is still told every end.

${gatewayUsage}
  --mongodb URL       the store; default $PAYTABS_MONGODB_URL, best there: it has a password
  --database NAME     default: the one that the URL names
  --collection NAME   default paymentIntents
  --redis URL         the store; default $PAYTABS_REDIS_URL
  --prefix TEXT       what its keys begin with; default paytabs
  --cart ID           this one alone, due or not
  --limit N           at most so many in a round, the longest due first; 1 to 10000, default 1000
  --rule NAME=NUMBER  a value of the client's option reconcile; give those that your shop
                      has, such as notFoundAfterMs=900000; may be repeated
  --expect MODE       test or live: answers of the other kind are not believed
  --watch             go on until Ctrl-C
  --every SECONDS     between two rounds; 1 to 86400, default 10
  --dry-run           ask and write nothing; list all that is open or untold, due or not
  --json              a line of JSON for each

Exit code: 0 all was asked and answered, 1 something failed, cannot be read or needs a person
(disputed, corrected), 2 wrong command line. With --watch it is that of the last round.
`;

/** What the command needs of the machine. */
export interface ReconcileParts {
  readonly drivers: Drivers;
  readonly clock: Clock;
}

/** @throws UsageError */
function openClient(
  { settings, rules, expect }: Question,
  { store, clock }: { store: OpenStore['store']; clock: Clock },
) {
  try {
    return new PayTabsClient({
      ...settings,
      intents: store,
      clock,
      reconcile: rules,
      ...(expect === undefined ? {} : { expect }),
    });
  } catch (error) {
    throw refusedOption(error);
  }
}

/** Prints looks and remembers whether all is well. */
class Report {
  readonly #asked: Question;
  readonly #io: CommandIo;
  readonly #printed = new Set<string>();
  isWell = true;

  constructor(asked: Question, io: CommandIo) {
    this.#asked = asked;
    this.#io = io;
  }

  /** Says what goes wrong. */
  fail(line: string): void {
    this.isWell = false;
    this.#io.warn(line);
  }

  /** Says so, but not round by round. */
  nothing(): void {
    const { everyMs, isDryRun } = this.#asked;
    if (everyMs !== undefined) return;
    this.#io.warn(isDryRun ? 'Nothing is open or untold.' : 'Nothing is due.');
  }

  readonly look = (look: Look): void => {
    if (look.isFailed || (look.after ?? look.before).state.name === 'disputed') this.isWell = false;
    const line = this.#asked.isJson ? jsonOf(look) : textOf(look);
    // Round by round the same would be told of what stays as it is.
    if (this.#asked.everyMs !== undefined && this.#printed.has(line)) return;
    this.#printed.add(line);
    this.#io.print(line);
  };
}

async function round(asked: Question, looking: Looking, report: Report): Promise<void> {
  const { cart, limit, isDryRun } = asked;
  if (cart !== undefined) {
    const known = await looking.client.findIntent({ cartId: cart });
    if (known === undefined) return report.fail('There is no such reference in the store.');
    return report.look(isDryRun ? untold(known) : await lookAt(known, looking));
  }
  const intents = await listIntents(looking, { limit, isAll: isDryRun });
  if (isDryRun) intents.map(untold).forEach(report.look);
  else await lookAtAll(intents, looking, report.look);
  if (intents.length >= limit) report.fail('There may be more than --limit: run it again.');
  if (intents.length === 0) report.nothing();
}

async function run(asked: Question, io: CommandIo, { drivers, clock }: ReconcileParts) {
  const report = new Report(asked, io);
  const opened = await openStore(asked.place, {
    drivers,
    onUnreadable: ({ cartId, error }) =>
      report.fail(`${cartId}: cannot be read, so nobody asks about it: ${error.message}`),
  });
  try {
    const client = openClient(asked, { store: opened.store, clock });
    client.events.on('corrected', ({ intent }) =>
      report.fail(`${intent.cartId}: had ended without money and has moved some: tell a person`),
    );
    const said = (error: unknown) => saidBy(withCause(error), asked.place);
    const looking: Looking = {
      client,
      store: opened.store,
      clock,
      signal: io.signal,
      saidBy: said,
    };
    const { everyMs } = asked;
    const pause = new Pause(clock, io.signal);
    do {
      report.isWell = true;
      await round(asked, looking, report).catch((error: unknown) => report.fail(said(error)));
      if (everyMs !== undefined) await pause.wait(everyMs);
    } while (everyMs !== undefined && !io.signal.aborted);
    await client.close();
    const isCutShort = io.signal.aborted && everyMs === undefined;
    return report.isWell && !isCutShort ? 0 : 1;
  } finally {
    await opened.close();
  }
}

/** What a store threw says more than that it threw. */
const withCause = (error: unknown): unknown =>
  isPayTabsError(error, 'INTENT_STORE_FAILED') && error.cause instanceof Error
    ? `${error.message}: ${error.cause.message}`
    : error;

/** `paytabs reconcile`. */
export const makeReconcile = (
  parts: ReconcileParts = { drivers: installed, clock: systemClock },
): Command => ({
  name: 'reconcile',
  summary: 'asks how open payments of a store ended, and writes it there',
  usage,
  run: async (args, io) => {
    try {
      return await run(readQuestion(args, io.env), io, parts);
    } catch (error) {
      if (!(error instanceof StoreError)) throw error;
      io.warn(error.message);
      return 1;
    }
  },
});
