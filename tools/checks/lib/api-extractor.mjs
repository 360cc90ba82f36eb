// @ts-check
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Extractor, ExtractorConfig, ExtractorLogLevel } from '@microsoft/api-extractor';

const { Warning: WARNING, None: NONE } = ExtractorLogLevel;

/**
 * @typedef {object} ReportResult
 * @property {string} file the committed report
 * @property {'same' | 'changed' | 'new'} state compared with the committed report
 * @property {string} expected the report as the built declarations give it
 */

/**
 * Writes the public surface of one entry as text and compares it with the committed report.
 * @param {import('./packages.mjs').PublishedPackage} published
 * @param {import('./packages.mjs').Entry} entry
 * @param {string} temporary folder for the fresh report
 * @returns {ReportResult}
 * @throws {Error} when the package is not built
 */
export function reportEntry(published, entry, temporary) {
  if (!existsSync(entry.declarations)) {
    throw new Error(`${published.name} is not built: ${entry.declarations} is missing.`);
  }
  const reportFileName = `${entry.name}.api.md`;
  const fresh = join(temporary, published.directoryName);
  mkdirSync(fresh, { recursive: true });
  const config = ExtractorConfig.prepare({
    configObject: {
      projectFolder: published.folder,
      mainEntryPointFilePath: entry.declarations,
      newlineKind: 'lf',
      compiler: {
        overrideTsconfig: {
          compilerOptions: {
            target: 'es2022',
            lib: ['es2023', 'esnext.disposable'],
            module: 'nodenext',
            moduleResolution: 'nodenext',
            types: ['node'],
            strict: true,
            // Whether they compile for a user is what the packed tarballs are tested for.
            skipLibCheck: true,
          },
          files: [entry.declarations],
        },
      },
      // The report folder is the temporary one: writing into etc/ is the caller's decision.
      apiReport: {
        enabled: true,
        reportFileName,
        reportFolder: fresh,
        reportTempFolder: join(fresh, 'temp'),
      },
      docModel: { enabled: false },
      dtsRollup: { enabled: false },
      tsdocMetadata: { enabled: false },
      messages: {
        compilerMessageReporting: { default: { logLevel: NONE } },
        extractorMessageReporting: {
          // Other messages name lines of generated files, which change without meaning.
          default: { logLevel: NONE },
          'ae-forgotten-export': { logLevel: WARNING, addToApiReportFile: true },
        },
        tsdocMessageReporting: { default: { logLevel: NONE } },
      },
    },
    configObjectFullPath: undefined,
    packageJsonFullPath: join(published.folder, 'package.json'),
  });
  Extractor.invoke(config, {
    localBuild: true,
    messageCallback: (message) => {
      message.handled = true;
    },
  });
  const expected = readFileSync(join(fresh, reportFileName), 'utf8');
  const file = join(published.folder, 'etc', reportFileName);
  if (!existsSync(file)) return { file, state: 'new', expected };
  const state = readFileSync(file, 'utf8') === expected ? 'same' : 'changed';
  return { file, state, expected };
}
