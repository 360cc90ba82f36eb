import { DEMO_CLIENT, DEMO_EMPLOYEE, DEMO_PASSWORD } from '../lib/demo-logins.mjs';

export interface BannerFacts {
  readonly url: string;
  readonly logins: readonly { readonly role: string; readonly email: string }[];
  readonly mongodb: string;
  readonly redis: string;
  readonly simulatorUrl: string;
  readonly logFile: string;
  readonly seconds: number;
}

/** What `npm start` ends in. Its first line is read by programs and does not change. */
export function banner(facts: BannerFacts): string {
  const widest = Math.max(...facts.logins.map(({ role }) => role.length));
  const logins = facts.logins.map(({ role, email }) => `  ${role.padEnd(widest)}  ${email}`);
  return `NestCMS is ready at ${facts.url}

Demo logins (password of all: ${DEMO_PASSWORD})
${logins.join('\n')}

Runs on (started in ${facts.seconds.toFixed(1)} s)
  MongoDB  ${facts.mongodb}
  Redis    ${facts.redis}
  PayTabs  local simulator at ${facts.simulatorUrl}; no money moves, never type a real card number
  Log      ${facts.logFile}

Look around
  page     ${facts.url}/          API  ${facts.url}/docs
  health   ${facts.url}/health/ready    metrics  ${facts.url}/metrics

A payment in 60 seconds (npm run tour does the same and checks it)
${curlTour(facts.url)
  .map((line) => `  ${line}`)
  .join('\n')}

Ctrl-C stops everything.
`;
}

/** A payment by hand, each line to be pasted into a shell. */
export function curlTour(url: string): string[] {
  const login = ({ email, password }: { email: string; password: string }) =>
    `$(post auth/login '{"email":"${email}","password":"${password}"}' | first accessToken)`;
  return [
    `api=${url}/api/v2; token=`,
    `post() { curl -s "$api/$1" -H "authorization: Bearer $token" -H 'content-type: application/json' -H "idempotency-key: tour-$RANDOM$RANDOM" -d "$2"; }`,
    `get() { curl -si "$api/$1" -H "authorization: Bearer $token"; }`,
    `first() { grep -o "\\"$1\\":\\"[^\\"]*\\"" | head -n 1 | cut -d '"' -f 4; }`,
    `employee=${login(DEMO_EMPLOYEE)}; client=${login(DEMO_CLIENT)}`,
    `token=$client; me=$(get users/me | first id)`,
    `token=$employee; offer=$(post offers/create '{"title":"Reading corner","content":"Shelves and a lamp","clientId":"'$me'","price":{"minor":250000,"currency":"AED"}}' | first id)`,
    `token=$client; post offers/accept '{"offerId":"'$offer'"}'`,
    `token=$employee; contract=$(post contracts/create '{"offerId":"'$offer'"}' | first id)`,
    `token=$client; get contracts/$contract | grep x-cache:; get contracts/$contract | grep x-cache:    # MISS, then HIT`,
    `token=$employee; payment=$(post payments/create '{"contractId":"'$contract'","title":"Deposit","amount":{"minor":50000,"currency":"AED"}}' | first id)`,
    `token=$client; post payments/process/$payment '{}' | first redirectUrl    # open it in a browser and pay`,
    `get payments/$payment    # paid; and the contract is read anew: get contracts/$contract | grep x-cache:`,
  ];
}
