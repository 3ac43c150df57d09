import { type Cipher, xchacha } from '@reliable-channels/encryption'
import { memoryStore } from '@reliable-channels/store'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { type MemberOptions, encode, setUp } from '../../test/restarting.ts'

const SECRET = 'attack at dawn'
const key = Uint8Array.from({ length: 32 }, (_, i) => 0xa0 + i)

/** The ways in which a key may be written. */
const written = [
  Buffer.from(key).toString('hex'),
  Buffer.from(key).toString('base64'),
  [...key.subarray(0, 8)].join(','),
  [...key.subarray(0, 8)].join(', '),
]

/** All texts in what was told, errors and what caused them included. */
function textsIn(told: unknown, seen = new Set()): string[] {
  if (typeof told === 'string') return [told]
  if (typeof told !== 'object' || told === null || told instanceof Uint8Array || seen.has(told)) return []
  seen.add(told)
  const own = told instanceof Error ? [told.message, told.stack ?? ''] : []
  return [...own, ...Object.values(told).flatMap((value) => textsIn(value, seen))]
}

const METHODS = ['log', 'info', 'warn', 'error', 'debug', 'trace'] as const
const logged: unknown[][] = []
beforeEach(() => {
  for (const method of METHODS)
    vi.spyOn(console, method).mockImplementation((...args) => void logged.push(args))
})
afterEach(() => void vi.restoreAllMocks())

it('neither keys nor what is said are logged, or stand in an error or an event, whatever goes wrong', async () => {
  const { open, pass } = setUp()
  const right = xchacha({ key })
  const broken: Cipher = { ...right, seal: () => Promise.reject(new Error('the token is gone')) }
  const members: Record<string, MemberOptions> = {
    alice: { cipher: right },
    bob: { cipher: xchacha({ key: new Uint8Array(32).fill(1) }) },
    carol: { cipher: broken },
    dave: {},
    erin: { cipher: right, placement: 'content' },
  }
  const told: unknown[] = []
  for (const [senderId, options] of Object.entries(members)) {
    const { channel } = await open(senderId, memoryStore(), { ...options, maxOpenRequests: 1 })
    channel.events$.subscribe((event) => event.type !== 'reliable:message:received' && told.push(event))
    const sent = channel.send(encode(SECRET))
    sent.delivered().catch((error: unknown) => told.push(error))
    for (const wrong of [SECRET, { text: SECRET }, encode(SECRET)])
      try {
        channel.send(wrong as Uint8Array)
      } catch (error) {
        told.push(error)
      }
  }
  for (const wrong of [key.subarray(1), Buffer.from(key).toString('hex')])
    try {
      xchacha({ key: wrong as Uint8Array })
    } catch (error) {
      told.push(error)
    }
  await pass(60_000)
  const texts = textsIn(told)
  expect(texts.filter((text) => text.includes('failed')).length).toBeGreaterThan(5)
  expect(texts.filter((text) => [SECRET, ...written].some((secret) => text.includes(secret)))).toEqual([])
  expect(logged).toEqual([])
})
