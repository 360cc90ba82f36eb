import { shareTable } from '@nestcms/bench/figures';
import { amount, type Findings } from '@nestcms/bench/findings';
import type { Note, Settings } from '@nestcms/bench/settings';
import { besideFloor, type Contender } from '@nestcms/bench/slices';
import { requestOf } from '../columns/ours.ts';
import { ONE_KB } from '../support/bodies.ts';
import { loadBuilt } from '../support/build.ts';
import { deliver, type SchemeName } from '../support/deliveries.ts';

const CONTROL = 'ours: another one without a listener';
const LISTENER = 'ours: a listener that does nothing';

/**
 * What it costs that somebody listens. What it costs that nobody does cannot be taken off: there is no
 * build without events. Two verifiers without a listener say how far two equal ones differ.
 */
export const run = async ({ rounds }: Settings, note: Note): Promise<Findings> => {
  const ours = await loadBuilt();
  const contenderOf = (scheme: SchemeName, name: string, observer?: () => void): Contender => {
    const delivery = deliver(scheme, ONE_KB.bytes);
    const verifier = ours.createWebhookVerifier({
      scheme: scheme === 'github' ? ours.github() : ours.standardWebhooks(),
      keys: [delivery.secret],
      payload: false,
      ...(observer && { observer }),
    });
    const request = requestOf(delivery);
    const { verdict } = verifier.verifySync(request);
    if (verdict !== 'accepted') throw new Error(`${scheme}: ${verdict}`);
    return { name, call: () => verifier.verifySync(request) };
  };
  const found: Findings[] = [];
  for (const scheme of ['standard', 'github'] as const) {
    const silent = contenderOf(scheme, 'ours: no listener');
    const contenders = [contenderOf(scheme, CONTROL), contenderOf(scheme, LISTENER, () => {})];
    const shares = await besideFloor(silent, contenders, { rounds, note });
    const percent = shares.map(({ ratio }) => `${amount((1 / ratio - 1) * 100)} %`);
    found.push({
      verdicts: [
        {
          row: `a listener that does nothing, ${scheme}, ${ONE_KB.name}, time over none`,
          figure: percent[1] ?? '',
          bar: '',
          met: undefined,
          floor: `${percent[0]} (no listener)`,
        },
      ],
      tables: [
        shareTable(`Listening, ${scheme}, ${ONE_KB.name}, x one without a listener`, shares),
      ],
    });
  }
  return {
    verdicts: found.flatMap(({ verdicts }) => verdicts),
    tables: found.flatMap(({ tables }) => tables),
  };
};
