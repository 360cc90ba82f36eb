import { libraryBuild } from '../../tsup.shared.js';

/** By itself, so that neither its code nor its types share a file with what needs Node. */
export default libraryBuild(
  { browser: 'src/browser/index.ts' },
  // The other build has cleaned before.
  { platform: 'browser', target: 'es2022', splitting: false, clean: false },
);
