import { pathToFileURL } from 'node:url';
import { bundle } from './bundle.ts';

/** Bundles a file with the package's sources and loads it. */
export const loadBundled = async <Module>(file: URL): Promise<Module> => {
  const bundled = await bundle(file);
  try {
    return (await import(pathToFileURL(bundled.path).href)) as Module;
  } finally {
    await bundled.remove();
  }
};
