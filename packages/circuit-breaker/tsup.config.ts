import { libraryBuild } from '../../tsup.shared.js';

export default libraryBuild({
  index: 'src/index.ts',
  diagnostics: 'src/adapters/diagnostics/index.ts',
  fetch: 'src/adapters/fetch/index.ts',
  nestjs: 'src/adapters/nestjs/index.ts',
  opentelemetry: 'src/adapters/opentelemetry/index.ts',
  opossum: 'src/adapters/opossum/index.ts',
  prometheus: 'src/adapters/prometheus/index.ts',
  simulate: 'src/simulate/index.ts',
  testing: 'src/testing/index.ts',
  undici: 'src/adapters/undici/index.ts',
});
