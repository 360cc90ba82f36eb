import { existsSync, readdirSync } from 'node:fs';
import { bundled } from '@nestcms/bench/bundle';

const PACKAGE = new URL('../../', import.meta.url);

/** What users get of this package. */
export type Ours = typeof import('../../src/index.js');
export type OursTesting = typeof import('../../src/testing/index.js');

/** The adapters there are; a folder without an entry is shared by others. */
const adapters = (): string[] =>
  readdirSync(new URL('src/adapters/', PACKAGE))
    .map((peer) => `adapters/${peer}/index`)
    .filter((entry) => existsSync(new URL(`src/${entry}.ts`, PACKAGE)));

const ours = bundled(PACKAGE, ['index', 'testing/index', ...adapters()]);

/** Bundles every entry of the package as its build does. */
export const buildOurs = ours.build;

/** An entry of the built package, such as `adapters/prometheus/index`. */
export const loadBuilt = <T = Ours>(entry = 'index'): Promise<T> => ours.load<T>(entry);
