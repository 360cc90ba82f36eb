import { libraryBuild } from '../../tsup.shared.js';

export default libraryBuild({
  index: 'src/index.ts',
  redis: 'src/stores/redis/index.ts',
  diagnostics: 'src/adapters/diagnostics/index.ts',
  nestjs: 'src/adapters/nestjs/index.ts',
  opentelemetry: 'src/adapters/opentelemetry/index.ts',
  prometheus: 'src/adapters/prometheus/index.ts',
  testing: 'src/testing/index.ts',
});
