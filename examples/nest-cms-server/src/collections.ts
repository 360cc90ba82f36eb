import type { CollectionSpec } from './platform/mongo/schema.js';

/** Every collection of the server. They are made with their indexes before the first request is taken. */
export const collections: readonly CollectionSpec[] = [];
