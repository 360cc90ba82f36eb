import type { WebhookRequest, WebhookVerifier } from '../../src/index.js';
import { ONE_KB } from './bodies.ts';
import type { Ours } from './build.ts';
import { deliver } from './deliveries.ts';
import { makeNetworks } from './networks.ts';

/**
 * Each is new to the store when it comes. Few, for a delivery that has just come in is in the processor's
 * cache, as the body is that the floor hashes again and again.
 */
export const DELIVERIES = 256;
const NETWORKS = 1000;
const PROXY = '10.0.0.7';

interface EverythingRequest extends WebhookRequest {
  readonly headers: Readonly<Record<string, string>>;
}

/** A verifier with all checks on, and deliveries for it. */
export interface Everything {
  readonly verifier: WebhookVerifier;
  readonly requests: readonly EverythingRequest[];
  /** Lets what the store holds run out, as it would in days: the same deliveries are then new again. */
  readonly forget: () => void;
}

export const everythingOn = (ours: Ours, body = ONE_KB.bytes): Everything => {
  const { rules, lookups } = makeNetworks(NETWORKS);
  const { systemClock, VERIFIER_DEFAULTS } = ours;
  let aheadMs = 0;
  // The verifier's own clock is the machine's; the store's is that, moved on.
  const clock = { ...systemClock, now: () => systemClock.now() + aheadMs };
  const requests = Array.from({ length: DELIVERIES }, (_, number) => {
    const { headers } = deliver('standard', body, { id: `msg_2Lh9KRb0pzN4LePd3XiA4v1${number}` });
    const client = lookups[(2 * number) % lookups.length]?.address ?? '';
    return {
      method: 'POST',
      headers: { ...headers, 'x-forwarded-for': client },
      body,
      peerAddress: PROXY,
    };
  });
  const verifier = ours.createWebhookVerifier({
    scheme: ours.standardWebhooks(),
    keys: [deliver('standard', body).secret],
    payload: false,
    allow: rules,
    trustedProxies: ['10.0.0.0/8'],
    replay: { store: ours.createMemoryReplayStore({ clock }) },
  });
  return {
    verifier,
    requests,
    forget: () => {
      aheadMs += VERIFIER_DEFAULTS.keepMs + 1;
    },
  };
};
