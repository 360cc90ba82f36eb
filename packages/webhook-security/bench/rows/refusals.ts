import { shareTable, times } from '@nestcms/bench/figures';
import { type Verdict as BarVerdict, type Findings, judge } from '@nestcms/bench/findings';
import type { Note, Settings } from '@nestcms/bench/settings';
import { besideFloor, type Contender } from '@nestcms/bench/slices';
import type { RefusalReason } from '../../src/index.js';
import { bareHmac } from '../columns/floor.ts';
import { requestOf } from '../columns/ours.ts';
import { type Body, ONE_KB, ONE_MB } from '../support/bodies.ts';
import { loadBuilt, type Ours } from '../support/build.ts';
import { deliver } from '../support/deliveries.ts';
import { makeNetworks } from '../support/networks.ts';

const BARS = [
  { body: ONE_KB, least: 20 },
  { body: ONE_MB, least: 3000 },
];

const HOUR_S = 3600;
const CLIENT = '127.1.1.1';

/** Requests that are refused before anything is hashed. */
export const run = async ({ rounds }: Settings, note: Note): Promise<Findings> => {
  const ours = await loadBuilt();
  const found: Findings[] = [];
  for (const { body, least } of BARS) {
    const contenders = refused(ours, body);
    const options = { rounds, note: (text: string) => note(`${body.name}: ${text}`) };
    const shares = await besideFloor(bareHmac(body.bytes), contenders, options);
    found.push({
      verdicts: shares.map(
        ({ name, ratio }): BarVerdict => ({
          row: `refusal, ${body.name}, ${name.replace('ours: ', '')}`,
          figure: `${times(ratio)}x`,
          ...judge(ratio, { least, unit: 'x' }),
        }),
      ),
      tables: [shareTable(`Refusals, ${body.name}, x the bare HMAC`, shares)],
    });
  }
  return {
    verdicts: found.flatMap(({ verdicts }) => verdicts),
    tables: found.flatMap(({ tables }) => tables),
  };
};

const refused = (ours: Ours, { bytes }: Body): Contender[] => {
  const genuine = deliver('standard', bytes);
  const common = {
    scheme: ours.standardWebhooks(),
    keys: [genuine.secret],
    payload: false,
  } as const;
  const open = ours.createWebhookVerifier(common);
  const closed = ours.createWebhookVerifier({ ...common, allow: makeNetworks(1000).rules });
  const { 'webhook-signature': _, ...unsigned } = genuine.headers;
  const malformed = { ...genuine.headers, 'webhook-signature': 'v1,not base64 at all' };
  const stale = deliver('standard', bytes, { secondsAgo: HOUR_S });
  const contender = (
    name: string,
    reason: RefusalReason,
    verifier: typeof open,
    request: Parameters<typeof open.verifySync>[0],
  ): Contender => {
    const verdict = verifier.verifySync(request);
    if (verdict.verdict !== 'refused' || verdict.reason !== reason) {
      throw new Error(`${name}: not refused with ${reason}: ${JSON.stringify(verdict)}`);
    }
    return { name: `ours: ${name}`, call: () => verifier.verifySync(request) };
  };
  if (open.verifySync(requestOf(genuine)).verdict !== 'accepted') {
    throw new Error('A genuine request is refused.');
  }
  return [
    contender('wrong address', 'address-refused', closed, {
      ...requestOf(genuine),
      peerAddress: CLIENT,
    }),
    contender('missing header', 'header-missing', open, requestOf(genuine, unsigned)),
    contender('malformed header', 'header-malformed', open, requestOf(genuine, malformed)),
    contender('stale time', 'timestamp-old', open, requestOf(stale)),
  ];
};
