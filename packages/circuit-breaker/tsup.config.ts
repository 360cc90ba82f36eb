import { libraryBuild } from '../../tsup.shared.js';

export default libraryBuild({
  index: 'src/index.ts',
  diagnostics: 'src/adapters/diagnostics/index.ts',
  opentelemetry: 'src/adapters/opentelemetry/index.ts',
  opossum: 'src/adapters/opossum/index.ts',
  prometheus: 'src/adapters/prometheus/index.ts',
  simulate: 'src/simulate/index.ts',
  testing: 'src/testing/index.ts',
});
