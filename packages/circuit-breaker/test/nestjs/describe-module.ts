import { Controller, Get, Inject, Injectable, Module } from '@nestjs/common';
import { describe, expect, it } from 'vitest';
import {
  breakerToken,
  CircuitBreakerHealth,
  CircuitBreakerModule,
  InjectBreaker,
} from '../../src/adapters/nestjs/index.js';
import { CircuitBreaker, CircuitBreakerRegistry, InvalidOptionError } from '../../src/index.js';
import { ManualClock } from '../../src/testing/index.js';
import type { NestUnderTest } from './describe-nest.js';
import { appsOf, compile } from './start-app.js';

@Injectable()
class Payments {
  readonly gateway: CircuitBreaker;
  @InjectBreaker('rates') readonly rates!: CircuitBreaker;

  constructor(@InjectBreaker('gateway') gateway: CircuitBreaker) {
    this.gateway = gateway;
  }
}

@Controller('health')
class HealthController {
  readonly #health: CircuitBreakerHealth;

  constructor(@Inject(CircuitBreakerHealth) health: CircuitBreakerHealth) {
    this.#health = health;
  }

  @Get()
  check() {
    return this.#health.check({ critical: ['gateway'] });
  }
}

const clock = new ManualClock();
const gateway = { name: 'gateway', minimumCalls: 1, openForMs: 5000, clock };

export const describeModule = (nest: NestUnderTest): void => {
  describe('CircuitBreakerModule', () => {
    const start = appsOf(nest);

    it('makes the breakers of forRoot and injects them everywhere', async () => {
      @Module({ providers: [Payments] })
      class PaymentsModule {}
      const module = await compile({
        imports: [CircuitBreakerModule.forRoot({ breakers: [gateway, 'rates'] }), PaymentsModule],
      });
      const payments = module.get(Payments, { strict: false });
      const registry = module.get(CircuitBreakerRegistry);
      expect(payments.gateway).toBe(registry.get('gateway'));
      expect(payments.rates).toBe(module.get<CircuitBreaker>(breakerToken('rates')));
      payments.gateway.tryAcquire()?.failure();
      expect(payments.gateway.retryAfterMs()).toBe(5000);
    });

    it('takes its options from a factory', async () => {
      @Module({ providers: [{ provide: 'MINIMUM', useValue: 1 }], exports: ['MINIMUM'] })
      class ConfigModule {}
      const module = await compile({
        imports: [
          CircuitBreakerModule.forRootAsync({
            imports: [ConfigModule],
            inject: ['MINIMUM'],
            useFactory: async (minimumCalls: number) => ({
              breakers: [{ name: 'gateway', minimumCalls }, 'rates'],
            }),
            names: ['gateway', 'rates'],
          }),
        ],
        providers: [Payments],
      });
      const payments = module.get(Payments);
      payments.gateway.tryAcquire()?.failure();
      expect(payments.gateway.state).toBe('open');
    });

    it.each([
      ['names that the factory does not make', { names: ['gateway'] }, {}],
      ['options that the factory gets wrong', {}, { breaker: [] }],
    ])('does not start with %s', async (_what, more, made) => {
      const useFactory = () => made as object;
      const imports = [CircuitBreakerModule.forRootAsync({ useFactory, ...more })];
      await expect(compile({ imports })).rejects.toBeInstanceOf(InvalidOptionError);
    });

    it('shares what several modules name, and begins each breaker with the defaults', async () => {
      @Module({
        imports: [CircuitBreakerModule.forFeature([gateway, 'rates'])],
        providers: [Payments],
      })
      class OneModule {}
      @Module({
        imports: [CircuitBreakerModule.forFeature(['rates', gateway])],
        providers: [Payments],
      })
      class OtherModule {}
      const module = await compile({
        imports: [
          CircuitBreakerModule.forRoot({ defaults: { minimumCalls: 1, openForMs: 7000, clock } }),
          OneModule,
          OtherModule,
        ],
      });
      const [one, other] = [OneModule, OtherModule].map((of) => module.select(of).get(Payments));
      expect(one?.gateway).toBe(other?.gateway);
      expect(one?.rates).toBe(other?.rates);
      for (const breaker of [one?.gateway, one?.rates]) breaker?.tryAcquire()?.failure();
      expect(one?.rates.retryAfterMs()).toBe(7000);
      expect(one?.gateway.retryAfterMs()).toBe(5000);
    });

    it('does not start where two modules give one breaker different options', async () => {
      const imports = [
        CircuitBreakerModule.forRoot(),
        CircuitBreakerModule.forFeature([gateway]),
        CircuitBreakerModule.forFeature([{ ...gateway, minimumCalls: 9 }]),
      ];
      await expect(compile({ imports })).rejects.toThrow("Option 'minimumCalls'");
    });

    it('does not start where a breaker is injected that nobody named', async () => {
      const imports = [CircuitBreakerModule.forRoot({ breakers: ['gateway'] })];
      await expect(compile({ imports, providers: [Payments] })).rejects.toThrow('breaker:rates');
    });

    it('uses a registry that is brought along', async () => {
      const registry = new CircuitBreakerRegistry();
      const rates = registry.getOrCreate({ name: 'rates', failureRate: 0.1 });
      const imports = [CircuitBreakerModule.forRoot({ registry, breakers: [gateway, 'rates'] })];
      const module = await compile({ imports, providers: [Payments] });
      expect(module.get(Payments).rates).toBe(rates);
      expect(registry.get('gateway')).toBeInstanceOf(CircuitBreaker);
    });

    it.each([
      [{ breaker: [] }, 'breaker'],
      [{ breakers: 'gateway' }, 'breakers'],
      [{ breakers: ['gateway', ' '] }, 'breakers[1]'],
      [{ breakers: [{ name: '' }] }, 'breakers[0].name'],
      [{ breakers: [undefined] }, 'breakers[0].name'],
      [{ defaults: { name: 'x' } }, 'defaults.name'],
      [{ registry: {} }, 'registry'],
      [{ shutDown: 'yes' }, 'shutDown'],
    ])('refuses %j', (options, option) => {
      const make = () => CircuitBreakerModule.forRoot(options as never);
      expect(make).toThrow(expect.objectContaining({ code: 'INVALID_OPTION', option }));
    });

    it('shows the state of all breakers, and is down only with a critical one open', async () => {
      const { app, ask } = await start({
        imports: [CircuitBreakerModule.forRoot({ breakers: [gateway, 'rates'] })],
        controllers: [HealthController],
      });
      const closed = { state: 'closed', failureRate: 0 };
      const registry = app.get(CircuitBreakerRegistry);
      registry.get('rates')?.holdOpen();
      expect((await ask('/health')).body).toEqual({
        circuitBreakers: {
          status: 'up',
          breakers: {
            gateway: closed,
            rates: { state: 'open', failureRate: 0, retryAfterMs: 30_000 },
          },
        },
      });
      registry.get('gateway')?.shutDown();
      expect((await ask('/health')).body).toMatchObject({
        circuitBreakers: {
          status: 'down',
          breakers: { gateway: { state: 'open', failureRate: 0 } },
        },
      });
      const health = app.get(CircuitBreakerHealth);
      expect(health.stats().rates).toMatchObject({ state: 'open', held: 'open' });
      expect(health.check({ key: 'breakers' })).toHaveProperty('breakers.status', 'up');
      expect(() => health.check({ critical: ['gatway'] })).toThrow("'gatway'");
    });
  });
};
