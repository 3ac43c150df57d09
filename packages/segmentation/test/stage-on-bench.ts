import type { Entry } from '@reliable-channels/store'
import {
  type DroppedEvent,
  type ReassemblyFrame,
  type ReassemblyInput,
  type ReassemblyStageOptions,
  type ReassemblyOutput,
  type ReassemblyStage,
  type RebuiltEvent,
  type SegmenterOptions,
  createReassemblyStage,
  segmentPayload,
} from '../src/core.ts'

/** A reassembly stage with a clock of its own and what it has stored. */
export class StageOnBench {
  now = 1_000_000
  readonly outputs: ReassemblyOutput[] = []
  readonly stored: Map<string, Uint8Array> = new Map()
  readonly options: ReassemblyStageOptions
  stage: ReassemblyStage
  /** Called after each step. */
  onStep: () => void = () => {}

  constructor(options: ReassemblyStageOptions = {}) {
    this.options = options
    this.stage = createReassemblyStage(options)
  }

  /** Hands in segments, and returns what came out. */
  feed(...payloads: readonly (Uint8Array | ReassemblyFrame)[]): ReassemblyOutput[] {
    return payloads.flatMap((payload) => this.input(inputOf(payload)))
  }

  /** Hands in segments, and leaves for later turns what is left. */
  begin(...payloads: readonly (Uint8Array | ReassemblyFrame)[]): ReassemblyOutput[] {
    return payloads.flatMap((payload) => this.#took(this.stage.handle(inputOf(payload), this.now)))
  }

  /** Hands in one input, and ticks as long as something is left for later turns. */
  input(input: Parameters<ReassemblyStage['handle']>[0]): ReassemblyOutput[] {
    return [...this.#took(this.stage.handle(input, this.now)), ...this.pass(0)]
  }

  /** Lets time pass, and ticks as a driver would. */
  pass(ms: number): ReassemblyOutput[] {
    const end = this.now + ms
    const outputs: ReassemblyOutput[] = []
    for (let due = this.stage.deadline(); due !== undefined && due <= end; due = this.stage.deadline()) {
      this.now = due
      outputs.push(...this.#took(this.stage.tick(due)))
    }
    this.now = end
    return [...outputs]
  }

  /** Makes the stage anew from what it stored. */
  restart(): void {
    this.stage = createReassemblyStage({ ...this.options, restore: this.entries() })
  }

  entries(): Entry[] {
    return [...this.stored].map(([key, value]) => ({ key, value }))
  }

  get messages(): Uint8Array[] {
    return messagesOf(this.outputs)
  }

  get reasons(): string[] {
    return reasonsOf(this.outputs)
  }

  #took({ outputs, changes }: ReturnType<ReassemblyStage['handle']>): ReassemblyOutput[] {
    this.onStep()
    for (const { key, value } of changes) {
      if (value === undefined) this.stored.delete(key)
      else this.stored.set(key, value)
    }
    this.outputs.push(...outputs)
    return [...outputs]
  }
}

function inputOf(payload: Uint8Array | ReassemblyFrame): ReassemblyInput {
  return { type: 'segment', frame: payload instanceof Uint8Array ? { payload } : payload }
}

/** The payloads of the messages among outputs. */
export function messagesOf(outputs: readonly ReassemblyOutput[]): Uint8Array[] {
  return outputs.flatMap((output) => (output.type === 'message' ? [output.payload] : []))
}

/** Why segments and sets were turned away. */
export function reasonsOf(outputs: readonly ReassemblyOutput[]): string[] {
  return outputs.flatMap((output) => ('reason' in output ? [output.reason] : []))
}

/** The sets that were given up. */
export function droppedOf(outputs: readonly ReassemblyOutput[]): DroppedEvent[] {
  return outputs.filter((output) => output.type === 'dropped')
}

/** The payloads that parked segments would complete. */
export function rebuiltOf(outputs: readonly ReassemblyOutput[]): RebuiltEvent[] {
  return outputs.filter((output) => output.type === 'rebuilt')
}

/** Serialized segments of 192 bytes of content, unless other options are given. */
export function split(payload: Uint8Array, options: SegmenterOptions = {}): Uint8Array[] {
  return segmentPayload(payload, { segmentSizeBytes: 320, ...options }).map((segment) => segment.payload)
}

/** Bytes that differ from those of any other seed. */
export function bytesOf(length: number, seed = 1): Uint8Array {
  let state = (seed * 2_654_435_761) >>> 0 || 1
  return Uint8Array.from({ length }, () => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return state
  })
}

/** A copy with one byte changed. */
export function corrupted(segment: Uint8Array, at: number = segment.length - 1): Uint8Array {
  return segment.with(at, segment[at]! ^ 0x55)
}
