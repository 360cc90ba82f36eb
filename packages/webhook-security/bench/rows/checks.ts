import { figureNamed, middleHalf, times } from '@nestcms/bench/figures';
import type { Findings, Table, Verdict } from '@nestcms/bench/findings';
import { judge } from '@nestcms/bench/findings';
import { inChild } from '@nestcms/bench/in-child';
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

/** Whole checks of a delivery, for bodies of several sizes; each scheme in a process of its own, as a server has one or two. */
export const run = async ({ rounds, quick }: Settings, note: Note): Promise<Findings> => {
  const measured: Measured[] = [];
  for (const body of quick ? BODIES.slice(0, 2) : BODIES) {
    const shares: Share[] = [];
    for (const scheme of Object.keys(TITLES) as SchemeName[]) {
      const settings = { scheme, body: body.name, rounds };
      const bodyNote: Note = (progress) => note(`${TITLES[scheme]}, ${body.name}: ${progress}`);
      const errand = { url: import.meta.url, name: 'sharesOf', settings };
      shares.push(...(await inChild<readonly Share[]>(errand, { note: bodyNote })));
    }
    measured.push({ body, shares });
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

interface Asked {
  readonly scheme: SchemeName;
  readonly body: string;
  readonly rounds: number;
}

export const sharesOf = async (
  { scheme, body: name, rounds }: Asked,
  note: Note,
): Promise<readonly Share[]> => {
  const body = BODIES.find((one) => one.name === name);
  if (body === undefined) throw new Error(`No body of '${name}'.`);
  const all = [...BY_HAND, ...ourCheckers(await loadBuilt()), ...PEERS];
  const checkers = all.filter((checker) => checker.scheme === scheme);
  return measureChecks(checkers, body, { rounds, note });
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
