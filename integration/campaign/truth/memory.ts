/** A member's application remembers, as long as its store does, what came and what was accepted. */
export interface Memory {
  /** When it began. */
  readonly sinceMs: number
  /** By id, when it came. */
  readonly has: Map<string, number>
  readonly accepted: Set<string>
  readonly sent: Set<string>
  /** Messages that others need not wait for: it was told that it will not get them, or its first ones did without. */
  readonly excused: Set<string>
  /** Messages that may be from before its time. */
  readonly past: Set<string>
  /** Messages that it had, and that may come again: whether the disk had them in the end nobody knows. */
  readonly doubtful: Set<string>
}

export const newMemory = (nowMs: number): Memory => ({
  sinceMs: nowMs,
  has: new Map(),
  accepted: new Set(),
  sent: new Set(),
  excused: new Set(),
  past: new Set(),
  doubtful: new Set(),
})

/**
 * A copy without what is not in the store; a message of one's own is there once it was accepted.
 *
 * @param inDoubt Whether what is not in the store may be, because the store did not say.
 */
export const copyMemory = (memory: Memory, unsaved: ReadonlySet<string>, inDoubt = false): Memory => ({
  sinceMs: memory.sinceMs,
  has: new Map([...memory.has].filter(([id]) => !unsaved.has(id))),
  accepted: new Set(memory.accepted),
  sent: new Set([...memory.sent].filter((id) => memory.accepted.has(id))),
  excused: new Set(memory.excused),
  past: new Set(memory.past),
  doubtful: new Set([
    ...memory.doubtful,
    ...(inDoubt ? [...unsaved].filter((id) => memory.has.has(id)) : []),
  ]),
})

/** Whether a member had it, as far as anybody knows. */
export const hadIt = ({ has, doubtful }: Memory, id: string): boolean => has.has(id) || doubtful.has(id)
