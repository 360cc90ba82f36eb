/** Opossum comes without types; the facade has the same interface. */
declare module 'opossum' {
  import { CircuitBreaker } from '@nestcms/circuit-breaker/opossum';

  export default CircuitBreaker;
}
