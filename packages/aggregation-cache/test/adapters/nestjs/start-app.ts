import type { LoggerService, ModuleMetadata } from '@nestjs/common';
import { Test, type TestingModule } from '@nestjs/testing';
import { MongoClient } from 'mongodb';
import { onTestFinished } from 'vitest';
import type { AggregationCacheOptions } from '../../../src/index.js';
import type { NestUnderTest } from './describe-nest.js';

/** Options of a cache whose database is not there. */
export const cacheOptions = (
  more: Partial<AggregationCacheOptions> = {},
): AggregationCacheOptions => ({
  client: new MongoClient('mongodb://127.0.0.1:1', { serverSelectionTimeoutMS: 100 }),
  database: 'shop',
  ...more,
});

/** A module that is made of `metadata` alone, initialised, and closed after the test. */
export async function compile(
  metadata: ModuleMetadata,
  logger?: LoggerService,
): Promise<TestingModule> {
  const module = await Test.createTestingModule(metadata).compile();
  if (logger !== undefined) module.useLogger(logger);
  await module.init();
  onTestFinished(() => module.close());
  return module;
}

/** What an application could not be made of. */
export const rejection = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => undefined,
    (error: unknown) => error,
  );

/** Starts an application on a port of its own, which is closed after the test unless it was before. */
export async function startApp(nest: NestUnderTest, metadata: ModuleMetadata) {
  const module = await Test.createTestingModule(metadata).compile();
  const app = module.createNestApplication(nest.makeAdapter(), { logger: false });
  let closed: Promise<void> | undefined;
  const close = () => {
    closed ??= app.close();
    return closed;
  };
  onTestFinished(close);
  await app.listen(0, '127.0.0.1');
  const url = await app.getUrl();
  const ask = async (path: string, init?: RequestInit) => {
    const response = await fetch(url + path, init);
    const text = await response.text();
    const isJson = response.headers.get('content-type')?.includes('json') === true;
    return { status: response.status, body: isJson ? (JSON.parse(text) as unknown) : text };
  };
  return { app, close, ask };
}
