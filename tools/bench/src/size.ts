import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';

const KB = 1000;

/** Code that is weighed with all it imports. */
export interface Parcel {
  readonly code: string;
  /** The folder that its imports are found from. */
  readonly home: URL;
  /** What is left out. */
  readonly external?: readonly string[];
}

/** Kilobytes of 1,000 bytes. */
export interface Size {
  readonly minified: number;
  /** Minified, then packed by gzip. */
  readonly zipped: number;
}

export const sizeOf = async (parcel: Parcel): Promise<Size> => {
  const { outputFiles } = await bundle(parcel);
  const { contents } = outputFiles[0] ?? { contents: new Uint8Array() };
  return { minified: contents.length / KB, zipped: gzipSync(contents, { level: 9 }).length / KB };
};

/** Rows of a table: the files that most of a parcel comes of, minified, and the rest together. */
export const largestFiles = async (parcel: Parcel, most: number): Promise<string[][]> => {
  const { metafile } = await bundle(parcel);
  const sizes = Object.values(metafile.outputs)
    .flatMap(({ inputs }) => Object.entries(inputs))
    .map(([file, { bytesInOutput }]) => ({ file, kb: bytesInOutput / KB }))
    .toSorted((one, other) => other.kb - one.kb);
  const rest = sizes.slice(most);
  return [
    ...sizes.slice(0, most).map(({ file, kb }) => [file, kb.toFixed(2)]),
    [`${rest.length} more`, rest.reduce((sum, { kb }) => sum + kb, 0).toFixed(2)],
  ];
};

const bundle = ({ code, home, external = [] }: Parcel) => {
  const folder = fileURLToPath(home);
  return build({
    stdin: { contents: code, resolveDir: folder, loader: 'ts' },
    absWorkingDir: folder,
    bundle: true,
    minify: true,
    write: false,
    format: 'esm',
    platform: 'node',
    target: 'node22',
    external: [...external],
    metafile: true,
    logLevel: 'error',
  });
};
