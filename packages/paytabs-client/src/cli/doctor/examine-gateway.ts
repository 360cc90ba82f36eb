import type { PayTabsError } from '../../errors.js';
import type { Mode } from '../../gateway/mode.js';
import type { Currency } from '../../money/currencies.js';
import type { CommandIo } from '../command.js';
import { type Check, type Finding, failed, gatewayChecks, ok, skip } from './check.js';
import { checkClock } from './check-clock.js';
import { checkCurrency } from './check-currency.js';
import { checkMode, checkModeBy } from './check-mode.js';
import { describeLoss } from './describe-loss.js';
import { type FoundRegion, findRegion } from './find-region.js';
import { GatewayProbe, type ProbeOptions, type Standing } from './gateway-probe.js';

export interface GatewayQuestion extends ProbeOptions {
  readonly regions: Readonly<Record<string, string>>;
  /** Undefined: a base URL was given. */
  readonly region: string | undefined;
  readonly tryRegions: boolean;
  readonly currency: Currency | undefined;
  readonly tranRef: string | undefined;
  readonly expected: Mode | undefined;
}

type Surroundings = Pick<CommandIo, 'warn' | 'signal'>;

/** Everything that the gateway itself can tell. */
export async function* examineGateway(
  asked: GatewayQuestion,
  io: Surroundings,
): AsyncGenerator<Check> {
  const gateway = new GatewayProbe(asked);
  try {
    const standing = await gateway.standing(io.signal);
    const reach = reachOf(standing, { host: gateway.host, proxied: asked.proxy !== undefined });
    yield { name: 'reach', ...reach };
    yield { name: 'clock', ...checkClock(gateway.aheadMs) };
    if (standing.kind === 'accepted') {
      yield { name: 'region', ...ok('The host knows the key.') };
      yield { name: 'profile', ...ok(`The key belongs to profile ${asked.profileId}.`) };
      yield* examineProfile(asked, gateway, io.signal);
      return;
    }
    if (standing.kind === 'unclear') yield* leaveOpen(standing.error);
    else yield* examineRefusal(asked, standing.kind, io);
  } finally {
    await gateway.close();
  }
}

function reachOf(standing: Standing, how: { host: string; proxied: boolean }): Finding {
  const { host } = how;
  if (standing.kind !== 'unclear' || saysNoToQuery(standing.error)) return ok(`${host} answers.`);
  const { error } = standing;
  if (error.httpStatus === undefined) {
    const { says, todo } = describeLoss(error.cause, how);
    return failed(says, todo);
  }
  return failed(...oddAnswer(error, host));
}

/** The gateway itself, with a code that is neither that of a bad key nor that of nothing found. */
const saysNoToQuery = ({ code }: PayTabsError): boolean => code === 'INVALID_REQUEST';

function* leaveOpen(error: PayTabsError): Generator<Check> {
  const [, , region, ...others] = gatewayChecks;
  if (saysNoToQuery(error)) {
    const todo = "Check key and profile id; ask the gateway's support what the code means.";
    yield {
      name: region,
      ...failed(`A query was refused, and not for the key: ${error.message}.`, todo),
    };
  } else yield* skip([region], 'The gateway did not say.');
  yield* skip(others, 'The gateway did not say.');
}

function oddAnswer(error: PayTabsError, host: string): [says: string, todo: string] {
  const { httpStatus, code, gatewayCode } = error;
  if (code === 'RATE_LIMITED') return [`${host} asks for a pause (HTTP 429).`, 'Try again later.'];
  if (gatewayCode !== undefined) return [`${host}: ${error.message}.`, 'Try again later.'];
  if (httpStatus !== undefined && httpStatus >= 500) {
    const says = `${host} is in trouble, or what stands before it (HTTP ${httpStatus}).`;
    return [says, "Try again later; look at the gateway's status page."];
  }
  return [
    `What answers at ${host} is not the gateway (HTTP ${httpStatus}, no answer of its form).`,
    'Look for a firewall, a proxy or a log-in page in between, and check --base-url if you gave one.',
  ];
}

async function* examineRefusal(
  asked: GatewayQuestion,
  kind: 'otherProfile' | 'refused',
  io: Surroundings,
): AsyncGenerator<Check> {
  if (kind === 'otherProfile') {
    yield { name: 'region', ...ok('The host knows the key.') };
    yield {
      name: 'profile',
      ...failed(wrongProfile(asked), 'Take the profile id from the dashboard that shows the key.'),
    };
  } else {
    yield { name: 'region', ...(await unknownKey(asked, io)) };
    yield* skip(['profile'], 'The host does not know the key.');
  }
  yield* skip(['currency', 'mode'], 'The key was refused.');
}

const wrongProfile = ({ profileId }: GatewayQuestion): string =>
  `The host knows the key, but not for profile ${profileId}.`;

async function unknownKey(asked: GatewayQuestion, io: Surroundings): Promise<Finding> {
  const { region, tryRegions } = asked;
  const here = 'The host does not know the key (code 1)';
  if (region === undefined) {
    return failed(
      `${here}.`,
      'Check that the base URL is that of the key, and that it is no key of a mobile SDK and no revoked one.',
    );
  }
  if (!tryRegions) {
    return failed(
      `${here}: it belongs to another region, to a mobile SDK, or it was revoked.`,
      "Compare the region with the address of your dashboard; or let --try-regions show the key to the vendor's other hosts.",
    );
  }
  const found = await findRegion({ ...asked, own: region }, io);
  if (found !== undefined) return otherRegion(found, asked);
  return failed(
    `${here}, and no other region does.`,
    'It is a key of a mobile SDK, it was revoked, or it was copied wrongly: take a server key of a web profile from the dashboard.',
  );
}

const otherRegion = ({ region, kind }: FoundRegion, { profileId }: GatewayQuestion): Finding =>
  failed(
    `The key belongs to region ${region}${kind === 'accepted' ? '' : `, though not to profile ${profileId}`}.`,
    `Use --region ${region}${kind === 'accepted' ? '' : ', and the profile id that your dashboard shows with the key'}.`,
  );

async function* examineProfile(
  asked: GatewayQuestion,
  { client }: GatewayProbe,
  signal: AbortSignal,
): AsyncGenerator<Check> {
  const { currency, tranRef, expected } = asked;
  let known: string | undefined;
  if (currency === undefined) {
    yield* skip(['currency'], 'Add --currency CODE: it has a page made, which nobody is shown.');
  } else {
    const { finding, tranRef: made } = await checkCurrency({ client, currency }, signal);
    known = made;
    yield { name: 'currency', ...finding };
  }
  if (tranRef !== undefined) {
    yield { name: 'mode', ...(await checkModeBy({ client, tranRef, expected }, signal)) };
  } else if (known !== undefined) yield { name: 'mode', ...checkMode(known, expected) };
  else
    yield* skip(['mode'], 'Only a transaction tells test from live: add --tran-ref or --currency.');
}
