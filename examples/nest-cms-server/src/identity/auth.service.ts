import { Injectable } from '@nestjs/common';
import { Problem } from '../platform/http/problem.js';
import type { Login, SignedIn } from './auth.schema.js';
import type { Caller } from './caller.js';
import { SessionService } from './sessions/session.service.js';
import { TokenService } from './tokens.js';
import { UserService } from './user.service.js';

@Injectable()
export class AuthService {
  constructor(
    private readonly users: UserService,
    private readonly sessions: SessionService,
    private readonly tokens: TokenService,
  ) {}

  /** @throws Problem 401 `INVALID_CREDENTIALS`, the same for an unknown address and a wrong password */
  async login({ email, password }: Login): Promise<SignedIn> {
    const user = await this.users.authenticate(email, password);
    if (user === undefined) {
      throw new Problem({
        status: 401,
        code: 'INVALID_CREDENTIALS',
        detail: 'The e-mail address or the password is wrong.',
      });
    }
    const { id: userId, role } = user;
    const sessionId = await this.sessions.start({ userId, role });
    const token = await this.tokens.issue({ userId, sessionId, role });
    return { ...token, tokenType: 'Bearer', user };
  }

  /** @throws Problem 503 when the session cannot be ended */
  logout(caller: Caller): Promise<void> {
    return this.sessions.end(caller.sessionId);
  }
}
