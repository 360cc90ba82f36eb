import { figureNamed, middleHalf, times } from '@nestcms/bench/figures';
import type { Findings, Table, Verdict } from '@nestcms/bench/findings';
import { judge } from '@nestcms/bench/findings';
import type { Note, Settings } from '@nestcms/bench/settings';
import type { Share } from '@nestcms/bench/slices';
import { BY_HAND } from '../columns/by-hand.ts';
import { ourCheckers, ourColumn, TITLES } from '../columns/ours.ts';
import { PEER, PEERS } from '../columns/peers.ts';
import { BODIES, type Body, ONE_KB } from '../support/bodies.ts';
import { loadBuilt } from '../support/build.ts';
import type { SchemeName } from '../support/deliveries.ts';
import { measureChecks } from '../support/measure-checks.ts';

/** The least share of the floor, by body. */
const BARS: Readonly<Partial<Record<SchemeName, Readonly<Record<string, number>>>>> = {
  github: { '256 B': 1.8, '1 KB': 1.6, '16 KB': 1.1, '1 MB': 0.93 },
  standard: { '256 B': 1.4, '1 KB': 1.3 },
  stripe: { '256 B': 1.4, '1 KB': 1.3 },
};

/** How many times as fast as a peer, at 1 KB. */
const PEER_BARS: readonly (readonly [SchemeName, string, number])[] = [
  ['standard', PEER.standardNoParse, 6],
  ['stripe', PEER.stripe, 2.6],
  ['github', PEER.octokit, 2.1],
  ['slack', PEER.bolt, 25],
  ['github', PEER.ternGithub, 25],
  ['standard', PEER.ternStandard, 25],
  ['stripe', PEER.ternStripe, 25],
];

interface Measured {
  readonly body: Body;
  readonly shares: readonly Share[];
}

/** Whole checks of a delivery, for bodies of several sizes, all in one process. */
export const run = async ({ rounds, quick }: Settings, note: Note): Promise<Findings> => {
  const checkers = [...BY_HAND, ...ourCheckers(await loadBuilt()), ...PEERS];
  const measured: Measured[] = [];
  for (const body of quick ? BODIES.slice(0, 2) : BODIES) {
    const bodyNote: Note = (progress) => note(`${body.name}: ${progress}`);
    measured.push({
      body,
      shares: await measureChecks(checkers, body, { rounds, note: bodyNote }),
    });
  }
  return {
    verdicts: [...floorVerdicts(measured), ...peerVerdicts(measured)],
    tables: [
      tableOf('Whole checks, x the bare HMAC of the same body', measured, ({ ratio }) =>
        times(ratio),
      ),
      tableOf('Whole checks: half of the rounds lie between', measured, middleHalf),
    ],
  };
};

const floorVerdicts = (measured: readonly Measured[]): Verdict[] =>
  (Object.keys(TITLES) as SchemeName[]).flatMap((scheme) =>
    measured.map(({ body, shares }): Verdict => {
      const { ratio } = figureNamed(shares, ourColumn(scheme));
      const least = BARS[scheme]?.[body.name];
      const byHand = figureNamed(shares, `floor: ${TITLES[scheme]} by hand`);
      return {
        row: `whole ${TITLES[scheme]} check, ${body.name}`,
        figure: `${ratio.toFixed(2)}x`,
        ...(least === undefined ? { bar: '', met: undefined } : judge(ratio, { least, unit: 'x' })),
        floor: `${byHand.ratio.toFixed(2)}x by hand`,
      };
    }),
  );

const peerVerdicts = (measured: readonly Measured[]): Verdict[] => {
  const shares = measured.find(({ body }) => body === ONE_KB)?.shares;
  if (shares === undefined) return [];
  return PEER_BARS.map(([scheme, peer, least]): Verdict => {
    const ratio = figureNamed(shares, ourColumn(scheme)).ratio / figureNamed(shares, peer).ratio;
    return {
      row: `${TITLES[scheme]} check at 1 KB over ${peer}`,
      figure: `${times(ratio)}x`,
      ...judge(ratio, { least, unit: 'x' }),
    };
  });
};

const tableOf = (
  title: string,
  measured: readonly Measured[],
  cell: (share: Share) => string,
): Table => ({
  title,
  head: ['column', ...measured.map(({ body }) => body.name)],
  body: (measured[0]?.shares ?? []).map(({ name }) => [
    name,
    ...measured.map(({ shares }) => cell(figureNamed(shares, name))),
  ]),
});
