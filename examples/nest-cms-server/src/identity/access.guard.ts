import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { FastifyRequest } from 'fastify';
import { ObjectId } from 'mongodb';
import { forbidden, unauthorized } from '../platform/http/problem.js';
import { ACCESS, type Access } from './access.js';
import type { Caller } from './caller.js';
import { RequestToken } from './request-token.js';
import { SessionService } from './sessions/session.service.js';

/** Token, then session, then role; in front of every route. What says nothing about access is closed. */
@Injectable()
export class AccessGuard implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    private readonly token: RequestToken,
    private readonly sessions: SessionService,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const access = this.reflector.getAllAndOverride<Access | undefined>(ACCESS, [
      context.getHandler(),
      context.getClass(),
    ]);
    if (access === 'public') return true;
    const request = context.switchToHttp().getRequest<FastifyRequest & { caller?: Caller }>();
    const claims = await this.token.of(request);
    if (claims === undefined) throw unauthorized();
    const session = await this.sessions.check(claims.sessionId, claims.userId);
    if (session === 'ended') throw unauthorized('The session has ended. Sign in again.');
    if (access?.includes(claims.role) !== true) throw forbidden();
    request.caller = {
      userId: new ObjectId(claims.userId),
      role: claims.role,
      sessionId: claims.sessionId,
    };
    return true;
  }
}
