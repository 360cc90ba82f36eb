import { Controller, Get, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { describe, expect, it } from 'vitest';
import {
  CircuitBreakerModule,
  type CircuitBreakerModuleOptions,
  InjectBreaker,
} from '../../src/adapters/nestjs/index.js';
import { type CircuitBreaker, CircuitBreakerRegistry } from '../../src/index.js';
import { deferred, flush } from '../support/deferred.js';
import type { NestUnderTest } from './describe-nest.js';
import { appsOf } from './start-app.js';

@Injectable()
class Flusher implements OnApplicationShutdown {
  readonly #queue: CircuitBreaker;
  flushed = false;

  constructor(@InjectBreaker('queue') queue: CircuitBreaker) {
    this.#queue = queue;
  }

  async onApplicationShutdown(): Promise<void> {
    this.flushed = await this.#queue.execute(() => true);
  }
}

const started = deferred<void>();
const release = deferred<string>();

@Controller('slow')
class SlowController {
  readonly #queue: CircuitBreaker;

  constructor(@InjectBreaker('queue') queue: CircuitBreaker) {
    this.#queue = queue;
  }

  @Get()
  async slow(): Promise<string> {
    started.resolve();
    await release.promise;
    return this.#queue.execute(() => 'served');
  }
}

export const describeShutdown = (nest: NestUnderTest): void => {
  describe('the end of an application', () => {
    const start = appsOf(nest);
    const startWith = (options: CircuitBreakerModuleOptions = {}) =>
      start({
        imports: [CircuitBreakerModule.forRoot({ ...options, breakers: ['queue'] })],
        controllers: [SlowController],
        providers: [Flusher],
      });

    it('serves the requests that run, lets services flush, and then shuts the breakers down', async () => {
      const { app, close, ask } = await startWith();
      const queue = app.get(CircuitBreakerRegistry).get('queue') as CircuitBreaker;
      const answer = ask('/slow', { headers: { connection: 'close' } });
      await started.promise;
      const closed = close();
      await flush();
      expect(queue.isShutDown).toBe(false);
      release.resolve('go on');
      expect(await answer).toMatchObject({ status: 200, body: 'served' });
      await closed;
      expect(app.get(Flusher).flushed).toBe(true);
      expect(queue.isShutDown).toBe(true);
    });

    it.each([
      ['leaves breakers alone that it was brought', {}, false],
      ['shuts those down too if it is told to', { shutDown: true }, true],
    ])('%s', async (_what, options, expected) => {
      const registry = new CircuitBreakerRegistry();
      const { close } = await startWith({ registry, ...options });
      await close();
      expect(registry.get('queue')?.isShutDown).toBe(expected);
    });
  });
};
