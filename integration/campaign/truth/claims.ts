import type { Judged } from './judged.ts'
import type { Memory } from './memory.ts'

/** Somebody was named to have a message. */
export interface Claim {
  readonly id: string
  readonly by: string
  /** Of the process that was told. */
  readonly life: number
  readonly to: string
  readonly memory: Memory
  /** Of who was told. */
  readonly byMemory: Memory
  readonly atMs: number
}

/** Who was named to have what. */
export class Claims {
  readonly #all: Claim[] = []

  all(): readonly Claim[] {
    return this.#all
  }

  add({ name: by, lives: life, memory: byMemory }: Judged, id: string, to: Judged, atMs: number): void {
    this.#all.push({ id, by, life, to: to.name, memory: to.memory, byMemory, atMs })
  }

  withdraw(id: string, by: string, to: string): void {
    const stays = this.#all.filter((claim) => claim.id !== id || claim.by !== by || claim.to !== to)
    this.#all.splice(0, this.#all.length, ...stays)
  }
}
