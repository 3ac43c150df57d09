const POOL_BYTES = 4096

let pool = new Uint8Array()
let used = 0

/** Random bytes by the platform, asked for in bulk: each call of it costs as much as some hundred bytes. */
export function cryptoBytes(length: number): Uint8Array<ArrayBuffer> {
  if (length > POOL_BYTES / 16) return crypto.getRandomValues(new Uint8Array(length))
  if (used + length > pool.length) {
    pool = crypto.getRandomValues(new Uint8Array(POOL_BYTES))
    used = 0
  }
  used += length
  return pool.slice(used - length, used)
}
