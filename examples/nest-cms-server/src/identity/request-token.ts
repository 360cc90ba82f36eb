import { Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { type TokenClaims, TokenService } from './tokens.js';

/** One bearer token of bounded length, nothing before or after it. The scheme's name is written in any case. */
const BEARER =
  /^[Bb][Ee][Aa][Rr][Ee][Rr] ([A-Za-z0-9_-]{1,512}\.[A-Za-z0-9_-]{1,2048}\.[A-Za-z0-9_-]{1,512})$/;

/** The verified token of a request; checked once, however often it is asked for. */
@Injectable()
export class RequestToken {
  readonly #known = new WeakMap<object, Promise<TokenClaims | undefined>>();

  constructor(private readonly tokens: TokenService) {}

  /** What the request's token says, or nothing when it has none that is valid. Says nothing of the session. */
  of(request: Pick<FastifyRequest, 'headers'>): Promise<TokenClaims | undefined> {
    const known = this.#known.get(request);
    if (known !== undefined) return known;
    const token = BEARER.exec(request.headers.authorization ?? '')?.[1];
    const claims = token === undefined ? Promise.resolve(undefined) : this.tokens.verify(token);
    this.#known.set(request, claims);
    return claims;
  }
}
