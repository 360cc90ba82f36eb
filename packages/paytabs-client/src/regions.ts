/** The region codes of the gateway. Keys belong to one host: the right key on the wrong host is refused. */
export type Region = keyof typeof regionHosts;

const regionHosts = {
  ARE: 'https://secure.paytabs.com',
  SAU: 'https://secure.paytabs.sa',
  EGY: 'https://secure-egypt.paytabs.com',
  OMN: 'https://secure-oman.paytabs.com',
  JOR: 'https://secure-jordan.paytabs.com',
  KWT: 'https://secure-kuwait.paytabs.com',
  IRQ: 'https://secure-iraq.paytabs.com',
  MAR: 'https://secure-morocco.paytabs.com',
  QAT: 'https://secure-doha.paytabs.com',
  GLOBAL: 'https://secure-global.paytabs.com',
  MADFOAT: 'https://madfoat-secure.paytabs.com',
  CUZDAN: 'https://secure.cuzdan.az',
} as const;

/** Base URL of each region. */
export const regions: Readonly<Record<Region, string>> = Object.freeze(regionHosts);
