import { DEMO_CLIENT, DEMO_EMPLOYEE, DEMO_PASSWORD } from '../lib/demo-logins.mjs';

export interface BannerFacts {
  readonly url: string;
  /** Where the server listens. */
  readonly host: string;
  /** Empty when there is no demo data. */
  readonly logins: readonly { readonly role: string; readonly email: string }[];
  readonly mongodb: string;
  readonly redis: string;
  readonly simulatorUrl: string;
  readonly logFile: string;
  readonly seconds: number;
}

/** What `npm start` ends in. Its first line is read by programs and does not change. */
export function banner(facts: BannerFacts): string {
  const sections = [
    `NestCMS is ready at ${facts.url}`,
    people(facts),
    `Runs on (started in ${facts.seconds.toFixed(1)} s)
  MongoDB  ${facts.mongodb}
  Redis    ${facts.redis}
  PayTabs  local simulator at ${facts.simulatorUrl}; no money moves, never type a real card number
  Log      ${facts.logFile}`,
    `Look around
  page     ${facts.url}/
  API      ${facts.url}/docs
  health   ${facts.url}/health/ready
  metrics  ${facts.url}/metrics`,
    ...(facts.logins.length > 0 ? [payment(facts.url)] : []),
    'Ctrl-C stops everything.',
  ];
  return `${sections.join('\n\n')}\n`;
}

function people({ logins, host }: BannerFacts): string {
  if (logins.length === 0) return 'No demo data and no demo logins in this database';
  const widest = Math.max(...logins.map(({ role }) => role.length));
  const lines = logins.map(({ role, email }) => `  ${role.padEnd(widest)}  ${email}`);
  const heading = `Demo logins (password of all: ${DEMO_PASSWORD})`;
  return [heading, ...lines, ...warning(host)].join('\n');
}

/** The password stands in the source for everybody to read. */
function warning(host: string): string[] {
  if (/^(localhost|127\.[\d.]+|::1)$/.test(host)) return [];
  return [
    `  Careful: HOST is ${host}, so whoever reaches this machine over the network can sign in with`,
    `  "${DEMO_PASSWORD}". Unset HOST to be the only one.`,
  ];
}

function payment(url: string): string {
  const lines = curlTour(url).map((line) => `  ${line}`);
  return ['A payment in 60 seconds (npm run tour does the same and checks it)', ...lines].join(
    '\n',
  );
}

/**
 * A payment by hand, each line to be pasted into a shell: bash, zsh (which takes no comment there) and
 * dash (which has no $RANDOM). Where something is missing the line is not run.
 */
export function curlTour(url: string): string[] {
  const login = ({ email, password }: { email: string; password: string }) =>
    `$(post auth/login '{"email":"${email}","password":"${password}"}' | first accessToken)`;
  const as = (who: 'employee' | 'client') => `token=\${${who}:?the login gave no token}`;
  return [
    `api=${url}/api/v2; token=`,
    `post() { curl -s "$api/$1" -H "authorization: Bearer $token" -H 'content-type: application/json' -H "idempotency-key: tour-$(date +%s)$$" -d "$2"; }`,
    `get() { curl -si "$api/$1" -H "authorization: Bearer $token"; }`,
    `first() { grep -o "\\"$1\\":\\"[^\\"]*\\"" | head -n 1 | cut -d '"' -f 4; }`,
    `employee=${login(DEMO_EMPLOYEE)}; client=${login(DEMO_CLIENT)}`,
    `${as('client')}; me=$(get users/me | first id)`,
    `${as('employee')}; offer=$(post offers/create '{"title":"Reading corner","content":"Shelves and a lamp","clientId":"'$me'","price":{"minor":250000,"currency":"AED"}}' | first id)`,
    `${as('client')}; post offers/accept '{"offerId":"'$offer'"}'`,
    `${as('employee')}; contract=$(post contracts/create '{"offerId":"'$offer'"}' | first id)`,
    `echo 'The contract is read twice, MISS and then HIT:'`,
    `${as('client')}; get contracts/$contract | grep x-cache:; get contracts/$contract | grep x-cache:`,
    `${as('employee')}; payment=$(post payments/create '{"contractId":"'$contract'","title":"Deposit","amount":{"minor":50000,"currency":"AED"}}' | first id)`,
    `echo 'Open this in a browser and pay:'`,
    `${as('client')}; post payments/process/$payment '{}' | first redirectUrl`,
    `echo 'Then the payment is paid, and the contract is read anew:'`,
    `get payments/$payment; get contracts/$contract | grep x-cache:`,
  ];
}
