import type { Environment } from './environment.js';
import type { VariableProblem } from './environment-error.js';
import { isVaried } from './readers.js';
import type { Values } from './variables.js';

const EXAMPLE = /example|change-?me|development|secret|password|0123456789|abcdefgh/i;

/** What may pass in development and must not in production. */
export function checkProduction(environment: Environment, values: Values): VariableProblem[] {
  if (environment.nodeEnv !== 'production') return [];
  const problems: VariableProblem[] = [];
  const refuse = (name: string, given: string, allowed: string): void => {
    problems.push({ name, given, allowed: `${allowed} (NODE_ENV is production)` });
  };
  for (const [index, { secret }] of environment.jwt.keys.entries()) {
    if (isWeak(new TextDecoder().decode(secret))) {
      // By its place: whoever mixed up a pair has the secret where its name should be.
      refuse('JWT_KEYS', `the secret of pair ${index + 1} is weak or an example`, 'random secrets');
    }
  }
  if (isWeak(environment.paytabs.serverKey)) {
    refuse('PAYTABS_SERVER_KEY', 'weak or an example', 'the server key of your profile');
  }
  if (!environment.publicUrl.startsWith('https://')) {
    refuse('PUBLIC_URL', values.PUBLIC_URL === undefined ? 'missing' : 'not https', 'an https URL');
  }
  if (environment.paytabs.baseUrl?.startsWith('http://')) {
    refuse('PAYTABS_BASE_URL', 'not https', 'an https URL');
  }
  if (environment.redisStateUrl === undefined) {
    // In process they would be other sessions and limits on each instance, and gone after each start.
    refuse('REDIS_STATE_URL', 'missing', 'a redis:// or rediss:// URL; or REDIS_URL');
  }
  if (environment.paytabs.allowLocalUrls) refuse('PAYTABS_ALLOW_LOCAL_URLS', 'true', 'false');
  if (environment.demo) refuse('NESTCMS_DEMO', 'true', 'false');
  return problems;
}

function isWeak(secret: string): boolean {
  return EXAMPLE.test(secret) || !isVaried(secret);
}
