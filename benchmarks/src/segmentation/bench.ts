import type { Bench, Row } from '../document.ts'
import { keccakRows } from './keccak.ts'
import { leopardRows } from './leopard.ts'
import { pipelineRows } from './pipeline.ts'

async function* run(): AsyncGenerator<Row> {
  yield* leopardRows()
  yield* keccakRows()
  yield* pipelineRows()
}

/** Parity, hashes, and payloads to segments and back. */
export const bench: Bench = {
  about: 'Leopard, Keccak-256 and segmentation against npm libraries of the same kind, bound by memcpy',
  run,
}
