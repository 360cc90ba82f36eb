import { basename, dirname } from 'node:path';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** What Stryker asks for: the tests of the source that it has changed. */
interface Asked {
  readonly related?: readonly string[];
}

const stem = (path: string): string => basename(path).replace(/\..*$/, '');

const distance = (test: string, source: string): number => {
  if (dirname(test) !== dirname(source)) return 2;
  return stem(test) === stem(source) ? 0 : 1;
};

/** A run ends with the first test that notices a change: those next to it go first, then quick ones. */
export class LikelyFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const { related = [] } = this.ctx.config as Asked;
    const [source] = related;
    if (source === undefined || related.length > 1) return super.sort(files);
    const { cache, config } = this.ctx;
    const rated = files.map((file) => {
      const key = `${file.project.name}:${file.moduleId.slice(config.root.length)}`;
      const tookMs = cache.getFileTestResults(key)?.duration ?? 0;
      return { file, tookMs, far: distance(file.moduleId, source) };
    });
    rated.sort((left, right) => left.far - right.far || left.tookMs - right.tookMs);
    return rated.map(({ file }) => file);
  }
}
