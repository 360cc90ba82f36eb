import type { PayTabsClient } from '../../client/paytabs-client.js';
import { isPayTabsError } from '../../errors.js';
import type { Currency } from '../../money/currencies.js';
import { parseMajor } from '../../money/money.js';
import { type Finding, failed, ok, warning } from './check.js';
import { madeUpReference } from './gateway-probe.js';

/**
 * Asks for a page over one of the currency, which dies within a minute and which nobody is shown: it is not paid, and
 * no money moves.
 */
export async function checkCurrency(
  { client, currency }: { readonly client: PayTabsClient; readonly currency: Currency },
  signal: AbortSignal,
): Promise<{ readonly finding: Finding; readonly tranRef?: string }> {
  try {
    const page = await client.createHostedPage(
      {
        cartId: madeUpReference(),
        amount: parseMajor('1', currency),
        description: 'Check of the settings, not to be paid',
        ttlMinutes: 1,
      },
      { signal },
    );
    if (page.kind === 'page') {
      return { finding: ok(`The profile takes ${currency}.`), tranRef: page.tranRef };
    }
    return { finding: unclear(currency, page.error.message) };
  } catch (error) {
    if (!isPayTabsError(error)) throw error;
    if (error.gatewayCode === 206) {
      const says = `The profile does not have ${currency} (code 206).`;
      return { finding: failed(says, 'Use a currency of your contract, or have it added.') };
    }
    if (error.gatewayCode === 325) {
      const says = `The profile takes ${currency}, but not as little as 1 (code 325).`;
      return { finding: warning(says, 'Nothing, if you never ask for so little.') };
    }
    return { finding: unclear(currency, error.message) };
  }
}

const unclear = (currency: string, message: string): Finding =>
  failed(`Whether the profile takes ${currency} is not clear: ${message}.`, 'Try again.');
