import type { Checker } from './checker.ts'
import { deliveryCaptures } from './delivery-captures.ts'
import { leopardVectors } from './leopard.ts'
import { sdsVectors } from './sds/sds-vectors.ts'
import { segmentVectors } from './segments.ts'

/** Every kind of vector file that is understood. */
export const checkers: readonly Checker[] = [sdsVectors, segmentVectors, leopardVectors, deliveryCaptures]
