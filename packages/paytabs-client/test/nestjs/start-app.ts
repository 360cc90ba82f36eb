import type { LoggerService, ModuleMetadata } from '@nestjs/common';
import { Test, type TestingModule } from '@nestjs/testing';
import { onTestFinished } from 'vitest';
import type { PayTabsClientOptions } from '../../src/index.js';
import { type FakeBehaviour, fakeDispatcher } from '../fake-dispatcher.js';
import type { NestUnderTest } from './describe-nest.js';

/** Options of a client without sockets. */
export const clientOptions = (
  more: Partial<Omit<PayTabsClientOptions, 'region' | 'baseUrl'>> = {},
  answer: () => FakeBehaviour = () => ({ status: 200, body: '[]' }),
): PayTabsClientOptions => ({
  profileId: 98765,
  serverKey: 'SZJNT3ST01-J6KD9M2PQR-WTHVBN7XYZ',
  region: 'ARE',
  maxAttempts: 1,
  dispatcher: fakeDispatcher(answer),
  ...more,
});

/** A module that is made of `metadata` alone, initialised, and closed after the test. */
export async function compile(metadata: ModuleMetadata): Promise<TestingModule> {
  const module = await Test.createTestingModule(metadata).compile();
  await module.init();
  onTestFinished(() => module.close());
  return module;
}

export interface Answer {
  readonly status: number;
  readonly body: unknown;
  readonly retryAfter: string | null;
}

/** Starts an application on a port of its own, which is closed after the test unless it was before. */
export async function startApp(
  nest: NestUnderTest,
  metadata: ModuleMetadata,
  logger: LoggerService | false = false,
) {
  const module = await Test.createTestingModule(metadata).compile();
  const app = module.createNestApplication(nest.makeAdapter(), { logger });
  let closed: Promise<void> | undefined;
  const close = () => {
    closed ??= app.close();
    return closed;
  };
  onTestFinished(close);
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
  return { app, close, ask };
}
