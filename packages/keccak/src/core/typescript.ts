import { keccak_256 } from '@noble/hashes/sha3.js'
import { assertBytes, KeccakFinishedError, type Keccak256 } from './hasher.ts'

type NobleKeccak = ReturnType<typeof keccak_256.create>

/** Keccak-256 without WebAssembly. */
export class TypeScriptKeccak256 implements Keccak256 {
  readonly #noble: NobleKeccak
  #finished = false

  constructor(noble: NobleKeccak = keccak_256.create()) {
    this.#noble = noble
  }

  update(data: Uint8Array): this {
    this.#assertOpen()
    assertBytes(data)
    this.#noble.update(data)
    return this
  }

  digest(): Uint8Array<ArrayBuffer> {
    this.#assertOpen()
    this.#finished = true
    return Uint8Array.from(this.#noble.digest())
  }

  clone(): TypeScriptKeccak256 {
    this.#assertOpen()
    return new TypeScriptKeccak256(this.#noble.clone() as NobleKeccak)
  }

  #assertOpen(): void {
    if (this.#finished) throw new KeccakFinishedError()
  }
}
