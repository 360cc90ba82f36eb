import { libraryBuild } from '../../tsup.shared.js';

const forNode = {
  index: 'src/index.ts',
  mongodb: 'src/stores/mongodb/index.ts',
  redis: 'src/stores/redis/index.ts',
  testing: 'src/testing/index.ts',
  'simulator-cli': 'src/testing/simulator-cli.ts',
};

const browser = { browser: 'src/browser/index.ts' };

export default [
  // Both builds are made at the same time; this one makes the declarations of both.
  libraryBuild(forNode, {
    clean: ['!browser.*'],
    dts: { entry: { ...forNode, ...browser } },
  }),
  // In one file, without a chunk that has anything of Node in it.
  libraryBuild(browser, {
    platform: 'browser',
    target: 'es2022',
    splitting: false,
    clean: false,
    dts: false,
  }),
].flat();
