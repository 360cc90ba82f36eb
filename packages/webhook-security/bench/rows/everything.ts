import { shareTable, times } from '@nestcms/bench/figures';
import { type Verdict as BarVerdict, type Findings, judge } from '@nestcms/bench/findings';
import type { Note, Settings } from '@nestcms/bench/settings';
import { besideFloor, type Contender } from '@nestcms/bench/slices';
import type { Verdict } from '../../src/index.js';
import { bareHmac } from '../columns/floor.ts';
import { ONE_KB } from '../support/bodies.ts';
import { loadBuilt, type Ours } from '../support/build.ts';
import { everythingOn } from '../support/everything.ts';

/** All checks on: address through a proxy, 1,000 networks, time, signature, claim and confirmation. */
export const run = async ({ rounds }: Settings, note: Note): Promise<Findings> => {
  const ours = await loadBuilt();
  await mustRefuseRepeats(ours);
  const contenders = [
    contenderOf(ours, 'verifySync', (verifier, request) => confirmed(verifier.verifySync(request))),
    contenderOf(ours, 'verify', async (verifier, request) =>
      confirmed(await verifier.verify(request)),
    ),
  ];
  const shares = await besideFloor(bareHmac(ONE_KB.bytes), contenders, { rounds, note });
  const verdicts = shares.map(
    ({ name, ratio }): BarVerdict => ({
      row: `everything on, ${ONE_KB.name}, ${name.replace('ours: ', '')}`,
      figure: `${times(ratio)}x`,
      ...judge(ratio, { least: 1, unit: 'x' }),
    }),
  );
  const title = `Everything on, ${ONE_KB.name}, x the bare HMAC`;
  return { verdicts, tables: [shareTable(title, shares)] };
};

type Everything = ReturnType<typeof everythingOn>;
type Check = (
  verifier: Everything['verifier'],
  request: Everything['requests'][number],
) => Promise<boolean>;

const contenderOf = (ours: Ours, way: string, check: Check): Contender => {
  const { verifier, requests, forget } = everythingOn(ours);
  let place = 0;
  return {
    name: `ours: ${way}, then confirm`,
    call: () => {
      if (place === requests.length) {
        forget();
        place = 0;
      }
      const request = requests[place] as Everything['requests'][number];
      place += 1;
      return check(verifier, request);
    },
  };
};

/** A request that is refused ends the run. */
const confirmed = (verdict: Verdict): Promise<boolean> => {
  if (verdict.verdict === 'accepted') return verdict.claim.confirm();
  throw new Error(`A genuine request was not accepted: ${JSON.stringify(verdict)}`);
};

const mustRefuseRepeats = async (ours: Ours): Promise<void> => {
  const { verifier, requests, forget } = everythingOn(ours);
  const [request] = requests;
  if (request === undefined) return;
  const reasonOf = (verdict: Verdict) => ('reason' in verdict ? verdict.reason : verdict.verdict);
  await confirmed(verifier.verifySync(request));
  const repeated = reasonOf(verifier.verifySync(request));
  const elsewhere = reasonOf(
    verifier.verifySync({
      ...request,
      headers: { ...request.headers, 'x-forwarded-for': '127.1.1.1' },
    }),
  );
  if (repeated !== 'replay' || elsewhere !== 'address-refused') {
    throw new Error(`Not everything is on: ${repeated}, ${elsewhere}`);
  }
  forget();
  await confirmed(verifier.verifySync(request));
};
