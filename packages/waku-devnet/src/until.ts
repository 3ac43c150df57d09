import { setTimeout as sleep } from 'node:timers/promises'

const STEP_MS = 5

/** Something that a devnet was waiting for did not come about in time. */
export class DevnetTimeoutError extends Error {
  override readonly name = 'DevnetTimeoutError'
  readonly code = 'ERR_DEVNET_TIMEOUT'
}

/** Waits for a condition, looking every few milliseconds. */
export async function until(condition: () => boolean, timeoutMs: number, what: string): Promise<void> {
  const deadline = performance.now() + timeoutMs
  while (!condition()) {
    if (performance.now() > deadline) {
      throw new DevnetTimeoutError(`waited ${timeoutMs} ms for ${what}; is the machine very busy?`)
    }
    await sleep(STEP_MS)
  }
}
