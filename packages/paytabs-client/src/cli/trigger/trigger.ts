import { type Clock, type Random, systemClock, systemRandom } from '@nestcms/circuit-breaker';
import { regions } from '../../regions.js';
import type { SignedRequest } from '../../testing/simulator/notices/notice-request.js';
import { References } from '../../testing/simulator/references.js';
import type { Command, CommandIo } from '../command.js';
import { deliveryLine } from '../notices/delivery-line.js';
import { forwardUsage } from '../notices/forward-to.js';
import { sendRequest } from '../notices/send-request.js';
import { buildNotice, buildReturn } from './build-request.js';
import { forgeries } from './forgeries.js';
import { problemOf } from './judge-answer.js';
import { kinds } from './kinds.js';
import { makeEntry } from './make-entry.js';
import { readTriggerFlags, type TriggerSettings } from './read-trigger-flags.js';

const usage = `paytabs trigger KIND --forward-to URL [options]
paytabs trigger --list

Sends your shop one signed callback, IPN or return, made on this machine: the gateway is not asked, and does not know
the transaction. Ends with 1 when the answer is not the one that the kind should have.

${forwardUsage}  --as FORM           callback (default), ipn, return (a form by POST) or return-get
  --cart ID           default order-1001
  --amount N          in major units, such as 149.50 (default)
  --currency CODE     default AED
  --tran-ref REF      default a made-up one
  --set FIELD=TEXT    another value of a field, such as payment_result.response_code=401; FIELD:=JSON for what is
                      no text, such as invoice_id:=77; may be repeated
  --print             print the request in place of sending it
  --list              print the kinds
  --profile-id N      merchant profile; default $PAYTABS_PROFILE_ID
  The server key is read from $PAYTABS_SERVER_KEY.
`;

function list({ print }: CommandIo): void {
  const all = [
    ...Object.entries(kinds).map(([name, { type, status, end, followUp }]) => {
      const code = end === undefined ? '' : `/${end[0]}`;
      return [name, `${type} ${status}${code}${followUp ? '; no return' : ''}`] as const;
    }),
    ...Object.entries(forgeries).map(([name, { about, asReturn }]) => {
      return [name, `${about}${asReturn ? '' : '; no return'}`] as const;
    }),
  ];
  for (const [name, about] of all) print(`${name.padEnd(16)}${about}`);
}

/** One line each, then the body as it is. The key is in none of it. */
function printRequest({ method, url, headers, body }: SignedRequest, { print }: CommandIo): void {
  print(`${method} ${url}`);
  for (const [name, value] of Object.entries(headers)) print(`${name}: ${value}`);
  if (body !== undefined) print(`\n${body.toString('utf8')}`);
}

interface TriggerParts {
  readonly clock?: Clock;
  readonly random?: Random;
}

function build(
  { spec, form, wish, ...settings }: TriggerSettings,
  { clock, random }: Required<TriggerParts>,
) {
  const references = new References(Math.floor(random() * 2 ** 31), () => clock.wallTime());
  const entry = makeEntry(spec, { ...wish, at: clock.wallTime() }, references);
  const request =
    form === 'callback' || form === 'ipn'
      ? buildNotice(entry, { ...settings, ipnTrace: references.ipnTrace() })
      : buildReturn(entry, { ...settings, byGet: form === 'return-get', origin: regions.ARE });
  return { entry, request };
}

/** The command `trigger`. */
export const makeTrigger = ({
  clock = systemClock,
  random = systemRandom,
}: TriggerParts = {}): Command => ({
  name: 'trigger',
  summary: 'sends your shop one signed callback, IPN or return of any kind',
  usage,
  run: async (args, io) => {
    const settings = await readTriggerFlags(args, io.env);
    if (settings === 'list') {
      list(io);
      return 0;
    }
    const { entry, request } = build(settings, { clock, random });
    if (settings.print) {
      printRequest(request, io);
      return 0;
    }
    const answer = await sendRequest(request, clock);
    const { cartId, tranRef, status = '' } = entry;
    const { name: kind } = settings;
    io.print(deliveryLine({ at: clock.wallTime(), cartId, tranRef, kind, status, answer }));
    const problem = problemOf(answer, settings);
    if (problem === undefined) return 0;
    io.warn(problem);
    return 1;
  },
});
