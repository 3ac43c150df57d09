import { type Cipher, CipherError, createKeyRing, readHeader, xchacha } from '@reliable-channels/encryption'
import { equalBytes } from '@reliable-channels/wire'
import { type FuzzTarget, hold, refusable } from '../target.ts'

const CONTEXT = { channelId: 'chat', contentTopic: '/demo/1/chat/proto' }

const key = (seed: number): Uint8Array => new Uint8Array(32).fill(seed)

let nonces = 0
const randomBytes = (length: number): Uint8Array => new Uint8Array(length).fill(nonces++)
const sealer: Cipher = xchacha({ key: key(1), randomBytes })
const plaintexts = [0, 1, 15, 200, 1_500].map((length) => new Uint8Array(length).fill(7))
const frames = plaintexts.flatMap((plain) =>
  (['content', 'sync'] as const).map((kind) => sealer.seal(plain, { ...CONTEXT, kind }) as Uint8Array),
)

const opening: FuzzTarget = {
  name: 'sealed',
  weight: 6,
  roundInputs: 2_000,
  perByte: 8,
  besides: 16_384,
  seeds: () => frames,
  open() {
    const ring = createKeyRing({ keys: [key(1), key(2)] })
    const cipher = xchacha({ keyRing: ring })
    return {
      take(input) {
        readHeader(input)
        const opened = refusable(() => cipher.open(input, CONTEXT), CipherError) as Uint8Array | undefined
        const isReal = frames.some((frame) => equalBytes(frame, input))
        hold(
          (opened !== undefined) === isReal,
          isReal ? 'a real frame is refused' : 'a forged frame is opened',
        )
        return opened
      },
    }
  },
}

export const sealedTargets: readonly FuzzTarget[] = [opening]
