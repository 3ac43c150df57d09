/** FNV-1a over the UTF-16 units of a name, mixed so that similar names differ in all bits. */
function hashName(name: string): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < name.length; i++) hash = Math.imul(hash ^ name.charCodeAt(i), 0x01000193)
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return hash ^ (hash >>> 16)
}

/** Numbers in [0, 1) that depend on the four words alone (Doty-Humphrey's sfc32). */
export function randomStream(a: number, b: number, c: number, counter: number): () => number {
  const next = (): number => {
    const sum = (a + b + counter) | 0
    counter = (counter + 1) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = ((c << 21) | (c >>> 11)) + sum
    return (sum >>> 0) / 2 ** 32
  }
  for (let i = 0; i < 12; i++) next()
  return next
}

/** Words of names, computed once for each. */
export function createNameWords(): (name: string) => number {
  const words = new Map<string, number>()
  return (name) => {
    let word = words.get(name)
    if (word === undefined) words.set(name, (word = hashName(name)))
    return word
  }
}

/**
 * A stream of numbers in [0, 1) that depends on `seed` and `name` alone, for whatever wants randomness in a simulation.
 *
 * @example
 * const random = seededRandom(42, 'alice')
 */
export function seededRandom(seed: number, name = ''): () => number {
  return randomStream(seed | 0, hashName(name), Math.floor(seed / 2 ** 32) | 0, 1)
}
