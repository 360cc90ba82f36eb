import {
  type CanActivate,
  Controller,
  type ExecutionContext,
  Get,
  HttpCode,
  Inject,
  Injectable,
  Param,
  ParseIntPipe,
  Scope,
  SetMetadata,
} from '@nestjs/common';
import { APP_GUARD, Reflector } from '@nestjs/core';
import { of } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { CircuitBreakerModule, UseBreaker, UsePolicy } from '../../src/adapters/nestjs/index.js';
import {
  CircuitBreaker,
  CircuitBreakerRegistry,
  NotRepeatableError,
  pipeline,
  retry,
  timeout,
} from '../../src/index.js';
import type { NestUnderTest } from './describe-nest.js';
import { appsOf, compile } from './start-app.js';

const gateway = { name: 'gateway', minimumCalls: 2 };
const quick = retry({ backoff: { kind: 'constant', delayMs: 0 } });
const direct = new CircuitBreaker({ name: 'direct', minimumCalls: 1 });

@Injectable()
class Payments {
  calls = 0;

  @UseBreaker('gateway')
  async charge(amount: number, currency = 'AED'): Promise<string> {
    this.calls += 1;
    if (amount < 0) throw new Error('declined');
    return `${amount} ${currency} in call ${this.calls}`;
  }

  @UseBreaker('gateway')
  async refund(): Promise<string> {
    throw new Error('no refunds');
  }

  @UsePolicy(pipeline([quick, direct]), { idempotency: 'idempotent' })
  async book(): Promise<string> {
    this.calls += 1;
    return `booked in call ${this.calls}`;
  }

  @UsePolicy('POLICY', { idempotency: 'safe' })
  async rates(): Promise<string> {
    this.calls += 1;
    if (this.calls < 3) throw new Error('reset');
    return `rates in call ${this.calls}`;
  }

  @UsePolicy('POLICY')
  async chargeOften(): Promise<void> {}

  @UseBreaker('gateway')
  watch(): Promise<string> {
    return of('later') as never;
  }
}

/** Only promises can tell of a refusal. */
class Wrong {
  // @ts-expect-error: the method gives none
  @UseBreaker('gateway')
  run(): number {
    return 1;
  }
}

@Injectable({ scope: Scope.REQUEST })
class PerRequest extends Payments {}

@Injectable()
class RolesGuard implements CanActivate {
  readonly #reflector: Reflector;

  constructor(@Inject(Reflector) reflector: Reflector) {
    this.#reflector = reflector;
  }

  canActivate(context: ExecutionContext): boolean {
    const handler = context.getHandler();
    const read = ['above', 'below'].map((key) => this.#reflector.get<string>(key, handler));
    return read.join() === 'admin,editor' || this.#reflector.get('public', handler) === true;
  }
}

@Controller('pay')
class PaymentsController {
  readonly #payments: PerRequest;

  constructor(@Inject(PerRequest) payments: PerRequest) {
    this.#payments = payments;
  }

  @SetMetadata('above', 'admin')
  @Get('direct/:amount')
  @UseBreaker('gateway')
  @HttpCode(202)
  @SetMetadata('below', 'editor')
  async pay(@Param('amount', ParseIntPipe) amount: number): Promise<object> {
    if (amount < 0) throw new Error('declined');
    return { doubled: amount * 2 };
  }

