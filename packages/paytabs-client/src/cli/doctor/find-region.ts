import type { Region } from '../../regions.js';
import type { CommandIo } from '../command.js';
import { GatewayProbe, type ProbeOptions } from './gateway-probe.js';

/** Other companies' hosts: a key of the vendor's is never shown to them. */
const partners: ReadonlySet<string> = new Set<Region>(['MADFOAT', 'CUZDAN']);

export interface FoundRegion {
  readonly region: string;
  readonly kind: 'accepted' | 'otherProfile';
}

/**
 * Asks the vendor's other hosts, one after the other, until one knows the key: no more of them see it than must. Says so
 * before.
 */
export async function findRegion(
  {
    regions,
    own,
    ...probe
  }: Omit<ProbeOptions, 'baseUrl'> & {
    readonly regions: Readonly<Record<string, string>>;
    readonly own: string;
  },
  { warn, signal }: Pick<CommandIo, 'warn' | 'signal'>,
): Promise<FoundRegion | undefined> {
  const others = Object.entries(regions).filter(([code]) => code !== own && !partners.has(code));
  warn(`Asking with this key at ${others.map(([code]) => code).join(', ')}, until one knows it.`);
  for (const [region, baseUrl] of others) {
    if (signal.aborted) return undefined;
    const gateway = new GatewayProbe({ ...probe, baseUrl });
    try {
      const { kind } = await gateway.standing(signal);
      if (kind === 'accepted' || kind === 'otherProfile') return { region, kind };
    } finally {
      await gateway.close();
    }
  }
  return undefined;
}
