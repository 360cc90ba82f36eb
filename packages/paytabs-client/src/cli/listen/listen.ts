import type { Readable } from 'node:stream';
import { type Clock, systemClock } from '@nestcms/circuit-breaker';
import { PayTabsClient } from '../../client/paytabs-client.js';
import type { IntentStore } from '../../ports/intent-store.js';
import type { OnUnreadable } from '../../stores/collect-due.js';
import type { Command, CommandIo } from '../command.js';
import { gatewayUsage } from '../gateway-settings.js';
import { forwardUsage } from '../notices/forward-to.js';
import { merchantProfile } from '../notices/merchant-profile.js';
import { Pause } from '../pause.js';
import { refusedOption } from '../refused-option.js';
import { installed, openStore } from '../store/open-store.js';
import { UsageError } from '../usage-error.js';
import { CartList } from './cart-list.js';
import { ChangeBook } from './change-book.js';
import { Deliveries } from './deliveries.js';
import { type ListenSettings, readListenFlags } from './read-listen-flags.js';
import { Rounds } from './rounds.js';
import { showDelay } from './show-delay.js';
import { takeTyped } from './take-typed.js';

const usage = `paytabs listen --forward-to URL [options]

Asks the gateway again and again what has become of your carts, and sends your shop the callback of each change, for the
gateway cannot reach your machine. Goes on until Ctrl-C. Carts may be typed while it runs, one in a line.

${gatewayUsage}${forwardUsage}
  --cart ID           a cart to follow; may be repeated
  --mongodb URL       follow the open intents of a shop's store; default $PAYTABS_MONGODB_URL, best there: it has a
                      password
  --database NAME     default: the one that the URL names
  --collection NAME   default paymentIntents
  --redis URL         the same, from Redis; default $PAYTABS_REDIS_URL
  --prefix TEXT       what its keys begin with; default paytabs
  --max-carts N       how many carts of the store are followed, the newest; 1 to 999, default 20
  --since WHEN        tell what happened since now (default), 10m, 2026-09-13T08:00:00Z, or all
  --every SECONDS     from the end of a look to the next; 1 to 3600, default 5. After failures twice as long each
                      time, up to a minute
  --retry-delays LIST seconds before each further try of what was not answered 200; default 2,10,60,300,900; or none
`;

interface ListenParts {
  readonly clock?: Clock;
  /** Where carts are typed. */
  readonly input?: () => Readable;
}

/** @throws UsageError */
function openClient({ gateway }: ListenSettings): PayTabsClient {
  try {
    return new PayTabsClient(gateway);
  } catch (error) {
    throw refusedOption(error);
  }
}

function greet({ warn }: CommandIo, settings: ListenSettings): void {
  const { everyMs, retryDelaysMs, carts, place, gateway } = settings;
  // A query may hold a secret of the shop's.
  const url = settings.url.replace(/\?.*$/, '');
  warn(
    `Callbacks of profile ${gateway.profileId} go to ${url}; a look every ${showDelay(everyMs)}.`,
  );
  const again = retryDelaysMs.map(showDelay).join(', ');
  if (again !== '') warn(`What is not answered 200 is sent again after ${again}.`);
  const followed = [
    ...(carts.length > 0 ? [carts.join(', ')] : []),
    ...(place === undefined ? [] : [`the open carts of the store in ${place.kind}`]),
  ];
  if (followed.length > 0) warn(`Following ${followed.join(' and ')}.`);
  else warn('Type the carts to follow, one in a line.');
}

interface Session {
  readonly settings: ListenSettings;
  readonly client: PayTabsClient;
  readonly clock: Clock;
  readonly input: Readable;
  readonly io: CommandIo;
}

/** Until Ctrl-C. @throws Error when there is nothing to follow, or the key is refused */
async function listen(session: Session, store: IntentStore | undefined): Promise<void> {
  const { settings, client, clock, input, io } = session;
  const { since, maxCarts, url, retryDelaysMs, everyMs } = settings;
  const { warn } = io;
  const nothingLeft = new AbortController();
  const signal = AbortSignal.any([io.signal, nothingLeft.signal]);
  const pause = new Pause(clock, signal);
  const carts = new CartList({ since, maxFromStore: maxCarts });
  for (const cartId of settings.carts) carts.name(cartId);
  const onEnd = () => {
    if (carts.isEmpty && store === undefined) nothingLeft.abort();
  };
  const stopTyping = takeTyped({ input, carts, pause, warn, onEnd });
  const profile = merchantProfile(settings.gateway, settings.clientKey);
  const deliveries = new Deliveries({ clock, io, url, profile, retryDelaysMs });
  const book = new ChangeBook(since);
  const parts = { client, store, carts, book, deliveries, pause, signal, everyMs, warn };
  try {
    await new Rounds(parts).run();
  } finally {
    stopTyping();
    const calledOff = await deliveries.stop();
    if (calledOff > 0) warn(`${calledOff} that were not answered 200 are not sent again.`);
  }
  if (!io.signal.aborted) throw new Error('There is nothing to follow.');
}

async function listenTo(session: Session): Promise<void> {
  const { place } = session.settings;
  const onUnreadable: OnUnreadable = ({ cartId, error }) =>
    session.io.warn(`${cartId}: cannot be read in the store: ${error.message}`);
  const how = { drivers: installed, onUnreadable };
  const opened = place === undefined ? undefined : await openStore(place, how);
  greet(session.io, session.settings);
  try {
    await listen(session, opened?.store);
  } finally {
    await opened?.close();
  }
}

/** The command `listen`. */
export const makeListen = ({
  clock = systemClock,
  input = () => process.stdin,
}: ListenParts = {}): Command => ({
  name: 'listen',
  summary: 'brings the callbacks of the gateway to a shop on your machine',
  usage,
  run: async (args, io) => {
    const settings = await readListenFlags(args, { env: io.env, now: clock.wallTime() });
    const client = openClient(settings);
    try {
      await listenTo({ settings, client, clock, input: input(), io });
      return 0;
    } catch (error) {
      if (error instanceof UsageError) throw error;
      io.warn(error instanceof Error ? error.message : String(error));
      return 1;
    } finally {
      await client.close();
    }
  },
});
