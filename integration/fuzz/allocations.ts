const NAMES = [
  'ArrayBuffer',
  'Uint8Array',
  'Uint16Array',
  'Uint32Array',
  'BigUint64Array',
  'Float64Array',
] as const

/** Counts the bytes of arrays that are made while it runs: what an input makes a decoder allocate is to be bounded by its length. */
export interface AllocationMeter {
  /** Bytes since the last call. */
  take(): number
  /** From now on nothing is counted. */
  stop(): void
}

/** Puts itself in the place of the platform's constructors of arrays. */
export function measureAllocations(): AllocationMeter {
  let bytes = 0
  const before = NAMES.map((name) => [name, globalThis[name]] as const)
  const counted = (of: (typeof NAMES)[number]): object =>
    new Proxy(globalThis[of], {
      construct(target, args: [unknown?], newTarget) {
        const made = Reflect.construct(target, args, newTarget) as { byteLength: number }
        // A view of what is there takes no memory.
        if (!(args[0] instanceof ArrayBufferOf)) bytes += made.byteLength
        return made
      },
    })
  const ArrayBufferOf = globalThis.ArrayBuffer
  for (const [name] of before) Object.assign(globalThis, { [name]: counted(name) })
  return {
    take() {
      const taken = bytes
      bytes = 0
      return taken
    },
    stop() {
      for (const [name, constructor] of before) Object.assign(globalThis, { [name]: constructor })
    },
  }
}
