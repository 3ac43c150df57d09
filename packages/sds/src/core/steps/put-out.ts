import type { TrafficFrame } from '../input.ts'
import type { SdsState } from '../state.ts'

const NOT_YET = new Uint8Array(0)

/**
 * Puts own traffic out: encoded, or to be encoded when it leaves.
 *
 * @param encode Makes the message as it is now, and notes that it was made; `undefined` when there is no need of it.
 * @param isWanted Whether there is still need of it; changes nothing.
 */
export function putOut(
  state: SdsState,
  frame: Omit<TrafficFrame, 'payload' | 'wanted'>,
  encode: () => Uint8Array<ArrayBuffer> | undefined,
  isWanted: (now: number) => boolean,
): void {
  if (state.settings.encoding === 'at-release') {
    state.outputs.put({ type: 'traffic', frame: { ...frame, payload: NOT_YET, wanted: isWanted } })
    return
  }
  const payload = encode()
  if (payload !== undefined) state.outputs.put({ type: 'traffic', frame: { ...frame, payload } })
}