  @SetMetadata('public', true)
  @Get('scoped/:amount')
  async scoped(@Param('amount', ParseIntPipe) amount: number): Promise<string> {
    return this.#payments.charge(amount);
  }
}

export const describeGuardedMethods = (nest: NestUnderTest): void => {
  describe('@UseBreaker and @UsePolicy', () => {
    const start = appsOf(nest);
    const compilePayments = async () => {
      const module = await compile({
        imports: [CircuitBreakerModule.forRoot({ breakers: [gateway] })],
        providers: [Payments, { provide: 'POLICY', useValue: quick }],
      });
      const breaker = module.get(CircuitBreakerRegistry).get('gateway') as CircuitBreaker;
      return { payments: module.get(Payments), breaker };
    };

    it('put a method of a provider under the breaker of that name', async () => {
      const { payments, breaker } = await compilePayments();
      expect(await payments.charge(5)).toBe('5 AED in call 1');
      await expect(payments.charge(-1)).rejects.toThrow('declined');
      expect(breaker.state).toBe('open');
      await expect(payments.charge(5)).rejects.toMatchObject({ code: 'BREAKER_OPEN' });
      await expect(payments.refund()).rejects.toMatchObject({ code: 'BREAKER_OPEN' });
      expect(payments.calls).toBe(2);
    });

    it('leave no trace on what Nest makes, nor on the method', async () => {
      const { payments } = await compilePayments();
      expect(Reflect.ownKeys(payments)).toEqual(['calls']);
      expect(payments).toHaveProperty('charge.name', 'charge');
      expect(payments).toHaveProperty('charge.length', 1);
    });

    it('keep what decorators above and below say of a route, and its pipes', async () => {
      const { app, ask } = await start({
        imports: [CircuitBreakerModule.forRoot({ breakers: [gateway] })],
        controllers: [PaymentsController],
        providers: [
          PerRequest,
          { provide: APP_GUARD, useClass: RolesGuard },
          { provide: 'POLICY', useValue: quick },
        ],
      });
      expect(await ask('/pay/direct/21')).toMatchObject({ status: 202, body: { doubled: 42 } });
      expect(await ask('/pay/direct/many')).toMatchObject({ status: 400 });
      expect(await ask('/pay/direct/-1')).toMatchObject({ status: 500 });
      const totals = app.get(CircuitBreakerRegistry).get('gateway')?.stats().totals;
      expect(totals).toMatchObject({ succeeded: 1, failed: 1, rejected: 0 });
      expect(await ask('/pay/direct/21')).toMatchObject({ status: 500 });
    });

    it('work on instances that are made for each request, and on inherited methods', async () => {
      const { app, ask } = await start({
        imports: [CircuitBreakerModule.forRoot({ breakers: [gateway] })],
        controllers: [PaymentsController],
        providers: [PerRequest, { provide: 'POLICY', useValue: quick }],
      });
      const answers = await Promise.all([ask('/pay/scoped/1'), ask('/pay/scoped/2')]);
      expect(answers.map(({ body }) => body)).toEqual(['1 AED in call 1', '2 AED in call 1']);
      expect(app.get(CircuitBreakerRegistry).get('gateway')?.stats().totals.succeeded).toBe(2);
    });

    it('take a policy, or the token of one', async () => {
      const { payments } = await compilePayments();
      expect(await payments.book()).toBe('booked in call 1');
      expect(direct.stats().totals.succeeded).toBe(1);
      expect(await payments.rates()).toBe('rates in call 3');
    });

    it('repeat only what is declared for it', async () => {
      expect(() => UsePolicy(quick)).toThrow(NotRepeatableError);
      expect(() => UsePolicy(timeout({ timeoutMs: 5 }))).not.toThrow('repeat');
      expect(() => UsePolicy(quick, { idempotency: 'mostly' as never })).toThrow("'mostly'");
      const { payments } = await compilePayments();
      await expect(payments.chargeOften()).rejects.toBeInstanceOf(NotRepeatableError);
    });

    it('refuse what they could not guard', async () => {
      const { payments, breaker } = await compilePayments();
      await expect(payments.watch()).rejects.toThrow('firstValueFrom');
      expect(breaker.stats().totals).toMatchObject({ ignored: 1, succeeded: 0 });
      expect(() => new Payments().charge(1)).toThrow('called on what Nest has made');
      expect(() => new Wrong().run()).toThrow('called on what Nest has made');
      const descriptor = { value: async () => {} };
      expect(() => UseBreaker('x')(class {}, 'run', descriptor)).toThrow('a method of instances');
      expect(() => UseBreaker('x')({}, 'run', {})).toThrow('a method of instances');
    });

    it('do not let an application start without the breaker', async () => {
      const providers = [Payments, { provide: 'POLICY', useValue: quick }];
      const none = compile({ imports: [CircuitBreakerModule.forRoot()], providers });
      await expect(none).rejects.toThrow('breaker:gateway');
      await expect(compile({ providers })).rejects.toThrow('breaker:gateway');
    });
  });
};
