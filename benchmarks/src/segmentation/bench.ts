import type { Bench, Judged } from '../document.ts'
import { keccakRows } from './keccak.ts'
import { leopardRows } from './leopard.ts'

async function* run(): AsyncGenerator<Judged> {
  yield* leopardRows()
  yield* keccakRows()
}

/** Parity and hashes. */
export const bench: Bench = {
  about: 'Leopard and Keccak-256 against npm libraries of the same kind, bound by memcpy',
  run,
}
