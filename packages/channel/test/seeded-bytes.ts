import { seededRandom } from '@reliable-channels/simulator'

/** The random bytes that a channel of that name draws, the same each time. */
export function seededBytes(seed: number, name: string): (length: number) => Uint8Array {
  const random = seededRandom(seed, name)
  return (length) => Uint8Array.from({ length }, () => Math.floor(random() * 256))
}
