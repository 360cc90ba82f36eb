// Writes the samples of the migration pages from the files that are compiled and run: `node docs/write-samples.mjs`.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const SAMPLES = new URL('../test/migration/', import.meta.url);

/** A comment that names a file, and the code after it. */
const SAMPLE = /^<!-- sample: (\S+) -->\n+```typescript\n[\s\S]*?^```$/gm;

/** A page with each sample as its file has it. @param {string} text */
export const withSamples = (text) =>
  text.replaceAll(SAMPLE, (_, file) => {
    const code = readFileSync(new URL(file, SAMPLES), 'utf8');
    return `<!-- sample: ${file} -->\n\n\`\`\`typescript\n${code}\`\`\``;
  });

/** The files that a page shows. @param {string} text @returns {string[]} */
export const samplesIn = (text) => Array.from(text.matchAll(SAMPLE), ([, file]) => file);

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const page of readdirSync(new URL('.', import.meta.url))) {
    if (!page.startsWith('migrating-from-')) continue;
    const url = new URL(page, import.meta.url);
    writeFileSync(url, withSamples(readFileSync(url, 'utf8')));
  }
}
