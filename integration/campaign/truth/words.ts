import type { SdsMessage } from '@reliable-channels/sds/core'
import type { Memory } from './memory.ts'

/** What a member has said. */
interface Said {
  /** Its latest timestamp before its memory began, which it need not know. */
  before: bigint
  latest: bigint
  memory: Memory
  /** Sync messages since all is well, and since its memory began. */
  syncs: { readonly atMs: number; readonly lamport: bigint }[]
}

/** So much later another sync message shows what is lost, whatever was out of order. */
const OUT_OF_ORDER_MS = 10_000
/** And so long where its timestamps are behind, because its clock was set back. */
const BEHIND_MS = 600_000
/** Messages that are looked for in each sync message. */
const IN_TURN = 16

/** What members say: whether it shows others what they have lost. */
export class Words {
  readonly #said = new Map<string, Said>()
  #isWell = false

  /** From now on nothing is in anybody's way. */
  calm(): void {
    this.#isWell = true
  }

  hear(
    { senderId, lamport, content, bloomFilter }: SdsMessage,
    memory: Memory | undefined,
    now: number,
  ): void {
    // What others repair has no filter.
    if (memory === undefined || lamport === undefined || bloomFilter === undefined) return
    const said = this.#said.get(senderId) ?? { before: -1n, latest: -1n, memory, syncs: [] }
    this.#said.set(senderId, said)
    if (said.memory !== memory) Object.assign(said, { before: said.latest, memory, syncs: [] })
    const at = BigInt(lamport)
    if (at > said.latest) said.latest = at
    if (this.#isWell && (content?.length ?? 0) === 0) said.syncs.push({ atMs: now, lamport: at })
  }

  /** Whether a member has said, since all is well, all that shows somebody what it has lost of his `count` messages. */
  hasShown({ name, memory }: { readonly name: string; readonly memory: Memory }, count: number): boolean {
    const { syncs, before, memory: spokenWith } = this.#said.get(name) ?? { syncs: [], before: 0n }
    if (spokenWith !== memory || syncs.length < 3 + count / IN_TURN) return false
    const takesMs = syncs.at(-1)!.atMs - syncs[0]!.atMs
    return takesMs > (syncs[0]!.lamport > before ? OUT_OF_ORDER_MS : 2 * BEHIND_MS)
  }
}
