/**
 * Checks that a transport keeps the contract. Imports no test runner.
 *
 * @packageDocumentation
 */
export { transportConformance } from './conformance/suite.ts'
export type { TransportConformanceOptions, TransportPair } from './conformance/options.ts'
