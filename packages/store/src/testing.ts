/**
 * Checks that a store keeps the contract. Imports no test runner.
 *
 * @packageDocumentation
 */
export type { StoreConformanceOptions, StoreMedium } from './conformance/options.ts'
export { storeConformance } from './conformance/suite.ts'
