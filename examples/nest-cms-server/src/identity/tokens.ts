import { Inject, Injectable } from '@nestjs/common';
import { errors, jwtVerify, SignJWT } from 'jose';
import { z } from 'zod';
import { ENVIRONMENT, type Environment } from '../config/environment.js';
import { CLOCK, type Clock } from '../platform/clock.js';
import { ROLES, type Role } from './caller.js';

const ALGORITHM = 'HS256';
/** Keeps access tokens apart from any other JWT that the same keys may sign one day. */
const TYPE = 'at+jwt';

const claimsSchema = z.object({
  sub: z.string().regex(/^[0-9a-f]{24}$/),
  sid: z.uuid(),
  role: z.enum(ROLES),
});

/** What an access token says. */
export interface TokenClaims {
  readonly userId: string;
  readonly sessionId: string;
  readonly role: Role;
}

/** Short access tokens: signed by the first key of the environment, checked against all of them, one algorithm only. */
@Injectable()
export class TokenService {
  readonly #keys: ReadonlyMap<string, Uint8Array>;

  constructor(
    @Inject(ENVIRONMENT) private readonly environment: Environment,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {
    this.#keys = new Map(environment.jwt.keys.map(({ kid, secret }) => [kid, secret]));
  }

  async issue(claims: TokenClaims): Promise<{ accessToken: string; expiresInSeconds: number }> {
    const { keys, issuer, audience, ttlSeconds } = this.environment.jwt;
    const [key] = keys;
    if (key === undefined) throw new Error('There is no key to sign with');
    const issuedAt = Math.floor(this.clock.wallTime() / 1_000);
    const accessToken = await new SignJWT({ sid: claims.sessionId, role: claims.role })
      .setProtectedHeader({ alg: ALGORITHM, kid: key.kid, typ: TYPE })
      .setSubject(claims.userId)
      .setIssuer(issuer)
      .setAudience(audience)
      .setIssuedAt(issuedAt)
      .setExpirationTime(issuedAt + ttlSeconds)
      .sign(key.secret);
    return { accessToken, expiresInSeconds: ttlSeconds };
  }

  /** What the token says, or nothing when it is not one of ours, is spoilt or has expired. */
  async verify(token: string): Promise<TokenClaims | undefined> {
    const { issuer, audience } = this.environment.jwt;
    try {
      const { payload } = await jwtVerify(token, ({ kid }) => this.#keyOf(kid), {
        algorithms: [ALGORITHM],
        typ: TYPE,
        issuer,
        audience,
        requiredClaims: ['sub', 'iat', 'exp'],
        currentDate: new Date(this.clock.wallTime()),
      });
      const claims = claimsSchema.safeParse(payload);
      if (!claims.success) return undefined;
      return { userId: claims.data.sub, sessionId: claims.data.sid, role: claims.data.role };
    } catch (error) {
      if (error instanceof errors.JOSEError) return undefined;
      throw error;
    }
  }

  #keyOf(kid: string | undefined): Uint8Array {
    const key = kid === undefined ? undefined : this.#keys.get(kid);
    if (key === undefined) throw new errors.JWKSNoMatchingKey();
    return key;
  }
}
