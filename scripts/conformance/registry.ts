import type { Checker } from './checker.ts'
import { deliveryCaptures } from './delivery-captures.ts'
import { sdsVectors } from './sds.ts'

/** Every kind of vector file that is understood. */
export const checkers: readonly Checker[] = [sdsVectors, deliveryCaptures]
