// @ts-check
/**
 * Runs mongodb-memory-server's download in a process that can be killed.
 * Arguments: `locate` or `download`, then the directory. Answers with one message to its parent.
 */
const [task, downloadDir] = process.argv.slice(2);

/** @param {{ path?: string | undefined, reason?: string }} message */
const answer = (message) => process.send?.(message, undefined, {}, () => process.disconnect?.());

// Dies with its parent, like everything else here.
process.on('disconnect', () => process.exit());

try {
  const { DryMongoBinary } = await import('mongodb-memory-server-core/lib/util/DryMongoBinary.js');
  const { MongoBinary } = await import('mongodb-memory-server-core/lib/util/MongoBinary.js');
  const options = await DryMongoBinary.generateOptions({ downloadDir: String(downloadDir) });
  if (task === 'locate') answer({ path: await DryMongoBinary.locateBinary(options) });
  else answer({ path: await MongoBinary.getPath(options) });
} catch (error) {
  const text = error instanceof Error ? error.message : String(error);
  answer({ reason: text.replaceAll('\n', ' ').slice(0, 300) });
}
