import { WebhookSecurityError } from '../errors.js';
import { parseAddressRule } from './address-rule.js';
import { lastRead, readAddress } from './read-address.js';
import { countByOctet, isInIPv4, isInIPv6, sortIPv4, sortIPv6 } from './sorted-ranges.js';

/** A set of addresses and networks. `createAddressSet` makes a fixed one; others may follow a list. */
export interface AddressSet {
  /** Whether the text is an address of the set. Text that is no address is in no set. */
  has(address: unknown): boolean;
}

/**
 * Makes a set from addresses and networks in CIDR form. An empty list has no members.
 * @throws WebhookSecurityError INVALID_OPTION naming the first rule that is not strictly written.
 */
export function createAddressSet(rules: readonly string[], optionName = 'rules'): AddressSet {
  return new RangeSet(rules, optionName);
}

export class RangeSet implements AddressSet {
  readonly #fourth: Uint32Array;
  readonly #counts: Uint32Array;
  readonly #sixth: Uint32Array;

  /** @throws WebhookSecurityError INVALID_OPTION */
  constructor(rules: readonly string[], optionName: string) {
    if (!Array.isArray(rules)) {
      throw new WebhookSecurityError('INVALID_OPTION', `${optionName} must be a list of texts`);
    }
    const read = rules.map((rule, index) => {
      const network = parseAddressRule(rule);
      if (network !== undefined) return network;
      throw new WebhookSecurityError(
        'INVALID_OPTION',
        `${optionName}[${index}] is ${typeof rule === 'string' ? JSON.stringify(rule) : typeof rule}; ` +
          'allowed: an IPv4 or IPv6 address, or address/length with no bits set behind the length',
      );
    });
    this.#fourth = sortIPv4(read);
    this.#counts = countByOctet(this.#fourth);
    this.#sixth = sortIPv6(read);
  }

  has(address: unknown): boolean {
    const version = readAddress(address);
    if (version === undefined) return false;
    return version === 4
      ? isInIPv4(this.#fourth, this.#counts, lastRead)
      : isInIPv6(this.#sixth, lastRead);
  }
}
