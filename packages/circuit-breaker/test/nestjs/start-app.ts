import type { INestApplication, ModuleMetadata } from '@nestjs/common';
import { Test, type TestingModule } from '@nestjs/testing';
import { afterEach } from 'vitest';
import type { NestUnderTest } from './describe-nest.js';

/** A module that is made of `metadata` alone, initialised. */
export const compile = async (metadata: ModuleMetadata): Promise<TestingModule> => {
  const module = await Test.createTestingModule(metadata).compile();
  return module.init();
};

export interface Answer {
  readonly status: number;
  readonly body: unknown;
  readonly retryAfter: string | null;
}

export interface RunningApp {
  readonly app: INestApplication;
  /** Closes it now. Nest 11 would run the hooks again if it were closed after the test once more. */
  readonly close: () => Promise<void>;
  readonly ask: (path: string, init?: RequestInit) => Promise<Answer>;
}

/** Starts applications on ports of their own, which are closed after each test. Call it inside a `describe`. */
export const appsOf = (nest: NestUnderTest) => {
  const running: INestApplication[] = [];
  afterEach(async () => {
    for (const app of running.splice(0)) await app.close();
  });
  return async (metadata: ModuleMetadata): Promise<RunningApp> => {
    const module = await Test.createTestingModule(metadata).compile();
    const app = module.createNestApplication(nest.makeAdapter(), { logger: false });
    running.push(app);
    await app.listen(0, '127.0.0.1');
    const url = await app.getUrl();
    const ask = async (path: string, init?: RequestInit): Promise<Answer> => {
      const response = await fetch(url + path, init);
      const text = await response.text();
      const isJson = response.headers.get('content-type')?.includes('json') === true;
      return {
        status: response.status,
        body: isJson ? (JSON.parse(text) as unknown) : text,
        retryAfter: response.headers.get('retry-after'),
      };
    };
    const close = () => {
      running.splice(running.indexOf(app), 1);
      return app.close();
    };
    return { app, close, ask };
  };
};
