import { bundled } from '@nestcms/bench/bundle';

/** What users get of this package. */
export type Ours = typeof import('../../src/index.js');

const ours = bundled(new URL('../../', import.meta.url), ['index']);

/** Bundles the package as its build does. */
export const buildOurs = ours.build;

export const loadBuilt = (): Promise<Ours> => ours.load<Ours>('index');
