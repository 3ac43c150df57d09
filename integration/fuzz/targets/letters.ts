import { MalformedBytes } from '@reliable-channels/wire'
import { decodeLetter, encodeLetter } from '../../../packages/messages/src/letter.ts'
import { type FuzzTarget, hold, refusable } from '../target.ts'

const value = new TextEncoder().encode('{"text":"hello"}')

export const letterTargets: readonly FuzzTarget[] = [
  {
    name: 'letter',
    weight: 10,
    roundInputs: 10_000,
    perByte: 16,
    besides: 8_192,
    seeds: () => [
      encodeLetter({ sentAt: 1_795_000_000_000, value, read: [] }),
      encodeLetter({ sentAt: 1_795_000_000_000, value: undefined, read: ['a'.repeat(64), 'b'.repeat(64)] }),
      encodeLetter({ sentAt: 0, value, read: ['a'] }),
    ],
    open: () => ({
      take(input) {
        const letter = refusable(() => decodeLetter(input), MalformedBytes)
        if (letter === undefined) return undefined
        const again = decodeLetter(encodeLetter(letter))
        hold(
          again.sentAt === letter.sentAt && again.read.length === letter.read.length,
          'written again, it is another',
        )
        hold(!Number.isNaN(new Date(letter.sentAt).getTime()), 'its time is none')
        return letter
      },
    }),
  },
]
